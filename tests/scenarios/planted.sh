#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# planted.sh - bugs planted in the switch core (one function replaced by the linker) are found by a few
# seeds and shrunk to a scenario that fails with the bug and passes without. PLANTED_SEEDS: how many
# seeds the sound program must pass (default 4; `make soak` takes more).
cd "$(dirname "$0")/../.." || exit 3
. tests/interop/lib.bash
lab=$BIN/dw-lab
planted=$BIN/../planted
[ -d "$planted" ] || { echo "1..0 # SKIP no planted bugs were built: make planted"; exit 0; }
sound=${PLANTED_SEEDS:-4}

# found BUG SCENARIO SEEDS FAULTS: within so many seeds, shrunk to at most so many faults.
found() {
  local bug=$1 scenario=tests/planted/$2.lua seeds=$3 faults=$4 small=$tmp/$1.lua
  is_code 1 "$planted/$bug" run "$scenario" --seeds "1..$seeds" --shrink "$small" || return 1
  [ -f "$small" ] || { echo "it was not shrunk"; cat "$tmp/said"; return 1; }
  [ "$(grep -c '^  { at = ' "$small")" -le "$faults" ] || { echo "over $faults faults"; cat "$small"; return 1; }
  is_code 1 "$planted/$bug" run "$small" --seeds 1..2 || return 1
  is_code 0 "$lab" run "$small"
}
for scenario in ring vlans tables; do
  check "$scenario: $sound seeds pass without a bug" is_code 0 "$lab" run "tests/planted/$scenario.lua" --seeds "1..$sound"
done
check "learning on discarding ports is found in 2 seeds; no fault is left" found learn_discarding ring 2 0
check "addresses that are not flushed are found in 4 seeds; 1 fault is left" found no_flush ring 4 1
check "a missing VLAN egress check is found in 8 seeds; no fault is left" found vlan_egress vlans 8 0
check "an assertion that fails is found in 4 seeds; 3 faults are left" found dies tables 4 3

# What is not deterministic is told with both sides of the first event that differs.
differs() {
  is_code 1 "$planted/differs" run --check-determinism scenarios/lossy-cable.lua || return 1
  grep -Eq 'the second run differs from event [0-9]+ on: first #[0-9]+ .*; then #[0-9]+ ' "$tmp/said" || { cat "$tmp/said"; return 1; }
}
check "a run that is not deterministic is told apart at its first event" differs
plan
