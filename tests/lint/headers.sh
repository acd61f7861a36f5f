#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# headers.sh - every header compiles alone, with both compilers; every source says its licence and
# its purpose first; no file holds more than one idea's worth of lines; the layout is `make format`'s.
set -u
cd "$(dirname "$0")/../.." || exit 3
n=0
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
report() {
  n=$((n + 1))
  if [ ! -s "$2" ]; then echo "ok $n - $1"; else echo "not ok $n - $1"; head -n 40 "$2" | sed 's/^/# /'; fi
}
files() { git ls-files "$@" 2>/dev/null || find . -name "$1"; }

for cc in gcc clang; do
  : >"$tmp/found"
  for h in $(files '*.h'); do
    [ -f "$h" ] || continue
    $cc -std=c17 -D_GNU_SOURCE -I. $(pkg-config --cflags lua5.4) -Wall -Wextra -Werror -fsyntax-only -x c - \
      >"$tmp/one" 2>&1 <<<"#include \"$h\"" || { echo "$h:"; cat "$tmp/one"; } >>"$tmp/found"
  done
  report "every header compiles alone with $cc" "$tmp/found"
done

: >"$tmp/found"
for f in $(files '*.c' '*.h' '*.sh' '*.lua'); do
  [ -f "$f" ] || continue
  head -n 2 "$f" | grep -q 'SPDX-License-Identifier: MIT' || echo "$f: no SPDX line" >>"$tmp/found"
  sed -n 2,3p "$f" | grep -qE '(/\*|#|--) ?[A-Za-z0-9_./-]+.* - ' || echo "$f: no line that says what it is" >>"$tmp/found"
done
report "every source opens with its licence and one line on what it is" "$tmp/found"

: >"$tmp/found"
for f in $(files '*.c' '*.h' '*.lua'); do
  [ -f "$f" ] || continue
  l=$(wc -l <"$f")
  [ "$l" -le 600 ] || echo "$f: $l lines: more than one idea?" >>"$tmp/found"
done
report "no file is longer than 600 lines" "$tmp/found"

: >"$tmp/found"
for f in $(files '*.c' '*.h'); do
  [ -f "$f" ] || continue
  clang-format --dry-run -Werror "$f" >/dev/null 2>&1 || echo "$f: run make format" >>"$tmp/found"
done
report "the layout is make format's" "$tmp/found"
echo "1..$n"
