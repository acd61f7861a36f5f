# SPDX-License-Identifier: MIT
# core.sh - the switch core alone, no sockets: ns a frame by number of stations, ns a copy by number of ports.
"$BENCH/core" | tee "$tmp/core"
sed -nE 's/^ +([a-z0-9].*[a-z0-9N]) +([0-9.]+) ns\/.*/\1|\2/p' "$tmp/core" | tr -s ' ' | tr ',' ';' | while IFS='|' read -r what ns; do
  record "$what" core 1 "cpu_ns=$ns"
done
