#!/bin/sh
# SPDX-License-Identifier: MIT
# soak.sh - what takes too long for `make check`: every shipped scenario over many seeds in virtual
# time, and each twice to see that nothing depends on anything but the seed. O: build folder; SEEDS:
# A..B. Exit 1: a scenario failed; the report names the seed and how to repeat it.
set -u
: "${O:?the build folder}"
seeds=${SEEDS:-1..1000}
bad=0
for scenario in scenarios/*.lua; do
  printf '%-40s seeds %s: ' "$scenario" "$seeds"
  if out=$("$O/bin/dw-lab" run "$scenario" --backend sim --seeds "$seeds" 2>&1); then
    printf '%s\n' "$out" | tail -n 1 | sed 's/^# //'
  else
    bad=1
    echo "FAILED"
    printf '%s\n' "$out" | grep -A 30 '^not ok' | head -n 60
  fi
  if ! out=$("$O/bin/dw-lab" run "$scenario" --backend sim --check-determinism 2>&1); then
    bad=1
    printf '%s\n' "$out" | tail -n 20
  fi
done
exit $bad
