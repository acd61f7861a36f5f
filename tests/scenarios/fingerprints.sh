#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# fingerprints.sh [--write] - every shipped scenario gives the fingerprints in scenarios/FINGERPRINTS,
# twice, and alike from every build there is (gcc, clang, -O0, -O2, sanitizers). --write makes the file
# anew: the commit then says which behaviour changed.
set -u
cd "$(dirname "$0")/../.." || exit 3
list=scenarios/FINGERPRINTS
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

prints() { # prints DW_LAB SCENARIO: "scenario | test | fingerprint" a line
  "$1" run "$2" --backend sim --seed 1 2>/dev/null | awk -v file="$2" '
    /^(not )?ok / { name = $0; sub(/^(not )?ok [0-9]+ - /, "", name); sub(/ # .*/, "", name) }
    /^ *fingerprint: / { gsub(/"/, "", $2); print file " | " name " | " $2 }'
}
all() { # all DW_LAB: those of every shipped scenario
  for s in scenarios/*.lua; do prints "$1" "$s"; done
}

if [ "${1:-}" = --write ]; then
  all "$BIN/dw-lab" >"$tmp/new"
  [ -s "$tmp/new" ] || { echo "fingerprints.sh: no scenario gave a fingerprint" >&2; exit 1; }
  mv "$tmp/new" "$list"
  wc -l <"$list" | sed 's/$/ fingerprints written/'
  exit 0
fi

n=0
same() { # same WORDS FILE
  n=$((n + 1))
  if diff -u "$list" "$2" >"$tmp/diff"; then echo "ok $n - $1"; else
    echo "not ok $n - $1"
    sed 's/^/# /' "$tmp/diff" | head -n 20
  fi
}
for lab in build/*/bin/dw-lab; do
  build=${lab#build/}
  all "$lab" >"$tmp/got"
  same "the fingerprints of ${build%%/*}" "$tmp/got"
done
all "$BIN/dw-lab" >"$tmp/again"
same "the same once more" "$tmp/again"
echo "1..$n"
