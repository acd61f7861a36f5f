# SPDX-License-Identifier: MIT
# console.sh - what it costs to watch: 100 switches, one of them with 1,000 ports and 100,000 addresses. How long until
# the first frame shows a port (p50), and the processor time of one second of watching (CPU ns) on each page.
have script || { left_out "script (bsdutils) is missing"; return 0; }
sockets=()
for i in $(seq 99); do
  begin "$BIN/dw-switch" -s "$tmp/w$i" -M "$tmp/w$i.mgmt" -n 8 --nostdin
  sockets+=("$tmp/w$i.mgmt")
done
begin "$BIN/dw-switch" -s "$tmp/big" -M "$tmp/big.mgmt" -n 1000 --nostdin
until_ test -S "$tmp/big.mgmt"
ctl big port/set 1-1000 descr=watched
awk 'BEGIN { for (i = 0; i < 100000; i++)
  printf "fdb/add 02:00:%02x:%02x:%02x:%02x 1 %d\n", i / 16777216, i / 65536 % 256, i / 256 % 256, i % 256, i % 1000 + 1 }' |
  ctl big -
watch_for() { # watch_for PAGE SECONDS PATTERN: when the screen shows it first in $first, the processor time of a second in $spent
  rm -f "$tmp/screen"
  : >"$tmp/screen"
  local began
  began=$(date +%s%N)
  COLUMNS=120 LINES=40 timeout "$2" script -qfec "stty rows 40 cols 120; exec $BIN/dw-console --page $1 $tmp/big.mgmt ${sockets[*]}" "$tmp/screen" \
    >/dev/null 2>&1 <&5 &
  local run=$!
  until_ grep -qa "$3" "$tmp/screen"
  first=$(($(date +%s%N) - began))
  local console
  console=$(pgrep -f -n "dw-console --page $1 $tmp/big.mgmt")
  sleep_ 2
  local before after
  before=$(cut -d' ' -f1 "/proc/$console/schedstat")
  sleep_ 4
  after=$(cut -d' ' -f1 "/proc/$console/schedstat")
  spent=$(((after - before) / 4))
  kill "$console"
  wait "$run" 2>/dev/null
}
sleep_() { read -r -t "$1" _ <&5; }
for round in $(seq "$ROUNDS"); do
  probe
  for page in ports addresses tree lab; do
    watch_for $page 30 '[^/]big[^.]'
    record "$page" "dw-console" "$round" "p50=$(us "$first")" "cpu_ns=$spent"
  done
done
