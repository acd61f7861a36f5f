# SPDX-License-Identifier: MIT
# rates.sh - what a wire with a rate carries in a second, by its own account, when it is offered more.
ahead=() behind=() # where we may go before others: a rate cannot be kept by who does not run
chrt -f 10 true 2>/dev/null && ahead=(chrt -f 10) behind=(chrt -o 0)
carried() { # carried RATE LENGTH ROUND
  rm -f "$tmp/rate.mgmt"
  "${ahead[@]}" "$BIN/dw-wire" --rate "$1" -M "$tmp/rate.mgmt" -q "${behind[@]}" "$TOOLS/framegen" -n 100000000 -l "$2" = "${behind[@]}" sh -c 'cat >/dev/null' 2>>"$tmp/log" &
  local wire=$! bps
  whole() { "$BIN/dw-ctl" -j "$tmp/rate.mgmt" stats 2>/dev/null >"$tmp/rate.json" && grep -q '"tx_bps":[1-9]' "$tmp/rate.json"; }
  until_ whole || { kill "$wire"; return; }
  bps=$(grep -o '"tx_bps":[0-9]*' "$tmp/rate.json" | head -n 1 | cut -d: -f2)
  "$BIN/dw-ctl" "$tmp/rate.mgmt" shutdown >>"$tmp/log" 2>&1
  wait "$wire"
  record "$2 B" "$1" "$3" "mbps=$(awk -v b="$bps" 'BEGIN { printf "%.3f", b / 1e6 }')"
}
for round in $(seq "$ROUNDS"); do
  for rate in 1Mbit 10Mbit 100Mbit; do carried $rate 1500 "$round"; done
  for rate in 100Mbit 1Gbit; do carried $rate 9000 "$round"; done
done
