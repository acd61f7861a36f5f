#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# load.sh - dw-plug as a load generator: through our switch and through VDE's own; what is lost, doubled or damaged
# on the way is said, and so is what nobody heard.
cd "$(dirname "$0")/../.." || exit 3
. tests/interop/lib.bash

switch a
sw=$last
got() { sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p" "$tmp/load"; }
load() { # LOAD ARGS...: runs it, its JSON in $tmp/load
  timeout 60 "$BIN/dw-plug" -j "--generate=$1" "${@:2}" >"$tmp/load"
}
whole() { # COUNT: all arrived once, whole and in order
  [ "$(got received)" = "$1" ] && [ "$(got lost)" = 0 ] && [ "$(got duplicated)" = 0 ] && [ "$(got reordered)" = 0 ] &&
    [ "$(got damaged)" = 0 ] || { cat "$tmp/load"; return 1; }
}
unicast() { load count=5000,window=64,size="$1"B "$tmp/a" "$tmp/a" && whole 5000; }
for size in 60 1514 9000; do check "5000 frames of $size bytes arrive in order" unicast $size; done
stations() { load count=3000,window=64,addresses=1000,vlan=7 "$tmp/a" "$tmp/a" && whole 3000; }
check "from and to a thousand stations, tagged" stations
flood() { load count=500,window=32,to=all,sinks=5 "$tmp/a" "$tmp/a" && whole 2500; }
check "a frame to all is heard by each of five" flood
latency() {
  load count=200,rate=2kpps "$tmp/a" "$tmp/a" && whole 200 &&
    [ "$(got p50_ns)" -gt 0 ] && [ "$(got p99_ns)" -ge "$(got p50_ns)" ] && [ "$(got max_ns)" -ge "$(got p99_ns)" ] &&
    [ "$(got time_ns)" -ge 99000000 ]
}
check "at a rate, with latencies" latency
cpu() { load count=2000,window=32,pid="$1" "$tmp/a" "$tmp/a" && [ "$(got cpu_ns)" -gt 0 ]; }
check "with the processor time of the switch" cpu "$sw"

# ---- over something that loses, doubles and damages ----
switch b
cable c --seed 1 --loss 10% --dup 10% "$tmp/a" "$tmp/b"
counted() {
  load count=2000,window=32 "$tmp/a" "$tmp/b"
  [ "$(got lost)" -gt 100 ] && [ "$(got lost)" -lt 300 ] && [ "$(got duplicated)" -gt 100 ]
}
check "what a wire loses and doubles is counted" counted

# ---- two programs ----
apart() {
  mkfifo "$tmp/up"
  timeout 60 "$BIN/dw-plug" -j --sink=count=300 --ready-fd 3 "$tmp/a" 3>"$tmp/up" >"$tmp/load" &
  local sink=$!
  read -r <"$tmp/up" && "$BIN/dw-plug" --generate=count=300,rate=10kpps,to=all "$tmp/a" >/dev/null && wait $sink && whole 300
}
check "sender and receiver are two programs" apart

# ---- words ----
misuse() {
  is_code 2 "$BIN/dw-plug" --generate=size=9 "$tmp/a" && is_code 2 "$BIN/dw-plug" --sink "$tmp/a" "$tmp/b" &&
    is_code 2 "$BIN/dw-plug" --generate --sink "$tmp/a" && is_code 2 "$BIN/dw-plug" --generate --capture x "$tmp/a" &&
    is_code 3 "$BIN/dw-plug" --generate=count=1 "$tmp/nothing"
}
check "misuse has words" misuse
vde() { load count=2000,window=32 "$tmp/v" "$tmp/v" && whole 2000; }
if need "VDE's own switch" vde_switch; then
  vde_switch -s "$tmp/v" <>"$tmp/clock" >/dev/null 2>&1 &
  pids+=($!)
  within 10 test -S "$tmp/v/ctl"
  check "through VDE's own switch" vde
fi
plan
