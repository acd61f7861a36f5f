#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# rstp_veth.sh - a ring of two dw-switch and an Open vSwitch bridge with RSTP in its userspace datapath, joined by veth
# pairs that dw-switch opens as packet sockets: roles and root by what Open vSwitch prints, a cut, a carrier that goes.
cd "$(dirname "$0")/../.." || exit 3
words="a ring with Open vSwitch over veth"
if [ "${1:-}" != inside ]; then
  . tests/interop/lib.bash
  . tests/interop/ovs.bash
  alone=(unshare -rn)
  [ "$(id -u)" = 0 ] && alone=(unshare -n)
  if ! need_ovs "$words" || ! need "$words" ip unshare; then
    :
  elif ! "${alone[@]}" ip link add x type veth peer name y 2>/dev/null || ! [ -c /dev/net/tun ]; then
    skip "$words" "no network namespaces with veth, or no /dev/net/tun here"
  else
    "${alone[@]}" "$0" inside
    exit
  fi
  plan
  exit
fi
. tests/interop/lib.bash
. tests/interop/rstp.bash
. tests/interop/ovs.bash
need_ovs "$words" || exit
echo 1 2>/dev/null >/proc/sys/net/ipv6/conf/default/disable_ipv6 # no frames but ours
ip link set lo up
for p in a b; do
  ip link add "v$p" type veth peer name "p$p"
  ip link set "v$p" up
  ip link set "p$p" up
done

mac='"02:00:00:00:00:50"'
port() { # PORT NUMBER
  echo "-- add-port br $1 -- set port $1 other_config:rstp-port-num=$2 other_config:rstp-path-cost=20000"
}
ovs_bridge() {
  # shellcheck disable=SC2046
  vsctl add-br br -- set bridge br datapath_type=netdev fail-mode=standalone "other_config:hwaddr=$mac" \
    "other_config:rstp-address=$mac" other_config:rstp-priority=8192 other_config:rstp-max-age=6 \
    other_config:rstp-forward-delay=4 rstp_enable=true $(port pa 1) $(port pb 2)
}
check "Open vSwitch runs" ovs_up -vconsole:off
check "with a bridge of two veth ports in its userspace datapath" ovs_bridge

switch a --rstp --priority 4096 --macaddr 02:00:00:00:00:0a
switch b --rstp --priority 32768 --macaddr 02:00:00:00:00:0b
for s in a b; do
  ask $s rstp/set fwddelay=4s maxage=6s >/dev/null
  ask $s "port/add packet://v$s,cost=20000" >/dev/null # port 1
done
cable c "$tmp/a" "$tmp/b" # port 2
peer from "$BIN/dw-plug" "$tmp/a"
peer to "$BIN/dw-plug" "$tmp/b"
worst=500
check_agree "one root and one blocked port: ours, where Open vSwitch has the better way" "$D" "$D" "$A" "$R" "$R" "$D"
check "frames cross once" frames from to 200 -s 02:00:00:00:00:0a
flow "cable between ours cut" ask c cut
check "b's way by Open vSwitch opens within $worst ms; nothing comes twice" good
check_agree "and Open vSwitch is in the middle" "$D" "$X" "$R" "$X" "$R" "$D"
check "frames cross it once" frames from to 200 -s 02:00:00:00:00:0a
ask c mend >/dev/null
check_agree "mended, it is as before" "$D" "$D" "$A" "$R" "$R" "$D"

ip link set pa down # both ends see the carrier go
check_agree "a device goes down: Open vSwitch finds the root by way of b" "$X" "$D" "$D" "$R" "disabled [a-z]*" "$R"
check "frames cross once" frames from to 200 -s 02:00:00:00:00:0a
ip link set pa up
check_agree "and comes back" "$D" "$D" "$A" "$R" "$R" "$D"

vsctl set bridge br other_config:rstp-priority=0
check_agree "Open vSwitch as the root: the cable's worse end is blocked" "$R" "$D" "$R" "$A" "$D" "$D"
check "frames cross once" frames from to 200 -s 02:00:00:00:00:0a
kill -9 "$(cat "$ovs/ovs-vswitchd.pid")" # the veth pairs stay up: ours find out by silence
ours() { port_is b 2 "$R" && port_is a 2 "$D"; }
check "Open vSwitch dies, ours go on" within 20 ours
check "frames cross once" frames from to 200 -s 02:00:00:00:00:0a
plan
