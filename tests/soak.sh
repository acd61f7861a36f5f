#!/bin/sh
# SPDX-License-Identifier: MIT
# soak.sh - what takes too long for `make check`: spanning trees through random faults in virtual
# time, flows through them, rings of real processes, then every shipped scenario over many seeds, each
# twice to see that nothing depends on anything but the seed. O: build folder; SEEDS: A..B; ONLY:
# rstp or scenarios. Exit 1: something failed; the report names the seed and how to repeat it.
set -u
: "${O:?the build folder}"
seeds=${SEEDS:-1..1000}
only=${ONLY:-all}
bad=0

title() { printf '\n== %s ==\n' "$1"; }
must() { # WORDS COMMAND...
  title "$1"
  shift
  "$@" || { bad=1; echo "FAILED: $*"; }
}

# A lab of seeds: what it measured, else what failed.
lab() {
  if out=$("$O/bin/dw-lab" run "$@" --backend sim 2>&1); then
    printf '%s\n' "$out" | grep -E '^    "|^# [0-9]+ passed'
  else
    printf '%s\n' "$out" | grep -A 30 '^not ok' | head -n 60
    return 1
  fi
}

if [ "$only" != scenarios ]; then
  must "spanning trees: each single failure" "$O/soak/rstp_soak" single
  must "spanning trees: random plans of faults" "$O/soak/rstp_soak" plans "$seeds"
  must "spanning trees: a day of flaps" "$O/soak/rstp_soak" day
  must "flows through random faults" lab tests/soak/flows.lua --seeds 1..100
  must "200 switches" lab tests/soak/big.lua
  must "a ring of eight real switches" env BIN="$O/bin" TOOLS="$O/tools" STRICT=1 RING=8 CUTS=20 SILENT=5 DEATHS=20 \
    bash tests/interop/rstp_ring.sh
  [ "$only" = rstp ] && exit $bad
fi

must "planted bugs; the sound program passes 100 seeds of each scenario" env BIN="$O/bin" TOOLS="$O/tools" \
  PLANTED_SEEDS=100 bash tests/scenarios/planted.sh

title "scenarios"
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
