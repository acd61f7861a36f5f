#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# vlan_ovs.sh - Open vSwitch (dummy devices, its clock stopped) at the other end of a trunk: access, trunk, native VLANs
# and 802.1ad tunnels between its ports and ours. Who hears what is checked at every station, the tags in between by
# tshark on a capture of the trunk.
cd "$(dirname "$0")/../.." || exit 3
. tests/interop/lib.bash
. tests/interop/ovs.bash
if ! need_ovs "a trunk to Open vSwitch" || ! need "a trunk to Open vSwitch" tshark; then
  plan
  exit
fi
check "Open vSwitch runs" ovs_up

# ---- its ports: a trunk and five stations; ours the same ----
dummy() { echo "-- add-port br $1 -- set interface $1 type=dummy options:pstream=punix:$tmp/$1.sock"; }
ovs_bridge() {
  # shellcheck disable=SC2046
  vsctl set Open_vSwitch . other_config:vlan-limit=2 -- add-br br -- set bridge br datapath_type=dummy fail-mode=standalone \
    $(dummy trunk) $(dummy o10) $(dummy o20) $(dummy oq) -- set port o10 tag=10 -- set port o20 tag=20 \
    -- set port oq vlan_mode=dot1q-tunnel tag=100 other_config:qinq-ethtype=802.1ad &&
    appctl time/stop && appctl netdev-dummy/set-admin-state up
}
check "with a bridge of four dummy ports and its clock stopped" ovs_bridge
switch s -n 9 --plug "stream+unix://$tmp/trunk.sock,framing=2,name=trunk"
ask s port/set 2 vlan=10 >/dev/null
ask s port/set 3 vlan=20 >/dev/null
ask s port/set 4 mode=dot1q-tunnel pvid=100 >/dev/null
for station in s10:2 s20:3 sq:4; do peer ${station%:*} "$BIN/dw-plug" "$tmp/s,port=${station#*:}"; done
for station in o10 o20 oq; do peer $station "$BIN/dw-plug" "stream+unix://$tmp/$station.sock,framing=2"; done
check "all stations are there" within 20 has_endpoints s 4

both() { # MODE OF OUR PORT | MODE OF THE PEER'S
  ask s port/set trunk "$1" >/dev/null && vsctl clear port trunk tag trunks -- set port trunk $2
}
# carry FROM TO LENGTH [framegen option...]: five frames come over, each LENGTH bytes long there.
carry() {
  local from=$1 to=$2 len=$3
  shift 3
  first=$((first + 1000))
  "$TOOLS/framegen" -n 5 -f "$first" -p 100 -s "02:00:00:00:00:$(printf %02x $((first / 1000)))" "$@" >"$tmp/$from.in" &
  "$TOOLS/frameck" -n 5 -f "$first" -l "$len" -T 20 <"$tmp/$to.out" >"$tmp/heard" && wait $!
}
# Both ways in VLANs 10 and 20; the last of each way also shows that nothing of the other VLAN had come before.
vlans_apart() {
  carry s10 o10 100 && carry s20 o20 100 && grep -q ' other=0 ' "$tmp/heard" &&
    carry o10 s10 100 && carry o20 s20 100 && grep -q ' other=0 ' "$tmp/heard"
}
# record COMMAND...: what crosses the trunk meanwhile is in $tmp/trunk.pcapng.
record() {
  ask s capture/start trunk "$tmp/trunk.pcapng" >/dev/null || return 1
  "$@"
  local code=$?
  ask s capture/stop all >/dev/null && return $code
}
on_wire() { # COUNT FILTER...: so many frames of the record are like that, and none is malformed
  local want=$1 got
  shift
  got=$(tshark -r "$tmp/trunk.pcapng" -Y "($*) && !_ws.malformed" 2>/dev/null | wc -l)
  [ "$got" = "$want" ] || { echo "$got, not $want: $*"; tshark -r "$tmp/trunk.pcapng" -T fields -e frame.number -e vlan.id -e ieee8021ad.id; return 1; }
}

check "the trunk is set on both sides" both trunk=10,20 "vlan_mode=trunk trunks=10,20"
check "trunk: VLANs 10 and 20 cross, each to its own" record vlans_apart
check "both of them tagged" on_wire 20 vlan
check "ten frames in VLAN 10" on_wire 10 "vlan.id == 10"

both trunk=20 "vlan_mode=trunk trunks=10,20"
counter_of() { ask s json port/stats "$1" | grep -o "\"$2\":[0-9]*" | head -1 | cut -d: -f2; }
five_refused() { [ "$(counter_of trunk vlan-ingress)" = 5 ]; }
stays_out() { # what s10 says goes nowhere: our port is not in its VLAN; what the peer says is dropped as it comes in
  "$TOOLS/framegen" -n 5 -f 1 -s 02:00:00:00:01:10 >"$tmp/s10.in"
  "$TOOLS/framegen" -n 5 -f 1 -s 02:00:00:00:01:11 >"$tmp/o10.in"
  carry s20 o20 100 && carry o20 s20 100 && within 20 five_refused
}
check "a VLAN that our trunk does not carry stays out: five frames are dropped by name" stays_out
both trunk=10,20 "vlan_mode=trunk trunks=10,20"
check "and is let in again" carry o10 s10 100

check "native-untagged on both sides" both "mode=native-untagged pvid=10 allow=20" "vlan_mode=native-untagged tag=10 trunks=20"
check "native-untagged: both VLANs cross" record vlans_apart
check "VLAN 10 without a tag" on_wire 10 "!vlan"
check "VLAN 20 with one" on_wire 10 "vlan.id == 20"

check "native-tagged on both sides" both "mode=native-tagged pvid=10 allow=20" "vlan_mode=native-tagged tag=10 trunks=20"
check "native-tagged: both VLANs cross" record vlans_apart
check "both of them tagged" on_wire 10 "vlan.id == 10"

# 802.1ad: what customers send, tagged or not, crosses under the provider's VLAN 100 and comes out as it went in.
check "a trunk of the provider's VLAN" both trunk=100 "vlan_mode=trunk trunks=100"
customers() {
  carry sq oq 100 && carry oq sq 100 && carry sq oq 104 -l 104 -t 10 && carry oq sq 104 -l 104 -t 10 &&
    carry sq oq 104 -l 104 -t 20
}
check "dot1q-tunnel: customers' frames cross both ways, their own tags and all" record customers
check "under S-tags of VLAN 100" on_wire 25 "ieee8021ad.id == 100 || vlan.id == 100"
check "with the TPID of 802.1ad" on_wire 25 "eth.type == 0x88a8"
check "the customers' VLAN 10 inside" on_wire 10 "vlan.id == 10"
tunnels_apart() { # nobody else heard any of it
  both trunk=10,20,100 "vlan_mode=trunk trunks=10,20,100" && vlans_apart
}
check "and no other VLAN heard of it" tunnels_apart

# ---- its clock is ours ----
carry o10 s10 100
station=02:00:00:00:00:$(printf %02x $((first / 1000)))
learned() { appctl fdb/show br | grep -q "$station"; }
aged() { ! learned; }
check "Open vSwitch has learned a station" within 20 learned
appctl time/warp 310000 1000 >/dev/null
check "310 of its seconds later, it has forgotten it" within 20 aged
check "and frames still cross" vlans_apart
conserves() { ask s json switch/stats | grep -q '"conserves":true'; }
check "what was counted adds up" conserves
plan
