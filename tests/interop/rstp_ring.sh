#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# rstp_ring.sh - a ring of real dw-switch processes joined by dw-cables under a numbered flow of 1,000 frames a second:
# cables are cut and mended, die without losing their link, and the root is killed; for how long the flow was
# interrupted, and that nothing ever came twice.
#   RING=4 CUTS=1 SILENT=1 DEATHS=1    how many switches, and how often each
#   STRICT=1                           hold the figures to what an idle machine does, not to ten times that, and keep the
#                                      standard's timers, not the shortest
cd "$(dirname "$0")/../.." || exit 3
. tests/interop/lib.bash
. tests/interop/rstp.bash
ring=${RING:-4} cuts=${CUTS:-1} silent=${SILENT:-1} deaths=${DEATHS:-1}
cut_ms=50 death_ms=200 silent_ms=6500 # 95 of 100
silent_frames=9000                    # a second more than three hellos and the half second before the cut
if [ -z "${STRICT:-}" ]; then
  cut_ms=500 death_ms=2000 silent_frames=5500
fi

# s1 is the root, the flow runs from s2 by s1 to the last. The blocked port is half-way round.
start() { # I
  local p=32768
  case $1 in 1) p=0 ;; 2) p=4096 ;; "$ring") p=8192 ;; esac
  switch "s$1" --rstp --priority "$p"
  [ -n "${STRICT:-}" ] || ask "s$1" rstp/set hello=1s maxage=6s fwddelay=4s >/dev/null
  [ "$1" != 1 ] || root=$last
}
names=()
for ((i = 1; i <= ring; i++)); do
  names+=("s$i")
  start "$i"
done
for ((i = 1; i <= ring; i++)); do cable "c$i" --reconnect=100ms "$tmp/s$i" "$tmp/s$((i % ring + 1))"; done
peer from "$BIN/dw-plug" "$tmp/s2"
peer to "$BIN/dw-plug" "$tmp/s$ring"

is_tree() { # BLOCKED NAME...: all have one root, nothing but BLOCKED ports is closed
  local blocked=$1 s
  shift
  [ "$(for s; do json "$s" rstp/print | grep -o '"root":"[^"]*"'; done | sort -u | wc -l)" = 1 ] &&
    [ "$(total "root forwarding" "$@")" = $(($# - 1)) ] && [ "$(total "alternate discarding" "$@")" = "$blocked" ] &&
    [ "$(total "[^d][a-z]* discarding" "$@")" = "$blocked" ] && [ "$(total "designated discarding" "$@")" = 0 ] && [ "$(total "[a-z]* learning" "$@")" = 0 ]
}
tree_or_show() { is_tree "$@" || { show "${names[@]}"; false; }; }
check_tree() { # WORDS BLOCKED NAME...
  local words=$1
  shift
  within 40 is_tree "$@"
  check "$words" tree_or_show "$@"
}
p95() { printf '%s\n' "$@" | sort -n | awk '{ v[NR] = $1 } END { print v[NR - int(NR / 20)] }'; }
rested() { # hold counts have recovered, the last change has been told
  [ -z "${STRICT:-}" ] || read -r -t 4 _ <>"$tmp/clock"
}
whole() { good 60000; } # nothing twice, nothing damaged, and enough of it came to tell
figures() { # WORDS MS: the outages measured since `gaps` was emptied
  echo "# $1: outages in ms $(printf '%s\n' "${gaps[@]}" | sort -n | tr '\n' ' '), p95 $(p95 "${gaps[@]}")"
  check "$1: the flow is interrupted for at most $2 ms (p95)" test "$(p95 "${gaps[@]}")" -le "$2"
}

check_tree "a ring of $ring settles with exactly one blocked port" 1 "${names[@]}"
if [ -n "${STRICT:-}" ]; then # what the machine itself does to such a flow
  for ((k = 1; k <= cuts; k++)); do flow "calm $k" true; done
  echo "# no fault: longest gaps in ms $(printf '%s\n' "${gaps[@]}" | sort -n | tr '\n' ' '), p95 $(p95 "${gaps[@]}")"
fi
mends=()
gaps=()
for ((k = 1; k <= cuts; k++)); do
  rested
  flow "cut $k" ask c1 cut
  check "cut $k: no frame comes twice" whole
  check_tree "every port is open then" 0 "${names[@]}"
  back=("${gaps[@]}")
  rested
  flow "mend $k" ask c1 mend
  check "mend $k: no frame comes twice" whole
  mends+=("${gaps[-1]}")
  gaps=("${back[@]}")
  check_tree "and one port is blocked again" 1 "${names[@]}"
done
figures "$cuts cuts" "$cut_ms"
back=("${gaps[@]}")
gaps=("${mends[@]}")
figures "$cuts mends" "$cut_ms"

# A cable that is dead while both switches still see their link: silence tells, after three hellos.
gaps=()
for ((k = 1; k <= silent; k++)); do
  FLOW_FRAMES=$silent_frames FLOW_SECONDS=$((silent_frames / 1000 + 2)) flow "silent cut $k" ask c1 cut silent
  check "silent cut $k: no frame comes twice" whole
  ask c1 mend >/dev/null
  check_tree "mended, it is as before" 1 "${names[@]}"
done
figures "$silent silent cuts" "$silent_ms"

gaps=()
dies() { kill -9 "$root"; wait "$root" 2>/dev/null; }
next() { json s3 rstp/print | grep -o '"root":"4096\.'; }
for ((k = 1; k <= deaths; k++)); do
  rested
  flow "death $k" dies
  check "death $k of the root: no frame comes twice" whole
  check_tree "the others agree on the next root" 0 "${names[@]:1}"
  check "which is the best of them" next
  start 1
  check_tree "it comes back" 1 "${names[@]}"
done
figures "$deaths deaths of the root" "$death_ms"
plan
