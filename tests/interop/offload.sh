#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# offload.sh - what a kernel leaves to its network card: bundles of TCP and unfinished checksums pass from tap to tap as
# they are and are finished for every other kind of port; VLANs, counters, captures and wires see real frames.
cd "$(dirname "$0")/../.." || exit 3
if [ -z "${DW_OFFLOAD_INSIDE:-}" ]; then
  alone=(unshare -rn)
  [ "$(id -u)" = 0 ] && alone=(unshare -n)
  why=
  for p in unshare nsenter ip socat; do command -v $p >/dev/null || why="$p is missing"; done
  [ -n "$why" ] || "${alone[@]}" true 2>/dev/null || why="needs a network namespace"
  [ -w /dev/net/tun ] || why="needs /dev/net/tun"
  [ -z "$why" ] || { echo "ok 1 - offloads of kernel interfaces # SKIP $why"; echo 1..1; exit 0; }
  DW_OFFLOAD_INSIDE=1 exec "${alone[@]}" bash "$0"
fi
. tests/interop/lib.bash
echo 1 2>/dev/null >/proc/sys/net/ipv6/conf/default/disable_ipv6
ip link set lo up

# ---- hosts: a namespace each ----
declare -A host
host() { # NAME
  unshare -n sleep 600 &
  host[$1]=$!
  pids+=($!)
  other_net() { [ "$(readlink /proc/self/ns/net)" != "$(readlink "/proc/$1/ns/net")" ]; }
  within 10 other_net ${host[$1]}
}
on() { nsenter -t "${host[$1]}" -n "${@:2}"; }
address() { # HOST INTERFACE NUMBER
  on "$1" ip link set lo up && on "$1" ip addr add "10.9.0.$3/24" dev "$2" && on "$1" ip link set "$2" up
}
for h in a b c d e; do host $h; done
net() { echo "/proc/${host[$1]}/ns/net"; }
ip link add vc type veth peer name vcx && ip link set vcx netns ${host[c]} && ip link set vc up
switch s -P "tap://ta,netns=$(net a)" -P "tap://tb,netns=$(net b)" -P packet://vc
"$BIN/dw-plug" "tap://td,netns=$(net d)" "$tmp/s,port=4" 2>"$tmp/plug.log" &
pids+=($!)
cable w --mtu 1514B --delay 100us "tap://te,netns=$(net e)" "$tmp/s,port=5"
within 10 on d ip link show td
address a ta 1
address b tb 2
address c vcx 3
address d td 4
address e te 5

# ---- streams ----
head -c 1000000 /dev/urandom >"$tmp/data"
listens() { on "$1" grep -q ':15B3 00000000:0000 0A' /proc/net/tcp; } # port 5555
stream() { # FROM TO NUMBER: the data come over whole
  on "$2" timeout 60 socat -u TCP-LISTEN:5555,reuseaddr "CREATE:$tmp/copy" &
  local to=$!
  within 10 listens "$2" && on "$1" timeout 60 socat -u "FILE:$tmp/data" "TCP:10.9.0.$3:5555" && wait $to && cmp "$tmp/data" "$tmp/copy"
}
stat() { ask s json port/stats "$1" | grep -o "\"$2\":[0-9]*" | head -1 | cut -d: -f2; }
skbs() { on "$1" cat "/sys/class/net/$2/statistics/rx_packets"; }
bundled() {
  local before after frames
  before=$(skbs b tb) frames=$(stat 2 tx_frames)
  stream a b 2 || return 1
  after=$(skbs b tb) frames=$(($(stat 2 tx_frames) - frames))
  [ "$frames" -ge 680 ] || { echo "$frames frames counted for 1 MB"; return 1; }
  [ $((4 * (after - before))) -lt "$frames" ] || { echo "$frames frames came as $((after - before))"; return 1; }
  [ $(($(stat 2 tx_bytes) / $(stat 2 tx_frames))) -le 1514 ]
}
check "from tap to tap in bundles, counted as frames" bundled
check "from tap to a veth's packet socket" stream a c 3
check "and back" stream c a 1
check "from tap to a VDE port, finished in the copy" stream a d 4
check "and back" stream d b 2
check "from a packet socket to a VDE port" stream c d 4
check "through a wire that lets no bundle pass" stream a e 5
check "and back" stream e b 2
wire_saw_frames() { "$BIN/dw-ctl" -j "$tmp/w.mgmt" stats >"$tmp/wire" && grep -q '"mtu":[1-9]' "$tmp/wire" && return 1 || true; }
check "which saw frames no longer than they are" wire_saw_frames
datagram() { # FROM TO NUMBER
  rm -f "$tmp/copy"
  on "$2" timeout 60 socat -u UDP-RECV:5556 "CREATE:$tmp/copy" &
  local to=$!
  udp_listens() { on "$1" grep -q ':15B4 ' /proc/net/udp; }
  within 10 udp_listens "$2" || return 1
  echo "a datagram whose checksum is left to the card" | on "$1" socat -u STDIN "UDP:10.9.0.$3:5556"
  within 10 test -s "$tmp/copy"
  kill $to
  grep -q "left to the card" "$tmp/copy"
}
check "a datagram to a VDE port has its checksum" datagram a d 4
check "a datagram to a tap too" datagram a b 2

# ---- VLANs ----
# s and t are joined twice: by packet sockets on a veth, where tagged bundles pass, and by a VDE cable.
host f
ip link add v1 type veth peer name v2 && ip link set v1 mtu 1600 up && ip link set v2 mtu 1600 up
switch t -P "tap://tf,netns=$(net f),vlan=10" -P packet://v2,trunk=10
ask s port/add packet://v1,trunk=10 7 >/dev/null
address f tf 6
ask s port/set 1 vlan=10 >/dev/null
check "from an access port over a trunk that takes bundles" stream a f 6
check "and back" stream f a 1
datagram_trunk() {
  ask s port/down 7 >/dev/null && ask s port/set 8 trunk=10 >/dev/null && ask t port/set 8 trunk=10 >/dev/null && cable x "$tmp/s,port=8" "$tmp/t,port=8" &&
    stream a f 6 && stream f a 1
}
check "over a trunk that takes frames, both ways" datagram_trunk

# ---- captures ----
captured() {
  ask s capture/start all "$tmp/cap.pcapng" >/dev/null && stream f a 1 && ask s capture/stop 1 >/dev/null
}
lengths() { tshark -r "$tmp/cap.pcapng" -T fields -e frame.len 2>/dev/null | sort -n | tail -1; }
honest() {
  [ "$(lengths)" -le 1518 ] && [ "$(lengths)" -ge 1500 ] || { echo "longest frame: $(lengths)"; return 1; }
  [ "$(tshark -r "$tmp/cap.pcapng" -o tcp.check_checksum:TRUE -o ip.check_checksum:TRUE \
    -Y 'tcp.checksum.status == 0 || ip.checksum.status == 0' 2>/dev/null | wc -l)" = 0 ]
}
check "a capture runs meanwhile" captured
if need "it shows frames, with right checksums" tshark; then check "it shows frames, with right checksums" honest; fi
plan
