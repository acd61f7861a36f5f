#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# layers.sh - the layer table of CONTRIBUTING.md held against the tree: who includes what, and which
# undefined symbols the archives of the cores have. Ends by planting violations that must be found.
set -u
cd "$(dirname "$0")/../.." || exit 3
build=$(dirname "$BIN")
n=0
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
report() { # report 0|1 WORDS FILE_WITH_FINDINGS
  n=$((n + 1))
  if [ "$1" = 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; sed 's/^/# /' "$3"; fi
}

# FOLDER | allowed include prefixes (own project) | allowed system headers (regex, '.*' any)
pure='(assert|ctype|errno|inttypes|limits|stdarg|stdbool|stddef|stdint|stdio|stdlib|string|stdalign)'
rules() {
  cat <<R
lib/base|lib/base/|($pure|sanitizer/asan_interface)
lib/proto|lib/base/ lib/proto/|$pure
switch/core|lib/base/ lib/proto/ switch/core/|$pure
wire/core|lib/base/ lib/proto/ wire/core/|$pure
lab/station|lib/base/ lib/proto/ lab/station/|$pure
lib/io|lib/base/ lib/proto/ lib/io/|.*
lib/ext|lib/base/ lib/ext/|.*
lib/cli|lib/base/ lib/cli/|.*
switch|lib/ switch/|.*
plug|lib/ plug/|.*
plug/load|lib/ plug/load/|.*
wire|lib/ wire/|.*
lab|lib/ lab/ switch/core/bridge.h switch/core/portkeys.h wire/core/wire.h|.*
lab/bind|lib/ lab/ switch/core/bridge.h switch/core/portkeys.h wire/core/wire.h|.*
lab/import|lib/base/ lib/ext/ lab/plan.h lab/import/|$pure
lab/sim|lib/base/ lib/proto/ lab/ switch/core/bridge.h switch/core/portkeys.h wire/core/wire.h|$pure
lab/travel|lib/ lab/|.*
lab/real|lib/ lab/ switch/core/bridge.h wire/core/wire.h|.*
console|lib/ console/|.*
R
}

check_includes() { # check_includes ROOT: prints findings
  rules | while IFS='|' read -r folder own system; do
    for f in "$1/$folder"/*.c "$1/$folder"/*.h "$1/$folder"/ep/*.c "$1/$folder"/ep/*.h; do
      [ -f "$f" ] || continue
      grep -nE '^#[[:space:]]*include' "$f" | while IFS= read -r line; do
        inc=$(printf '%s' "$line" | sed -E 's/.*include[[:space:]]*[<"]([^>"]*)[>"].*/\1/')
        case $line in
        *\"*\"*)
          good=0
          for p in $own; do case $inc in "$p"*) good=1 ;; esac; done
          case $folder/$inc in
            switch/switch/core/*) case $inc in switch/core/bridge.h | switch/core/portkeys.h | switch/core/fdb.h | switch/core/vlan.h | switch/core/rstp.h) ;; *) good=0 ;; esac ;;
            wire/wire/core/*) case $inc in wire/core/wire.h) ;; *) good=0 ;; esac ;;
          esac
          [ $good = 1 ] || echo "${f#"$1"/}:${line%%:*}: $folder may not include \"$inc\"" ;;
        *)
          base=${inc%.h}
          printf '%s' "$base" | grep -qxE "$system" || echo "${f#"$1"/}:${line%%:*}: $folder may not include <$inc>"
          case $inc in
            lua*.h | lauxlib.h) case $folder in lab/bind) ;; *) echo "${f#"$1"/}:${line%%:*}: Lua belongs in lab/bind" ;; esac ;;
            *curses*) [ "$folder" = console ] || echo "${f#"$1"/}:${line%%:*}: curses belongs in console/term.c" ;;
          esac ;;
        esac
      done
    done
  done
}

# What the cores may leave to the C library and the compiler's: memory, strings, formatting into memory,
# assert, 128-bit division.
allow='^(_GLOBAL_OFFSET_TABLE_|__assert_fail|__stack_chk_fail|abort|malloc|calloc|realloc|free|qsort|bsearch|mem(cpy|move|set|cmp|chr)|str(len|nlen|cmp|ncmp|chr|rchr|str|spn|cspn|pbrk|cpy|ncpy|cat|error|dup|ndup)|v?snprintf|__(v?snprintf|mem(cpy|move|set)|str(cpy|cat|ncpy))_chk|__isoc99_sscanf|sscanf|strto(l|ul|ll|ull)|__ctype_b_loc|__ctype_tolower_loc|__ctype_toupper_loc|tolower|toupper|is[a-z]+|__errno_location|__(a|t|ub)san_.*|__asan.*|__ubsan.*|__popcountdi2|bcmp|__u?(div|mod)ti3|__udivmodti4)$'
check_symbols() { # check_symbols ARCHIVE OTHERS...: undefined symbols defined in none and not allowed
  nm -u "$1" 2>/dev/null | awk '$1 == "U" { print $2 }' | sort -u >"$tmp/u"
  nm --defined-only "$@" 2>/dev/null | awk 'NF == 3 { print $3 }' | sort -u >"$tmp/d"
  comm -23 "$tmp/u" "$tmp/d" | grep -vE "$allow" | sed "s|^|$(basename "$1") calls |"
}

check_includes . >"$tmp/found"
[ ! -s "$tmp/found" ]; report $? "every folder includes only what its layer may" "$tmp/found"

: >"$tmp/found"
for a in base proto bridge wire station; do
  case $a in
    base) others= ;;
    proto) others="$build/libbase.a" ;;
    *) others="$build/libproto.a $build/libbase.a" ;;
  esac
  # shellcheck disable=SC2086
  check_symbols "$build/lib$a.a" $others >>"$tmp/found"
done
[ ! -s "$tmp/found" ]; report $? "the cores call nothing outside the allow-list" "$tmp/found"

# Planted violations: a lint that finds nothing here would find nothing anywhere.
mkdir -p "$tmp/tree/switch/core" "$tmp/tree/lab" "$tmp/tree/lib/proto"
printf '#include <time.h>\n' >"$tmp/tree/switch/core/a.c"
printf '#include "lib/io/loop.h"\n' >"$tmp/tree/lib/proto/b.c"
printf '#include <lua.h>\n' >"$tmp/tree/lab/c.c"
check_includes "$tmp/tree" >"$tmp/found"
[ "$(wc -l <"$tmp/found")" = 3 ]; report $? "planted includes are found" "$tmp/found"

printf '#include <time.h>\nlong planted(void);\nlong planted(void) { return (long)time(0); }\n' >"$tmp/p.c"
gcc -c -o "$tmp/p.o" "$tmp/p.c" && ar rcs "$tmp/libplanted.a" "$tmp/p.o"
check_symbols "$tmp/libplanted.a" >"$tmp/found"
grep -q time "$tmp/found"; report $? "a planted clock call is found" "$tmp/found"
echo "1..$n"
