#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# completion.sh - what bash offers for the dw- programs: options, values, locators, verbs and commands.
cd "$(dirname "$0")/../.." || exit 3
. tests/interop/lib.bash
PATH=$(realpath "$BIN"):$PATH
. contrib/completion/drahtwerk.bash

# offers WORD... -- EXPECTED...: with the cursor behind the last WORD, exactly EXPECTED (any order) come.
offers() {
  COMP_WORDS=()
  while [ "$1" != -- ]; do COMP_WORDS+=("$1"); shift; done
  shift
  COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
  _drahtwerk "${COMP_WORDS[0]}" 2>/dev/null
  local got want
  got=$(printf '%s\n' "${COMPREPLY[@]}" | sort)
  want=$(printf '%s\n' "$@" | sort)
  [ "$got" = "$want" ] || { printf 'offered:\n%s\nnot:\n%s\n' "$got" "$want"; return 1; }
}

for p in dw-switch dw-plug dw-wire dw-cable dw-lab dw-ctl dw-console; do
  check "$p has completion" complete -p "$p"
done
check "an option of dw-switch" offers dw-switch --num -- --numports
check "several" offers dw-plug --re -- --reconnect --ready-fd
check "values of an option" offers dw-switch --color a -- auto always
check "values behind =" offers dw-switch --color = n -- never
check "and before the first letter of it" offers dw-switch --color = -- auto always never
check "locators" offers dw-plug stream -- stream+unix:// stream+tcp://
check "of a cable's second end, too" offers dw-cable a ta -- tap://
check "of --plug" offers dw-switch --plug pack -- packet://
check "a command behind =" offers dw-plug a = frobnic -- ''
check "one that there is" offers dw-plug a = unshar -- unshare
check "dw-lab's verbs" offers dw-lab ru -- run
check "options of a verb" offers dw-lab run --see -- --seed --seeds
switch a
check "commands of a switch" offers dw-ctl "$tmp/a.mgmt" fdb/fi -- fdb/find
check "files are left to bash" offers dw-switch /tm -- ''
plan
