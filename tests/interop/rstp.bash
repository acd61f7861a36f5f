# SPDX-License-Identifier: MIT
# rstp.bash - what the tests of the spanning tree share: roles and states as dw-ctl tells them, and a numbered flow
# whose longest gap is measured. Sourced after lib.bash.
json() { # SWITCH COMMAND...
  local s=$1
  shift
  "$BIN/dw-ctl" -j "$tmp/$s.mgmt" "$@"
}
# ports SWITCH: "PORT ROLE STATE" a line.
ports() {
  json "$1" rstp/print | grep -o '"port":[0-9]*,"name":"[^"]*","role":"[a-z]*","state":"[a-z]*"' | tr -d '"' |
    sed 's/port:\([0-9]*\),.*role:\(.*\),state:/\1 \2 /'
}
has() { ports "$1" | grep -c " $2\$"; } # how many ports of SWITCH are "ROLE STATE"
has_port() { [ "$(has "$1" "$2")" -ge 1 ]; }
port_is() { ports "$1" | grep -q "^$2 $3\$"; } # SWITCH PORT "ROLE STATE"
root_of() { json "$1" rstp/print | sed -n 's/.*"root":"\([^"]*\)".*/\1/p'; }
# Three in a ring, a and b ours, joined on port 2 and on port 1 to a peer with ports pa and pb; plugs on port 3.
# agree A1 A2 B1 B2 PA PB: each is "ROLE STATE" by its own word, all have one root, the plugs are open. The test gives
# peer_root, peer_is PORT "ROLE STATE", peer_show.
D="designated forwarding" R="root forwarding" A="alternate discarding" X="disabled discarding"
agree() {
  local root
  root=$(root_of a)
  [ -n "$root" ] && [ "$(root_of b)" = "$root" ] && [ "$(peer_root)" = "$root" ] && port_is a 3 "$D" && port_is b 3 "$D" &&
    port_is a 1 "$1" && port_is a 2 "$2" && port_is b 1 "$3" && port_is b 2 "$4" && peer_is pa "$5" && peer_is pb "$6"
}
agree_or_show() { agree "$@" || { peer_show; show a b; false; }; }
check_agree() { # WORDS ...
  local words=$1
  shift
  within 40 agree "$@"
  check "$words" agree_or_show "$@"
}

total() { # "ROLE STATE" of all switches NAME...
  local want=$1 s sum=0
  shift
  for s; do sum=$((sum + $(has "$s" "$want"))); done
  echo "$sum"
}
show() { # the trees of SWITCH..., for the reader of a failure
  local s
  for s; do
    echo "$s:"
    ask "$s" rstp/print
  done
}

# flow WORDS COMMAND...: 1500 (or FLOW_FRAMES) numbered frames from the peer `from` to the peer `to`, one each
# millisecond, and COMMAND in the midst of them. What came is in $tmp/flow, the longest time without a frame is
# appended to gaps.
gaps=()
flow() {
  local words=$1 count=${FLOW_FRAMES:-1500}
  shift
  frames to from 3 -s 02:00:00:00:00:0b >/dev/null # so that the flow has an address to go to, and one to forget
  first=$((first + 10000))
  "$TOOLS/framegen" -n "$count" -f "$first" -p 1000 -l 200 -s 02:00:00:00:00:0a -d 02:00:00:00:00:0b >"$tmp/from.in" &
  local gen=$!
  "$TOOLS/frameck" -n "$count" -f "$first" -l 200 -T "${FLOW_SECONDS:-3}" -m 1 -c -g <"$tmp/to.out" >"$tmp/flow" &
  local ck=$!
  read -r -t 0.6 _ <>"$tmp/clock"
  "$@" >/dev/null
  wait "$gen" "$ck"
  gaps+=("$(sed 's/.*gap_ms=//' "$tmp/flow")")
  echo "# $words: $(cat "$tmp/flow")"
}
good() { # [MS]: the last flow: nothing twice, nothing damaged, no longer gap than allowed, and enough of it came to tell
  grep -q ' duplicated=0 .* corrupt=0 ' "$tmp/flow" && [ "${gaps[-1]}" -le "${1:-$worst}" ] &&
    [ "$(sed 's/ .*//; s/.*=//' "$tmp/flow")" -ge 500 ]
}
