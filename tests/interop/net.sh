#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# net.sh - udp://, vxlan:// and pcap:// in network namespaces: beside libvdeplug's, the kernel's vxlan,
# vde_pcapplug, vde_plug2tap and tcpreplay.
cd "$(dirname "$0")/../.." || exit 3
. tests/interop/lib.bash
plug=$BIN/dw-plug
if ! need "endpoints in network namespaces" ip unshare nsenter ping; then plan; exit 0; fi
if ! namespace net -Ur; then
  skip "endpoints in network namespaces" "user namespaces are not allowed here"
  plan
  exit 0
fi
net=$last
N="netns=/proc/$net/ns/net"
enter=(nsenter -t "$net" -U -n --preserve-credentials)
in_net() { "${enter[@]}" "$@"; }
in_net ip link set lo up

# ---- UDP ----
readied u1 "$plug" "udp://127.0.0.1:7002,local=7001,$N"
readied u2 "$plug" "udp://127.0.0.1:7001,local=127.0.0.1:7002,$N" -M "$tmp/u2.mgmt"
check "udp: two peers, both ways" both_ways u1 u2 100
check "udp: frames of 9000 bytes" both_ways u1 u2 20 -l 9000
readied u3 "$plug" "udp://127.0.0.1:7002,$N"
"$TOOLS/framegen" -n 5 >"$tmp/u3.in"
check "udp: what others send is not taken" frames u1 u2 50
readied l1 "$plug" "udp://:7010,listen=yes,$N" -M "$tmp/l1.mgmt"
readied l2 "$plug" "udp://127.0.0.1:7010,$N"
check "udp: who listens answers whom it heard last" both_ways l2 l1 100
stop "$last"
"$TOOLS/framegen" -n 5 -p 2000 >"$tmp/l1.in"
lost() { ask l1 json stats | grep -q '"tx_frames":105,'; }
check "udp: a peer that is gone harms nobody" within 5 lost
readied six1 "$plug" "udp://[::1]:7022,local=[::1]:7021,$N"
readied six2 "$plug" "udp://[::1]:7021,local=7022,$N"
check "udp: over IPv6" both_ways six1 six2 100
if need "udp: libvdeplug on the other side" vde_plug; then
  peer foreign "${enter[@]}" vde_plug "udp://7031->127.0.0.1:7032"
  readied ours "$plug" "udp://7032->127.0.0.1:7031,$N"
  open() { in_net grep -q ':1B77 ' /proc/net/udp; } # 7031
  within 5 open
  check "udp: libvdeplug on the other side, in its own words" both_ways foreign ours 100
fi
check "udp: no peer: 2" is_code 2 "$plug" udp:// -
check "udp: no port: 2" is_code 2 "$plug" udp://127.0.0.1 -
check "udp: listen=yes and local= contradict each other: 2" is_code 2 "$plug" udp://:7001,listen=yes,local=7002 -
check "udp: a port that is taken: 3" is_code 3 "$plug" "udp://:7001,listen=yes,$N" null://
check "and named" grep -q 'udp://: :7001: Address already in use' "$tmp/said"

# ---- VXLAN ----
readied x1 "$plug" "vxlan://127.0.0.2:4790,local=127.0.0.1:4791,vni=7,$N"
readied x2 "$plug" "vxlan://127.0.0.1:4791,local=127.0.0.2:4790,vni=7,$N" -M "$tmp/x2.mgmt"
check "vxlan: to one host, both ways" both_ways x1 x2 100
check "vxlan: jumbo and tagged frames" both_ways x1 x2 20 -l 9000 -t 42
readied x3 "$plug" "vxlan://127.0.0.2:4790,local=127.0.0.1:4792,vni=8,$N"
"$TOOLS/framegen" -n 5 >"$tmp/x3.in"
stray() { ask x2 json stats | grep -q '"policy":5'; }
check "vxlan: frames of another network are counted, not taken" within 5 stray
in_net ip link add vlan0 type veth peer name vlan1 2>/dev/null
in_net ip addr add 10.66.0.1/24 dev vlan0
in_net sh -c 'ip link set vlan0 up; ip link set vlan1 up; ip route add 239.0.0.0/8 dev vlan0'
readied g1 "$plug" "vxlan://239.7.7.7,vni=9,interface=vlan0,$N"
readied g2 "$plug" "vxlan://239.7.7.7/vni=9/if=vlan0,$N"
readied g3 "$plug" "vxlan://239.7.7.7,vni=9,interface=vlan0,$N"
check "vxlan: a group of three on one machine: one and two" both_ways g1 g2 100
check "vxlan: and three, who has heard it all" both_ways g2 g3 100
check "vxlan: nobody hears himself" eval "! '$TOOLS/frameck' -n 1 -f $((first)) -T 1 <'$tmp/g3.out' >/dev/null"
check "vxlan: a network number that is none: 2" is_code 2 "$plug" vxlan://10.0.0.1,vni=16777216 -
check "vxlan: an interface that is none: 3" is_code 3 "$plug" vxlan://239.1.1.1,interface=nosuch0 null://
check "and named" grep -q 'nosuch0: No such device' "$tmp/said"

