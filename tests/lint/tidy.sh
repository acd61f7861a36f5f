#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tidy.sh - clang-tidy on what changed since the last commit but one (TIDY=all: on every file).
set -u
cd "$(dirname "$0")/../.." || exit 3
command -v clang-tidy >/dev/null || { echo "1..0 # SKIP clang-tidy is missing: apt-get install clang-tidy"; exit 0; }
if [ "${TIDY:-}" = all ]; then
  list=$(git ls-files '*.c')
else
  list=$( { git diff --name-only HEAD -- '*.c'; git diff --name-only HEAD~1 HEAD -- '*.c'; } 2>/dev/null | sort -u | head -n 30)
fi
n=0
for f in $list; do
  [ -f "$f" ] || continue
  n=$((n + 1))
  posix=-D_GNU_SOURCE
  case $f in lib/base/* | lib/proto/* | switch/core/* | wire/core/* | lab/station/*) posix= ;; esac
  # shellcheck disable=SC2046,SC2086
  if out=$(clang-tidy --quiet "$f" -- -std=c17 -I. $posix $(pkg-config --cflags lua5.4) 2>/dev/null) && [ -z "$out" ]; then
    echo "ok $n - $f"
  else
    echo "not ok $n - $f"
    printf '%s\n' "$out" | head -n 20 | sed 's/^/# /'
  fi
done
[ $n -gt 0 ] || { echo "1..0 # SKIP no C file changed"; exit 0; }
echo "1..$n"
