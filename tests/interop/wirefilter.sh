#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# wirefilter.sh - dw-wire under the names dpipe and wirefilter, held against Debian's own of these names.
cd "$(dirname "$0")/../.." || exit 3
. tests/interop/lib.bash
mkdir "$tmp/compat"
for name in dpipe wirefilter; do ln -s "$BIN/dw-wire" "$tmp/compat/$name"; done
dp=$tmp/compat/dpipe wf=$tmp/compat/wirefilter
gen=$TOOLS/framegen ck=$TOOLS/frameck

is() { [ "$1" = "$2" ] || { echo "'$1' is not '$2'"; return 1; }; }
between() { [ "$2" -ge "$1" ] && [ "$2" -le "$3" ] || { echo "$2 is not between $1 and $3"; return 1; }; }
now_ms() { echo $((${EPOCHREALTIME/[.,]/} / 1000)); }
timed() { # COMMAND...: how many ms it takes, or 0 when it fails
  local t
  t=$(now_ms)
  if "$@" >/dev/null 2>&1; then echo $(($(now_ms) - t)); else echo 0; fi
}

# ---- dpipe ----
chain() {
  : >"$tmp/chain.txt"
  timeout 10 "$@" 9>>"$tmp/chain.txt" 2>/dev/null
  echo "exit $?" >>"$tmp/chain.txt"
  cat "$tmp/chain.txt"
}
same_chain() { is "$(chain "$dp" "$@")" "$(chain dpipe "$@")"; }
a='echo a; read x; echo "a got $x" >&9'
b='read x; echo "b($x)"'
c='read x; echo "c($x)"; exit 3'
if need "dpipe: chains give what Debian's give" dpipe; then
  check "dpipe: A = B" same_chain sh -c "$a" = sh -c "$b"
  check "dpipe: A =} B }= C" same_chain sh -c "$a" =} sh -c "$b" }= sh -c "$c"
  check "dpipe: -n, the last command is the process" same_chain -n sh -c "$a" = sh -c "$b; exec cat >/dev/null"
fi
files() { # dpipe -p and -P: the numbers of the process and of its group, gone afterwards
  "$dp" "$@" -p "$tmp/pid" -P "$tmp/pgrp" true = sh -c "cat '$tmp/pid' '$tmp/pgrp' >'$tmp/seen'" || return 1
  read -r pid <"$tmp/seen"
  is "$(sed -n 2p "$tmp/seen")" "-$pid" && within 5 sh -c "[ ! -e '$tmp/pid' ] && [ ! -e '$tmp/pgrp' ]"
}
check "dpipe: -p and -P" files
check "dpipe: -p and -P with -n" files -n
stays() { "$dp" -N -p "$tmp/stays" true = true && test -s "$tmp/stays"; }
check "dpipe: -N leaves them" stays
check "dpipe: -h ends itself only, with 0" is_code 0 "$dp" -h
check "dpipe: misuse ends itself only, with 2" is_code 2 "$dp" --nosuch
own() { is_code 2 "$dp" --delay 5ms true = true; }
check "dpipe: has no option that is not the original's" own

# ---- wirefilter: what it says ----
filter() { # NAME PROGRAM ARGS...: PROGRAM between two cats, with management on $tmp/NAME.mgmt
  local name=$1
  shift
  mkfifo "$tmp/$name.in"
  exec {held}<>"$tmp/$name.in"
  dpipe cat "$tmp/$name.in" = "$@" -M "$tmp/$name.mgmt" = cat 2>/dev/null {held}>&- &
  pids+=($!)
  within 5 test -S "$tmp/$name.mgmt"
}
cat >"$tmp/commands" <<'EOF'
help
showinfo
showedges
showcurrent
delay foo
delay LR 20+3N
loss 10+5
loss RL 1.5
lostburst 3
dup LR1
band "LR 1000"
band LR 128+64K
speed 1M
chanbufsize RL 64k
capacity LR 1G
noise 10
mtu 1500
mtu LR 1400
fifo 0
showinfo
fifo 1
markov-numnodes 3
markov-name 1,bad
markov-name 2,two words
markov-name 7,none
setedge 0,1,20
setedge 0,2,5.5
setedge 1,0,100
setedge 5,0,1
showedges
showedges 1
showedges 9
delay 5[1]
delay RL 7[2]
delay 5[3]
showinfo 1
showinfo 2
markov-time 100000
markov-setnode 2
markov-setnode 3
showcurrent
showinfo
markov-numnodes 2
markov-setnode 1
showcurrent
markov-numnodes 0
foo
showinfo 1
EOF
said() { filter "$1" "$2" && "$TOOLS/vdesay" "$tmp/$1.mgmt" <"$tmp/commands" >"$tmp/$1.txt"; }
if need "wirefilter: a session" dpipe wirefilter; then
  said original wirefilter
  said ours "$wf"
  check "wirefilter: a session is the original's to the byte" diff "$tmp/original.txt" "$tmp/ours.txt"
  check "wirefilter: and it has said something" test "$(wc -l <"$tmp/ours.txt")" -gt 200
fi