# Three machines in one segment; the kernel's vxlan is one end, ours the others.
namespaces() { # below net's, so that a link can be moved there
  local who
  for who in kernel far third; do
    mkfifo "$tmp/$who.ns"
    "${enter[@]}" unshare -n bash -c 'echo up >"$1"; exec sleep 1000' - "$tmp/$who.ns" &
    declare -g "$who=$!"
    pids+=($!)
    read -r -t 5 _ <>"$tmp/$who.ns" || return 1
  done
}
as() { # PID COMMAND...
  inside "$1" -U -n --preserve-credentials "${@:2}"
}
segment() { # veths from each into a bridge in net
  local i=0 who
  in_net ip link add br0 type bridge && in_net ip link set br0 up || return 1
  for who in "$kernel" "$far" "$third"; do
    i=$((i + 1))
    in_net sh -c "ip link add p$i mtu 1600 type veth peer name v0 mtu 1600 netns $who && ip link set p$i master br0 up" || return 1
    as "$who" sh -c "ip link set lo up; ip link set v0 up; ip addr add 10.9.0.$i/24 dev v0; ip route add 239.0.0.0/8 dev v0" || return 1
  done
}
if namespaces && segment && as "$kernel" ip link add vx0 type vxlan id 42 dstport 4789 local 10.9.0.1 remote 10.9.0.2 dev v0 2>"$tmp/vx.err"; then
  as "$kernel" sh -c 'ip link set vx0 up; ip addr add 10.8.0.1/24 dev vx0'
  readied k1 "$plug" "vxlan://10.9.0.1,vni=42,netns=/proc/$far/ns/net" "tap://t0,netns=/proc/$far/ns/net"
  as "$far" sh -c 'ip link set t0 mtu 1450 up; ip addr add 10.8.0.2/24 dev t0'
  check "vxlan: the kernel's, to one host: ping" as "$kernel" ping -c 3 -i 0.05 -W 5 10.8.0.2
  check "vxlan: with the longest frames" as "$far" ping -c 2 -i 0.05 -W 5 -s 1422 10.8.0.1
  stop "$last"
  as "$kernel" sh -c 'ip link del vx0; ip link add vx0 type vxlan id 42 dstport 4789 group 239.4.4.4 dev v0 &&
    ip link set vx0 up && ip addr add 10.8.0.1/24 dev vx0'
  readied k2 "$plug" "vxlan://239.4.4.4,vni=42,interface=v0,netns=/proc/$far/ns/net" "tap://t0,netns=/proc/$far/ns/net"
  as "$far" sh -c 'ip link set t0 mtu 1450 up; ip addr add 10.8.0.2/24 dev t0'
  peer k3 "$plug" "vxlan://239.4.4.4,vni=42,interface=v0,netns=/proc/$third/ns/net" -M "$tmp/k3.mgmt"
  within 5 test -S "$tmp/k3.mgmt"
  check "vxlan: the kernel's, in a group: ping" as "$kernel" ping -c 1 -W 5 10.8.0.2
  heard() { ask k3 json stats | grep -o '"rx_frames":[0-9]*' | head -n 1 | cut -d: -f2; }
  before=$(heard)
  check "vxlan: and once they know each other" as "$kernel" ping -c 20 -i 0.02 -W 5 10.8.0.2
  learned() { # 40 frames crossed; of all that only what stations ask now and then goes to the group
    local more=$(($(heard) - before))
    [ "$before" -ge 1 ] && [ "$more" -le 10 ] || { echo "$before, then $more more"; return 1; }
  }
  check "vxlan: the third in the group does not hear them" learned
