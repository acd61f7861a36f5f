#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# rstp_carrier.sh - what a switch knows of a kernel's interface behind a port: carrier, speed, duplex. Two dw-switch joined
# by a veth pair and a cable: a device that goes down is acted on at once and not by age; the cost follows the speed.
cd "$(dirname "$0")/../.." || exit 3
words="spanning tree by what an interface says"
if [ "${1:-}" != inside ]; then
  . tests/interop/lib.bash
  alone=(unshare -rn)
  [ "$(id -u)" = 0 ] && alone=(unshare -n)
  if ! need "$words" ip unshare; then
    :
  elif ! "${alone[@]}" ip link add x type veth peer name y 2>/dev/null; then
    skip "$words" "no network namespaces with veth here"
  else
    "${alone[@]}" "$0" inside
    exit
  fi
  plan
  exit
fi
. tests/interop/lib.bash
. tests/interop/rstp.bash
echo 1 2>/dev/null >/proc/sys/net/ipv6/conf/default/disable_ipv6 # no frames but ours
ip link add va type veth peer name vb
ip link set vb up # and va later

row() { json "$1" rstp/print | grep -o "{\"port\":$2,[^{}]*" | grep -q "$3"; } # SWITCH PORT PATTERN
told() { within 10 row "$@" || { show a b; false; }; }
link_cost() { told "$1" "$2" "\"cost\":$3,.*\"p2p\":$4"; } # SWITCH PORT COST P2P

switch a --rstp --priority 4096 --macaddr 02:00:00:00:00:0a
switch b --rstp --priority 32768 --macaddr 02:00:00:00:00:0b
check "a port on an interface that is down" ask a port/add packet://va,name=veth
ask b port/add packet://vb >/dev/null
cable c "$tmp/a" "$tmp/b" # port 2
peer from "$BIN/dw-plug" "$tmp/a"
peer to "$BIN/dw-plug" "$tmp/b"
within 20 port_is b 3 "$D"
check "it has no link, nor has the other end" eval 'told a 1 "\"role\":\"disabled\"" && told b 1 "\"role\":\"disabled\""'
check "the cable has no speed: it counts as 1 Gbit/s" link_cost b 2 20000 true

ip link set va up
check "it comes up: 10 Gbit/s, full duplex" eval 'link_cost a 1 2000 true && link_cost b 1 2000 true'
check "so it is the way to the root" eval 'within 20 port_is b 1 "$R" && within 5 port_is b 2 "$A"'
for end in va vb; do
  FLOW_FRAMES=1000 flow "$end goes down" ip link set $end down
  check "by the cable within 500 ms, not by age; nothing comes twice" good 500
  check "both ends have seen it" eval 'port_is a 1 "$X" && port_is b 1 "$X" && port_is b 2 "$R"'
  ip link set $end up
  check "it comes back, and all is as before" eval 'within 20 port_is b 1 "$R" && within 5 port_is b 2 "$A"'
done

gone() { ! ask a port/print 11 | grep -q packet:; }
several="a bridge of the kernel may lead to several: shared"
if ip link add br0 type bridge 2>/dev/null; then
  ip link add v1 type veth peer name v2
  ip link set v1 master br0
  for i in v1 v2 br0; do ip link set $i up; done
  check "$several" eval 'ask a port/add packet://br0 11 >/dev/null && told a 11 "\"role\":\"designated\".*\"p2p\":false"'
  ip link del br0
  check "an interface that is removed is unplugged" within 10 gone
else
  skip "$several" "this kernel has no bridge"
fi
if "$BIN/dw-plug" --list | grep -q pcap://; then
  ip link add vc type veth peer name vd
  ip link set vc up
  ip link set vd up
  check "the same by libpcap" eval 'ask a port/add pcap://vc 12 >/dev/null && link_cost a 12 2000 true'
  ip link set vd down
  check "which sees a carrier go" told a 12 '"role":"disabled"'
else
  skip "the same by libpcap" "built without libpcap"
fi
plan