# ---- wirefilter: what it does ----
through() { "$dp" "$gen" -k 9 "${@:2}" = $1 = "$ck" -n "$3" -o "$tmp/out"; }
check "wirefilter: frames cross" through "$wf" -n 500
check "wirefilter: 300 ms are no shorter and not ten times as long" between 300 "$(timed through "$wf -d 300" -n 1)" 3000
check "wirefilter: LR alone delays one way" between 300 "$(timed through "$wf -d LR300" -n 1)" 3000
one_way_back() { timed "$dp" "$ck" -n 1 -o "$tmp/out" = "$wf" -d LR5000 = "$gen" -n 1 -k 9; }
check "wirefilter: and not the other" between 1 "$(one_way_back)" 4000
check "wirefilter: 10000 bytes a second" between 900 "$(timed through "$wf -b 10000" -n 10 -l 1000)" 9000
check "wirefilter: a speed holds the sender up" between 900 "$(timed through "$wf -s 10000" -n 10 -l 1000)" 9000
lossy() { "$dp" "$gen" -n 5000 = "$wf" "$@" = "$ck" -n 5000 -m 1 -o "$tmp/lossy"; sed 's/.*received=\([0-9]*\).*/\1/' "$tmp/lossy"; }
check "wirefilter: 20 % of loss" between 3850 "$(lossy -l 20)" 4150
check "wirefilter: with bursts too" between 3600 "$(lossy -l 20 -L 5)" 4400
check "wirefilter: 100 % is all" is "$("$dp" "$gen" -n 50 = "$wf" -l 100 = "$ck" -n 50 -m 0 -T 1 -o "$tmp/lossy"; sed 's/.*received=\([0-9]*\).*/\1/' "$tmp/lossy")" 0
copied() { "$dp" "$gen" -n 2000 = "$wf" -D 50 = "$ck" -n 2000 -m 2000 -c -o "$tmp/dup"; sed 's/.*duplicated=\([0-9]*\).*/\1/' "$tmp/dup"; }
check "wirefilter: doubles, copies too" between 1700 "$(copied)" 2300
check "wirefilter: an mtu of 1000 passes 1000 bytes" through "$wf -m 1000" -n 20 -l 1000
check "wirefilter: and no 1001" is "$("$dp" "$gen" -n 50 -l 1001 = "$wf" -m 1000 = "$ck" -n 50 -m 0 -T 1 -o "$tmp/mtu"; sed 's/.*received=\([0-9]*\).*/\1/' "$tmp/mtu")" 0
noisy() { "$dp" "$gen" -n 2000 -l 1000 = "$wf" -n 1000 = "$ck" -n 2000 -m 1 -o "$tmp/noise"; sed 's/.*corrupt=\([0-9]*\).*/\1/' "$tmp/noise"; }
check "wirefilter: noise damages frames" between 800 "$(noisy)" 1800
one_way() { "$dp" "$gen" -n 20 -k 9 =} "$wf" -d 100 }= "$ck" -n 20 -o "$tmp/out"; }
check "wirefilter: one way between brackets" between 100 "$(timed one_way)" 2000
printf 'delay 200\nnonsense\nloss 0\n' >"$tmp/rc"
check "wirefilter: an rc file runs before the first frame" between 200 "$(timed through "$wf -f $tmp/rc" -n 1)" 2000
if need "wirefilter: in Debian's dpipe, and Debian's in ours" dpipe wirefilter; then
  check "wirefilter: in Debian's dpipe" dpipe "$gen" -n 200 -k 9 = "$wf" -d 5 = "$ck" -n 200 -o "$tmp/out"
  check "wirefilter: Debian's in our dpipe" "$dp" "$gen" -n 200 -k 9 = wirefilter -d 5 = "$ck" -n 200 -o "$tmp/out"
fi

# ---- wirefilter: chains ----
if need "wirefilter: a chain moves the law" dpipe; then
  filter chain "$wf"
  printf 'markov-numnodes 2\nmarkov-name 1,bad\nsetedge 0,1,100\nsetedge 1,0,100\nmarkov-debug 1\nmarkov-time 20\n' |
    { cat; read -r -t 1 _ <>"$tmp/clock"; echo showcurrent; } | "$TOOLS/vdesay" "$tmp/chain.mgmt" >"$tmp/moves"
  check "wirefilter: its moves are told to who asks" grep -q '^3801 Node 0 "" -> 1 "bad"$' "$tmp/moves"
  check "wirefilter: and back" grep -q '^3800 Node 1 "bad" -> 0 ""$' "$tmp/moves"
fi

# ---- wirefilter: between two switches ----
switch s1
switch s2
peer p1 "$BIN/dw-plug" "$tmp/s1"
peer p2 "$BIN/dw-plug" "$tmp/s2"
start() {
  "$@" </dev/null >"$tmp/start.log" 2>&1 &
  last=$!
  pids+=("$last")
}
plugs() { within 5 has_endpoints s1 "$1" && within 5 has_endpoints s2 "$1"; }
crosses() { # a switch drops what a busy plug does not read in time
  local try
  plugs 2 || return 1
  for try in 1 2 3; do
    frames p1 p2 100 -p 500 && frames p2 p1 100 -p 500 && return
    echo "try $try"
  done
  return 1
}
plugs 1
start "$wf" --daemon --pidfile "$tmp/wf.pid" -v "$tmp/s1:$tmp/s2" -d 5
check "wirefilter: -v A:B between two switches, in the background" crosses
kill "$(cat "$tmp/wf.pid")"
check "wirefilter: and unplugs when it ends" plugs 1
if need "wirefilter: blinks" socat; then
  start socat -u "UNIX-RECV:$tmp/blink" "OPEN:$tmp/blinked,creat,append"
  listener=$last
  within 5 test -S "$tmp/blink"
  start "$wf" --daemon --pidfile "$tmp/wf.pid" -v "$tmp/s1:$tmp/s2" --blink "$tmp/blink" --blinkid wireA
  crosses >/dev/null
  blinked() { grep -q '^wireA LR 102$' "$tmp/blinked" && grep -q '^wireA RL 102$' "$tmp/blinked"; }
  check "wirefilter: blinks for each frame, with its length and two" within 5 blinked
  kill "$(cat "$tmp/wf.pid")"
  stop "$listener"
fi
plan
