# SPDX-License-Identifier: MIT
# timing.sh - how late frames leave a wire after their due times, by its own account: sleeping and spinning.
# The wire is not held to one processor (it spins on fewer than half of those it may use), and goes before others
# where we may say so: that is what an idle processor is.
ahead=()
chrt -f 10 true 2>/dev/null && ahead=(chrt -f 10)
late() { # late TIMING RATE_PPS PAUSE_US FRAMES ROUND
  rm -f "$tmp/late.mgmt"
  "${ahead[@]}" "$BIN/dw-wire" --timing "$1" --delay 2ms -M "$tmp/late.mgmt" -q \
    taskset -c 0 "$TOOLS/framegen" -n "$4" -p "$3" -k 30 = taskset -c 0 "$TOOLS/frameck" -n $(($4 + 1)) -T 30 -o "$tmp/late.out" &
  local wire=$! p50 p99
  all_out() { "$BIN/dw-ctl" -j "$tmp/late.mgmt" stats 2>/dev/null >"$tmp/late.json" && grep -q "\"tx_frames\":$4," "$tmp/late.json"; }
  until_ all_out "$@" || { kill "$wire"; return; }
  p50=$(sed -n 's/.*"ab":{[^}]*"late_p50_ns":\([0-9]*\).*/\1/p' "$tmp/late.json")
  p99=$(sed -n 's/.*"ab":{[^}]*"late_p99_ns":\([0-9]*\).*/\1/p' "$tmp/late.json")
  "$BIN/dw-ctl" "$tmp/late.mgmt" shutdown >>"$tmp/log" 2>&1
  wait "$wire"
  record "$2 frames/s" "dw-wire $1" "$5" "p50=$(us "$p50")" "p99=$(us "$p99")"
}
for round in $(seq "$ROUNDS"); do
  for timing in easy precise; do
    late "$timing" 100 10000 200 "$round"
    late "$timing" 10000 100 10000 "$round"
  done
done
