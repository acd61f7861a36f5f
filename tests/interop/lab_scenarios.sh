#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab_scenarios.sh - shipped scenarios on real processes too, those that take seconds; all of them side by
# side. (In virtual time lab.sh runs every one.) The index names each and no other.
cd "$(dirname "$0")/../.." || exit 3
. tests/interop/lib.bash
lab=$BIN/dw-lab
export XDG_RUNTIME_DIR=$tmp

index() { diff <(ls scenarios/*.lua | sed 's|.*/||' | sort) <(grep -oE '\]\([a-z-]+\.lua\)' scenarios/README.md | tr -d ']()' | sort -u); }
check "scenarios/README.md names every scenario" index

# SCENARIO|TESTS
quick='first-light|*
mac-flood|*
slow-port|*
live-migration|*
split-brain|heartbeat cut: who trusts*
split-brain|a node that is cut off*
duplicate-addresses|one IP twice*
storage-path|a backup*
asymmetric-loss|flows one way*'
if [ "$("$lab" doctor --best)" = sim ]; then
  skip "scenarios on real processes" "neither processes nor namespaces on this machine"
else
  i=0
  while IFS='|' read -r name only; do
    i=$((i + 1))
    "$lab" run --backend proc --strict --only "$only" "scenarios/$name.lua" >"$tmp/$i.out" 2>&1 &
    pids+=($!)
  done <<<"$quick"
  i=0
  while IFS='|' read -r name only; do
    i=$((i + 1))
    check "$name on proc: $only" eval 'wait "${pids[i - 1]}" || { cat "$tmp/$i.out"; false; }'
  done <<<"$quick"
fi
plan
