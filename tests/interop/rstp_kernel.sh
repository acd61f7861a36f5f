#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# rstp_kernel.sh - a ring of two dw-switch and the bridge of the Linux kernel, which speaks STP only and drops
# RST BPDUs: ours fall back on its ports, all agree on the root, and the ring survives every cut. Everything happens
# in namespaces of the test's own.
cd "$(dirname "$0")/../.." || exit 3
if [ "${1:-}" != inside ]; then
  . tests/interop/lib.bash
  words="mixed rings with the kernel's bridge"
  alone=(unshare -rnm)
  [ "$(id -u)" = 0 ] && alone=(unshare -nm)
  probe='ip link add br0 type bridge stp_state 1 && mount -t sysfs none /sys && test -e /sys/class/net/br0/bridge/root_id'
  if ! need "$words" ip bridge unshare; then
    :
  elif ! "${alone[@]}" true 2>/dev/null || ! [ -c /dev/net/tun ]; then
    skip "$words" "no network namespaces or no /dev/net/tun here"
  elif ! "${alone[@]}" sh -c "$probe" 2>/dev/null; then
    skip "$words" "no kernel bridge in a network namespace here"
  else
    "${alone[@]}" "$0" inside
    exit
  fi
  plan
  exit
fi
mount -t sysfs none /sys || exit 3
. tests/interop/lib.bash
. tests/interop/rstp.bash

# Short times: the root's count everywhere, and a is the root.
sys=/sys/class/net/br0
switch a --rstp --priority 4096 --macaddr 02:00:00:00:00:0a
switch b --rstp --priority 32768 --macaddr 02:00:00:00:00:0b
for s in a b; do
  ask $s rstp/set fwddelay=4s maxage=6s >/dev/null
  ask $s "port/add tap://p$s,cost=20000" >/dev/null # port 1; taps say 10 Gbit/s, so costs are set by hand
done
ip link add br0 address 02:00:00:00:00:50 type bridge stp_state 0 mcast_snooping 0 priority 8192
for p in pa pb; do
  ip link set $p master br0 up
  bridge link set dev $p cost 20000
done
ip link set br0 type bridge hello_time 200 max_age 600 forward_delay 400 stp_state 1
ip link set br0 up
cable c "$tmp/a" "$tmp/b" # port 2 on both, of 1 Gbit/s: cost 20000
peer from "$BIN/dw-plug" "$tmp/a"
peer to "$BIN/dw-plug" "$tmp/b"

state() { # PORT: as the kernel says it (BR_STATE_*)
  local words=(disabled discarding learning forwarding discarding) # listening is discarding, 802.1D-2004 17.7
  echo "${words[$(cat $sys/brif/"$1"/state)]}"
}
role() { # PORT: the root port, its own designated port, or blocked
  if [ "$(cat $sys/bridge/root_port)" = "$(($(cat $sys/brif/"$1"/port_no)))" ]; then
    echo root
  elif [ "$(cat $sys/brif/"$1"/designated_bridge)" = "$(cat $sys/bridge/bridge_id)" ]; then
    echo designated
  else
    echo alternate
  fi
}
peer_is() { [ "$(role "$1") $(state "$1")" = "$2" ]; }
peer_root() { # as dw-switch writes it
  sed -E 's/^([0-9a-f]{4})\.(..)(..)(..)(..)(..)(..)$/\1 \2:\3:\4:\5:\6:\7/' $sys/bridge/root_id |
    while read -r prio mac; do echo "$((16#$prio)).$mac"; done
}
peer_show() { echo "br0: root $(peer_root), pa $(role pa) $(state pa), pb $(role pb) $(state pb)"; }

check_agree "one root and one blocked port: ours, where the kernel's way is the better one" "$D" "$D" "$A" "$R" "$R" "$D"
stp_port() { ask "$1" rstp/print | grep -q '^ *1 .* stp$'; }
check "a has fallen back to STP on its port to the kernel" stp_port a
check "so has b" stp_port b
check "frames cross once" frames from to 200 -s 02:00:00:00:00:0a

flow "cable between ours cut" ask c cut
check "b's way by the kernel opens at once; nothing comes twice" good 1000
check_agree "and the kernel's bridge is in the middle" "$D" "$X" "$R" "$X" "$R" "$D"
check "frames cross it once" frames from to 200 -s 02:00:00:00:00:0a
ask c mend >/dev/null
check_agree "mended, it is as before" "$D" "$D" "$A" "$R" "$R" "$D"

ask a port/down 1 >/dev/null
carrier_lost() { [ "$(cat $sys/brif/pa/state)" = 0 ]; }
check "our port/down takes the kernel's carrier" within 5 carrier_lost
within 40 port_is b 1 "$D"
reached() { [ "$(root_of b)" = "$(peer_root)" ] && port_is b 1 "$D" && port_is b 2 "$R" && peer_is pb "$R"; }
check "the kernel finds the root by way of b" within 40 reached
ask a port/up 1 >/dev/null
check_agree "and back" "$D" "$D" "$A" "$R" "$R" "$D"

ip link set br0 type bridge priority 0
check_agree "the kernel as the root: ours say so, the cable's worse end is blocked" "$R" "$D" "$R" "$A" "$D" "$D"
check "frames cross once" frames from to 200 -s 02:00:00:00:00:0a
ip link del br0
lost() { [ "$(root_of b)" = "$(root_of a)" ] && [ "$(root_of a)" = 4096.02:00:00:00:00:0a ] && port_is b 2 "$R"; }
check "the kernel's bridge goes away, ours find each other" within 40 lost
plan
