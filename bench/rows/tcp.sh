# SPDX-License-Identifier: MIT
# tcp.sh - TCP between two network namespaces (iperf3), the hosts' interfaces being taps of a switch or veths in a bridge.
have iperf3 || { left_out "iperf3: apt-get install iperf3"; return 0; }
quiet
declare -A net_1 net_2 if_1 if_2
secs=${SECS:-2}
hosts() { # hosts NAME: two namespaces
  local i
  for i in 1 2; do
    unshare --net sleep 1000 &
    pids+=($!)
    eval "net_$i[$1]=$!"
  done
  apart() { [ "$(readlink "/proc/$1/ns/net")" != "$(readlink /proc/self/ns/net)" ]; }
  until_ apart "${net_1[$1]}" && until_ apart "${net_2[$1]}"
}
addresses() { # addresses NAME INTERFACE INTERFACE
  local i n d
  for i in 1 2; do
    n=net_$i[$1] d=$((i + 1))
    nsenter -t "${!n}" -n sh -c "ip link set lo up; ip addr add 10.9.0.$i/24 dev ${!d} && ip link set ${!d} up" || return 1
  done
}
tcp_vde() {
  have vde_switch && hosts vde_switch || return 1
  begin vde_switch -s "$tmp/tv" -t tv1 -t tv2
  until_ test -S "$tmp/tv/ctl" && until_ ip link show tv2 && ip link set tv1 netns "${net_1[vde_switch]}" &&
    ip link set tv2 netns "${net_2[vde_switch]}" && addresses vde_switch tv1 tv2
}
tcp_bridge() {
  hosts bridge+veth && ip link add tcpbr type bridge && ip link set tcpbr up || return 1
  local i n
  for i in 1 2; do
    n=net_$i[bridge+veth]
    ip link add tb$i type veth peer name tbx$i && ip link set tbx$i master tcpbr up && ip link set tb$i netns "${!n}" || return 1
  done
  addresses bridge+veth tb1 tb2
}
tcp_dw() {
  hosts dw-switch/tap || return 1
  begin "$BIN/dw-switch" -s "$tmp/td" --nostdin -P "tap://td1,netns=/proc/${net_1[dw-switch/tap]}/ns/net" \
    -P "tap://td2,netns=/proc/${net_2[dw-switch/tap]}/ns/net"
  until_ test -S "$tmp/td/ctl" && addresses dw-switch/tap td1 td2
}
tcp_dw_veth() {
  hosts dw-switch/veth || return 1
  local i n
  for i in 1 2; do
    n=net_$i[dw-switch/veth]
    ip link add tw$i type veth peer name twx$i && ip link set twx$i up && ip link set tw$i netns "${!n}" || return 1
  done
  begin "$BIN/dw-switch" -s "$tmp/tw" --nostdin -P packet://twx1 -P packet://twx2
  until_ test -S "$tmp/tw/ctl" && addresses dw-switch/veth tw1 tw2
}
listening() { nsenter -t "$1" -n grep -q ':1451 00000000' /proc/net/tcp /proc/net/tcp6 2>/dev/null || nsenter -t "$1" -n grep -q ':1451 .* 0A ' /proc/net/tcp6; }
iperf() { # NAME ROUND
  local server bits
  nsenter -t "${net_1[$1]}" -n iperf3 -s -1 >/dev/null 2>&1 &
  server=$!
  until_ listening "${net_1[$1]}" || return 1
  bits=$(nsenter -t "${net_2[$1]}" -n timeout 60 iperf3 -J -c 10.9.0.1 -t "$secs" |
    awk '/"sum_received"/ { there = 1 } there && /"bits_per_second"/ { gsub(/[^0-9.e+]/, "", $2); printf "%.0f", $2 / 1e6; exit }')
  kill $server 2>/dev/null
  wait $server 2>/dev/null
  record "1 stream" "$1" "$2" "mbps=${bits:-0}"
}
names=()
tcp_vde && names+=(vde_switch) || left_out "vde_switch: apt-get install vde-switch"
tcp_bridge && names+=(bridge+veth)
tcp_dw && names+=(dw-switch/tap)
tcp_dw_veth && names+=(dw-switch/veth)
for round in $(seq "$ROUNDS"); do
  probe
  for name in "${names[@]}"; do iperf "$name" "$round"; done
done