else
  skip "vxlan: the kernel's" "this kernel lets no user make one: $(head -n 1 "$tmp/vx.err" 2>/dev/null)"
fi

# ---- libpcap, inside, where we may look at interfaces ----
in_net ip link add e0 type veth peer name e1
in_net sh -c 'ip link set e0 up; ip link set e1 up; sysctl -qw net.ipv6.conf.e0.disable_ipv6=1 net.ipv6.conf.e1.disable_ipv6=1'
readied pc "${enter[@]}" "$plug" pcap://e0 -M "$tmp/pc.mgmt"
readied pk "$plug" "packet://e1,$N"
check "pcap: beside a packet socket, both ways" both_ways pc pk 100
check "pcap: tagged frames" both_ways pc pk 50 -t 42
own() { # of all that was sent here nothing came back: 150 frames in, 150 out
  ask pc json stats | grep -q '"rx_frames":150,"tx_frames":150,'
}
check "pcap: own frames are not heard" within 5 own
filtered=$last
stop "$filtered"
readied pf "${enter[@]}" "$plug" 'pcap://e1,filter="vlan 42"' -M "$tmp/pf.mgmt"
"$TOOLS/framegen" -n 7 >"$tmp/pc.in"
check "pcap: a filter" frames pc pf 20 -t 42
check "pcap: takes only what matches" grep -q '"rx_frames":20,' <(ask pf json stats)
stop "$last"
if need "pcap: vde_pcapplug on the other side" vde_pcapplug; then
  switch old
  "${enter[@]}" vde_pcapplug -s "$tmp/old" e1 >"$tmp/pcapplug.log" 2>&1 &
  pids+=($!)
  within 5 has_endpoints old 1
  readied po "$plug" "$tmp/old"
  check "pcap: vde_pcapplug on the other side: to us" frames po pc 100
  "$TOOLS/framegen" -n 3000 -p 200 >"$tmp/pc.in"
  many() { [ "$(ask old json port/stats | grep -o '"rx_frames":[0-9]*' | cut -d: -f2 | sort -n | tail -n 1)" -ge 500 ]; }
  check "and from us (it takes them by the block, and the last block not at all)" within 10 many
fi
if need "tap: vde_plug2tap on the other side" vde_plug2tap && [ -c /dev/net/tun ]; then
  switch two
  "${enter[@]}" vde_plug2tap -s "$tmp/two" t9 >"$tmp/plug2tap.log" 2>&1 &
  pids+=($!)
  within 5 has_endpoints two 1
  in_net ip link set t9 up
  readied p9 "$plug" "$tmp/two"
  readied n9 "$plug" "packet://t9,$N"
  check "tap: vde_plug2tap between a switch and our packet socket" both_ways p9 n9 50
fi
if need "tcpreplay into a tap" tcpreplay && [ -c /dev/net/tun ]; then
  "$TOOLS/framegen" -n 100 -l 300 -f 4000 | "$plug" - "file://$tmp/replay.pcapng,write=yes" 2>/dev/null
  readied rt "$plug" "tap://t8,$N"
  in_net ip link set t8 up
  in_net tcpreplay -q --topspeed -i t8 "$tmp/replay.pcapng" >"$tmp/replay.log" 2>&1
  check "tcpreplay into our tap" "$TOOLS/frameck" -n 100 -f 4000 -T 10 <"$tmp/rt.out"
fi
in_net ip link del e0
check "pcap: a removed interface is named" within 5 grep -q 'pcap://e0: .*' "$tmp/pc.err"
check "pcap: an interface that is none: 3" is_code 3 "$plug" pcap://nosuch0 null://
check "and named" grep -q 'pcap://nosuch0: no such interface' "$tmp/said"
plan
