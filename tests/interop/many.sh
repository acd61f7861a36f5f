#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# many.sh - a switch with 4095 ports, all of them taken: it serves each, a frame to all reaches all, and
# idle plugs cost no time and, with a million addresses besides, little memory.
cd "$(dirname "$0")/../.." || exit 3
. tests/interop/lib.bash
ports=4095
addresses=1000000
room_mb=64
grep -q __asan_init "$BIN/dw-switch" && room_mb=640 # shadow memory and red zones come on top

# Two descriptors for each plug at either side, and some.
if [ "$(ulimit -Hn)" != unlimited ] && [ "$(ulimit -Hn)" -lt $((2 * ports + 200)) ]; then
  echo "1..0 # SKIP $ports plugs need $((2 * ports + 200)) descriptors, this machine allows $(ulimit -Hn)"
  exit 0
fi
rss() { awk '/^VmRSS:/ { print int($2 / 1024) }' "/proc/$1/status"; }
shared() { awk '/^RssShmem:/ { print int($2 / 1024) }' "/proc/$1/status"; }
lets_go() { [ "$(shared "$switch")" -le 4 ]; }
knows_all() { [ "$(ask s fdb/stats | awk '/^learned/ { print $2 }')" -ge $addresses ]; }
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
check "it lets go of the memory that its plugs do not use" within 30 lets_go
echo "# the switch uses $alone MB alone, $(rss "$switch") MB with $ports plugs"
check "idle plugs cost the switch no time" idles "$switch"
ask s port/setnumports $((ports + 1)) >/dev/null
ask s fdb/add 02:00:00:00:00:01 0 2 >/dev/null
check "one learns $addresses addresses" timeout 60 "$BIN/dw-plug" \
  --generate=rate=400kpps,count=$((2 * addresses)),addresses=$addresses,to=02:00:00:00:00:01 "$tmp/s"
check "all of them" knows_all
check "it lets go again" within 30 lets_go
taken=$(rss "$switch")
echo "# $taken MB with as many addresses"
check "no more than $room_mb MB for all" test "$taken" -le $room_mb
stop "$plugs"
check "all leave" within 60 has_endpoints s 0
check "and the switch still answers" ask s showinfo
plan
