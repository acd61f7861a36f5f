#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# run.sh - measures beside peers, interleaved in one run, since machines drift. `make bench` builds and calls it.
#   ROWS="vde tcp"  which files of bench/rows (default: all)     ROUNDS=3  of each, the median counts
#   TIME=400ms      of one measurement                           OUT=bench/results
# Leaves results.csv, table.md and a plot a group (SVG) in OUT; the table is the README's. Needs BIN, TOOLS, BENCH.
# All interfaces are made in a network namespace of this run, so nothing of the machine is touched.
set -u
cd "$(dirname "$0")/.." || exit 3
: "${BIN:?}" "${TOOLS:?}" "${BENCH:?}"
export BIN TOOLS BENCH ROUNDS=${ROUNDS:-3} TIME=${TIME:-400ms} OUT=${OUT:-bench/results} PATH=$PATH:/usr/sbin:/sbin
rows=${ROWS:-$(cd bench/rows && ls -- *.sh | sed 's/\.sh$//')}
for r in $rows; do
  [ -e "bench/rows/$r.sh" ] || { echo "bench: no rows '$r'; there are: $(cd bench/rows && echo *.sh | sed 's/\.sh//g')" >&2; exit 2; }
done
mkdir -p "$OUT"
echo "group,case,subject,round,line_ns,pps,cpu_ns,loss_percent,p50_us,p99_us,mbps" >"$OUT/results.csv"
in_namespace=(unshare --net)
[ "$(id -u)" = 0 ] || in_namespace=(unshare --user --map-root-user --net)
if ! "${in_namespace[@]}" true 2>/dev/null; then
  echo "bench: no network namespace to be had here: rows that need interfaces are left out" >&2
  in_namespace=()
fi
for r in $rows; do
  echo "== $r"
  "${in_namespace[@]}" bash -c '. bench/lib.bash && . "bench/rows/$1.sh"' bench "$r" || echo "bench: $r: not finished" >&2
done
{
  echo "$(nproc) processors ($(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1)), Linux $(uname -r), $(date -u +%F); \
\`make bench\`, median of $ROUNDS rounds of $TIME."
  awk -f bench/table.awk "$OUT/results.csv"
} >"$OUT/table.md"
echo
cat "$OUT/table.md"
bash bench/plot.sh "$OUT"
