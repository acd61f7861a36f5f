#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# switch_golden.sh - one management session, byte for byte: what vde_switch 2.3.2 answers (golden/vde.out) is
# what dw-switch answers, but for the lines in golden/differences.sed, each with its reason there. Where
# Debian's vde_switch is installed, the golden file is held against it too. `switch_golden.sh record` writes it.
cd "$(dirname "$0")/../.." || exit 3
. tests/interop/lib.bash
golden=tests/interop/golden

# What is different in every run: pid, time, folder, user, descriptor numbers, hash buckets.
normal() {
  sed -E -e "s|$tmp/[a-z]+|DIR|g" -e 's/drahtwerk-[0-9.]+/drahtwerk-VERSION/' -e 's/^pid [0-9]+ /pid PID /' -e 's/uptime [0-9]+$/uptime T/' \
    -e 's/Current User: [^ ]+ Acc/Current User: USER Acc/' -e 's/endpoint ID [0-9]{4}/endpoint ID NNNN/' \
    -e 's/^Hash: [0-9]{4}/Hash: NNNN/' -e 's/  age [0-9] secs/  age S secs/'
}

# session SWITCH...: two plugs that have said one frame each, then the commands; the transcript on stdout.
session() {
  local name=$1 hold pid
  shift
  mkfifo "$tmp/$name.hold"
  exec {hold}<>"$tmp/$name.hold"
  "$@" -s "$tmp/$name" -M "$tmp/$name.mgmt" -n 32 --macaddr 00:ff:11:22:33:44 <"$tmp/$name.hold" >/dev/null 2>&1 {hold}>&- &
  pid=$!
  pids+=("$pid")
  within 10 test -S "$tmp/$name.mgmt" || return 1
  for port in 1 7; do
    "$TOOLS/vdepoke" -s "$tmp/$name" v3:$port <"$tmp/$name.hold" >"$tmp/$name.poke$port" {hold}>&- &
    pids+=($!)
    within 10 grep -q ^answer "$tmp/$name.poke$port" || return 1
    heard() { echo hash/print | "$TOOLS/vdesay" "$tmp/$name.mgmt" | grep -q "02:00:00:00:00:0$port "; }
    within 10 heard || return 1
  done
  "$TOOLS/vdesay" "$tmp/$name.mgmt" <$golden/vde.cmd | normal
  exec {hold}>&-
}

if [ "${1:-}" = record ]; then
  session vde /usr/bin/vde_switch >$golden/vde.out
  exit
fi
session own "$BIN/dw-switch" >"$tmp/own.out"
sed -E -f $golden/differences.sed $golden/vde.out >"$tmp/want.out"
check "dw-switch answers as vde_switch does" diff -u "$tmp/want.out" "$tmp/own.out"
unused() {
  ! grep -vE '^#|^$' $golden/differences.sed | while read -r line; do
    sed -E -e "$line" $golden/vde.out | cmp -s - $golden/vde.out && echo "$line"
  done | grep .
}
check "every line of the table of differences is needed" unused
debian=$(command -v vde_switch)
if need "the golden transcript is what Debian's vde_switch says" vde_switch && ! grep -q drahtwerk <("$debian" -v); then
  session vde "$debian" >"$tmp/vde.out"
  check "the golden transcript is what Debian's vde_switch says" diff -u $golden/vde.out "$tmp/vde.out"
fi
plan
