#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# many.sh - a switch with 4095 ports, all of them taken: it serves each, a frame to all reaches all, and
# idle plugs cost neither time nor much memory.
cd "$(dirname "$0")/../.." || exit 3
. tests/interop/lib.bash
ports=4095
room_mb=640 # ten times what is aimed at

# Two descriptors for each plug at either side, and some.
if [ "$(ulimit -Hn)" != unlimited ] && [ "$(ulimit -Hn)" -lt $((2 * ports + 200)) ]; then
  echo "1..0 # SKIP $ports plugs need $((2 * ports + 200)) descriptors, this machine allows $(ulimit -Hn)"
  exit 0
fi
rss() { awk '/^VmRSS:/ { print int($2 / 1024) }' "/proc/$1/status"; }
said() { timeout "$1" grep -q -m1 "$2" <"$tmp/plugs.out"; }

switch s -n $ports
switch=$last
alone=$(rss "$switch")
peer plugs "$TOOLS/plugs" $ports "$tmp/s"
plugs=$last
check "$ports plugs are served" said 120 ready
cat "$tmp/plugs.err" | sed 's/^/# /'
check "the switch shows them all" has_endpoints s $ports
check "one more is refused" is_code 1 timeout 20 "$BIN/dw-plug" "$tmp/s" null://
printf x >"$tmp/plugs.in"
check "a frame to all reaches all" said 60 "heard $((ports - 1))"
taken=$(rss "$switch")
echo "# the switch uses $alone MB alone, $taken MB with $ports plugs"
check "in no more than $room_mb MB" test "$taken" -le $room_mb
check "idle plugs cost the switch no time" idles "$switch"
stop "$plugs"
check "all leave" within 60 has_endpoints s 0
check "and the switch still answers" ask s showinfo
plan
