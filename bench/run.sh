#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# run.sh - ratios against peers in one run, interleaved, since machines drift. Needs BIN, TOOLS, BENCH.
# Figures: frames/s end to end (the clients are part of it) and the switch's own CPU time a frame
# (schedstat), which slow clients do not spoil.
set -u
: "${BIN:?}" "${TOOLS:?}" "${BENCH:?}"
rounds=${ROUNDS:-5}
frames=${FRAMES:-60000}
tmp=$(mktemp -d)
pids=()
trap 'for p in "${pids[@]}"; do kill "$p" 2>/dev/null; done; wait 2>/dev/null; rm -rf "$tmp"' EXIT
mkfifo "$tmp/never" "$tmp/frames"
exec 5<>"$tmp/never"

echo "== the switch core =="
"$BENCH/core"
echo
command -v vde_switch >/dev/null || { echo "vde_switch is missing: apt-get install vde2"; exit 1; }

start() { # start NAME: a switch of that name on $tmp/NAME; its pid in $pid
  case $1 in
    vde_switch) vde_switch -s "$tmp/$1" <&5 >/dev/null 2>&1 & ;;
    dw-switch) "$BIN/dw-switch" -s "$tmp/$1" --nostdin >/dev/null 2>&1 & ;;
  esac
  pid=$!
  pids+=("$pid")
  until [ -S "$tmp/$1/ctl" ]; do read -r -t 0.02 _ <&5; done
}

one() { # one SWITCH SIZE: "frames/s cpu_ns_per_frame loss%"
  local dir=$tmp/$1 c0 c1 t0 t1 got plug reader
  c0=$(awk '{ print $1 }' "/proc/${cpu[$1]}/schedstat")
  vde_plug "$dir" <&5 >"$tmp/frames" 2>/dev/null &
  plug=$!
  "$TOOLS/frameck" -n "$frames" -l "$2" -m 1 -T 4 <"$tmp/frames" >"$tmp/got" &
  reader=$!
  read -r -t 0.2 _ <&5 # a plug says nothing when it is plugged in
  t0=$(date +%s%N)
  "$TOOLS/framegen" -n "$frames" -l "$2" | timeout 20 vde_plug "$dir" >/dev/null 2>&1
  wait "$reader"
  t1=$(date +%s%N)
  c1=$(awk '{ print $1 }' "/proc/${cpu[$1]}/schedstat")
  kill "$plug" 2>/dev/null
  wait "$plug" 2>/dev/null
  got=$(sed -n 's/.*received=\([0-9]*\).*/\1/p' "$tmp/got")
  awk -v got="${got:-0}" -v n="$frames" -v t=$((t1 - t0)) -v c=$((c1 - c0)) \
    'BEGIN { printf "%.0f %.0f %.2f\n", got * 1e9 / t, got ? c / got : 0, 100 * (n - got) / n }'
}

median() { sort -n | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }

declare -A cpu
start vde_switch
cpu[vde_switch]=$pid
start dw-switch
cpu[dw-switch]=$pid
echo "== unchanged vde_plug clients, $frames frames, median of $rounds rounds, interleaved =="
printf '%-6s %-11s %14s %16s %8s\n' size switch frames/s 'CPU ns/frame' 'loss %'
for size in 64 512 1514; do
  for r in $(seq "$rounds"); do
    for s in vde_switch dw-switch; do one "$s" "$size" >>"$tmp/$s.$size"; done
  done
  for s in vde_switch dw-switch; do
    for k in 1 2 3; do eval "m$k=$(awk -v k=$k '{ print $k }' "$tmp/$s.$size" | median)"; done
    printf '%-6s %-11s %14s %16s %8s\n' "$size" "$s" "$m1" "$m2" "$m3"
    eval "c_${s%%[-_]*}=$m2"
  done
  awk -v a="$c_vde" -v b="$c_dw" -v s="$size" 'BEGIN { printf "%-6s vde_switch takes %.2f times the CPU of dw-switch\n", s, b ? a / b : 0 }'
done
echo
echo "== the lab in virtual time =="
cat >"$tmp/hops.lua" <<'L'
-- SPDX-License-Identifier: MIT
-- hops.lua - frames across five switches, as many as go in
local net = lab("hops", { limit = "1h" })
local line = net.line(5)
local a, b = net.station("a", line[1]), net.station("b", line[5])
net.test("flow", function(t)
  local flow <close> = a:flow(b, { rate = "20000pps", size = "100B" })
  t.sleep "20s"
  t.expect(flow:stats().received, ">", 390000)
end)
L
t0=$(date +%s%N)
"$BIN/dw-lab" run "$tmp/hops.lua" >"$tmp/hops.out" || { cat "$tmp/hops.out"; exit 1; }
t1=$(date +%s%N)
awk -v t=$((t1 - t0)) 'BEGIN { printf "400000 frames through 5 switches: %.2f s, %.2f million frame-hops/s\n", t / 1e9, 400000 * 5 / (t / 1e9) / 1e6 }'
