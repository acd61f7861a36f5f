#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# rstp_ovs.sh - a ring of two dw-switch and an Open vSwitch bridge with RSTP: dummy devices joined by stream+unix://,
# so no privileges and no kernel. All agree on the root and on every role, by what Open vSwitch prints itself;
# the ring survives cuts, also those it must find out by silence. No system service is touched.
cd "$(dirname "$0")/../.." || exit 3
. tests/interop/lib.bash
. tests/interop/rstp.bash
. tests/interop/ovs.bash
if ! need_ovs "mixed rings with Open vSwitch"; then
  plan
  exit
fi

dummy() { # PORT NUMBER: arguments of ovs-vsctl for a port that waits for a stream
  echo "-- add-port br $1 -- set interface $1 type=dummy options:pstream=punix:$tmp/$1.sock \
    -- set port $1 other_config:rstp-port-num=$2 other_config:rstp-path-cost=20000"
}
mac='"02:00:00:00:00:50"'
ovs_bridge() {
  # shellcheck disable=SC2046
  vsctl add-br br -- set bridge br datapath_type=dummy fail-mode=standalone "other_config:hwaddr=$mac" \
    "other_config:rstp-address=$mac" other_config:rstp-priority=8192 other_config:rstp-max-age=6 \
    other_config:rstp-forward-delay=4 rstp_enable=true $(dummy pa 1) $(dummy pb 2) && appctl netdev-dummy/set-admin-state up
}
check "Open vSwitch runs" ovs_up
check "with a bridge of two dummy ports" ovs_bridge

# ---- the ring ----
switch a --rstp --priority 4096 --macaddr 02:00:00:00:00:0a
switch b --rstp --priority 32768 --macaddr 02:00:00:00:00:0b
for s in a b; do
  ask $s rstp/set fwddelay=4s maxage=6s >/dev/null
  cable "$s-ovs" "$tmp/$s" "stream+unix://$tmp/p$s.sock,framing=2" # port 1
done
cable c "$tmp/a" "$tmp/b" # port 2
peer from "$BIN/dw-plug" "$tmp/a"
peer to "$BIN/dw-plug" "$tmp/b"
worst=500
check_agree "one root and one blocked port: ours, where Open vSwitch has the better way" "$D" "$D" "$A" "$R" "$R" "$D"
speaks_rstp() { ! ask a rstp/print | grep -q ' stp$'; }
check "all speak RSTP" speaks_rstp
check "frames cross once" frames from to 200 -s 02:00:00:00:00:0a

flow "cable between ours cut" ask c cut
check "b's way by Open vSwitch opens within $worst ms; nothing comes twice" good
check_agree "and Open vSwitch is in the middle" "$D" "$X" "$R" "$X" "$R" "$D"
check "frames cross it once" frames from to 200 -s 02:00:00:00:00:0a
flow "mended" ask c mend
check "the mend costs no more" good
check_agree "mended, it is as before" "$D" "$D" "$A" "$R" "$R" "$D"

# A dummy device never loses its carrier: Open vSwitch finds out by three hellos of silence.
ask a-ovs cut >/dev/null
check_agree "Open vSwitch finds the root by way of b" "$X" "$D" "$D" "$R" "$D" "$R"
ask a-ovs mend >/dev/null
check_agree "and back" "$D" "$D" "$A" "$R" "$R" "$D"

appctl netdev-dummy/set-admin-state pb down >/dev/null # silence for b, a link lost for Open vSwitch
check_agree "its port goes down: b takes over the link that it hears nothing on" "$D" "$D" "$D" "$R" "$R" "disabled [a-z]*"
appctl netdev-dummy/set-admin-state pb up >/dev/null
check_agree "and gives it back" "$D" "$D" "$A" "$R" "$R" "$D"

# ---- other roots, other versions ----
vsctl set bridge br other_config:rstp-priority=0
check_agree "Open vSwitch as the root: the cable's worse end is blocked" "$R" "$D" "$R" "$A" "$D" "$D"
check "frames cross once" frames from to 200 -s 02:00:00:00:00:0a
ask a rstp/set priority=0 >/dev/null # 02:..:0a is the lower address
check_agree "a as the root again, by its address" "$D" "$D" "$A" "$R" "$R" "$D"
# Open vSwitch begins anew then, with the default priority until it is set again: b has the better bridge.
vsctl set bridge br other_config:rstp-force-protocol-version=0
slow() { ask a rstp/print | grep -q '^ *1 .* stp$' && ask b rstp/print | grep -q '^ *1 .* stp$'; }
check "told to speak STP, Open vSwitch is answered in STP" within 20 slow
check_agree "and the tree is whole" "$D" "$D" "$D" "$R" "$R" "$A"
vsctl set bridge br other_config:rstp-force-protocol-version=2
for s in a b; do ask $s rstp/mcheck 1 >/dev/null; done
check "back at RSTP, rstp/mcheck brings ours back" within 20 speaks_rstp
check_agree "with the same tree" "$D" "$D" "$D" "$R" "$R" "$A"

kill -9 "$(cat "$ovs/ovs-vswitchd.pid")"
ours() { port_is b 2 "$R" && port_is a 2 "$D" && has_port a "$X" && has_port b "$X"; }
check "Open vSwitch dies, ours go on" within 20 ours
check "frames cross once" frames from to 200 -s 02:00:00:00:00:0a
plan
