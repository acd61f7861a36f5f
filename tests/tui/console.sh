#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# console.sh - dw-console in a real terminal: every page, every key, hands, sizes, loss and return of a switch,
# and a terminal that is clean whatever ends it.
cd "$(dirname "$0")/../.." || exit 3
. tests/interop/lib.bash
. tests/tui/lib.bash
command -v tmux >/dev/null || { echo "1..0 # SKIP tmux is missing: apt-get install tmux"; exit 0; }

console=$BIN/dw-console
answers() { ask "$1" showinfo; }
cable() { # cable NAME FROM TO [ARG...]
  local name=$1 from=$2 to=$3
  shift 3
  "$BIN/dw-cable" --name "$name" -M "$tmp/$name.mgmt" "$@" "$tmp/$from" "$tmp/$to" 2>>"$tmp/$name.log" &
  last=$!
  pids+=("$last")
  within 10 answers "$name"
}
switch s1 -n 16
switch s2 -n 16
s2=$last
cable s1--s2 s1 s2 --delay 5ms --loss 10% --reconnect=100ms
within 10 has_endpoints s1 1
all=("$tmp/s1.mgmt" "$tmp/s2.mgmt" "$tmp/s1--s2.mgmt")
config() { "$BIN/dw-ctl" -j "$tmp/$1.mgmt" port/config "$2"; }
has_config() { config "$1" "$2" | grep -q "$3"; }

# ---- pages ----
terminal 100 30 "$console" "${all[@]}"
check "the first page is ports, with what is plugged in" shows '^s1 +1 .*up +all .*dw-cable'
check "a page of addresses" do_keys '^switch +vlan address' 2
check "a page of the tree, which says who has none" do_keys 's1 +off|no rstp/print' 3
check "a page of wires, with what they do" do_keys 's1--s2 +a→b up .*delay 5ms, loss 10%' 4
check "a page of events" do_keys 'nothing has happened yet' 5
check "a page of frames says how to get some" do_keys 'press Enter on a port|none of the sources has capture' 6
check "a page of nodes" do_keys 's1--s2 +wire +up' 7
check "arrows and Tab turn pages" do_keys '^switch +port' Tab
check "help lists the keys of the page and those of all" do_keys '^  u +let frames cross again' '?'
check "any key closes help" do_keys '^switch +port' x

# ---- hands ----
check "down asks first" do_keys 's1: port/down 1\? y or n' d
check "no is no" do_keys 'not done' n
check "nothing was sent" has_config s1 1 '"up":true'
keys d
check "yes is yes" do_keys 's1: port/down 1: done' y
check "the port is down" has_config s1 1 '"up":false'
check "and seen down" shows '^s1 +1 .*down'
keys u
check "up again" do_keys 's1: port/up 1: done' y
check "the port is up" has_config s1 1 '"up":true'
keys v
words 20
keys Enter
check "a VLAN is asked for, then the deed" shows 's1: port/set 1 vlan=20\? y or n'
check "it is done" do_keys 'vlan=20: done' y
check "the port is in the VLAN" has_config s1 1 '"pvid":20'
keys 4
shows 's1--s2 +a→b' >/dev/null
keys c
check "a wire is cut" do_keys 's1--s2: cut: done' y
check "it is seen cut" shows 's1--s2 +a→b cut'
keys m
check "and mended" do_keys 's1--s2: mend: done' y
keys i
words "delay=9ms"
keys Enter
check "a wire is impaired" do_keys 'set delay=9ms: done' y
check "the page shows it" shows 'a→b up .*delay 9ms'
check "events were told as they happened" do_keys 'wire.cut' 5
check "a filter leaves what matches" do_keys 'wire.mend' f w i r e . m Enter
check "and nothing else" hides 'wire.cut'
keys f C-u Enter
keys 1
shows '^switch' >/dev/null
keys :
words "port/allp"
check "Tab completes from the source's own help" do_keys 's1: port/allprint$' Tab
check "the answer is shown" do_keys 's1: port/allprint' Enter
check "with what came" shows 'endpoint ID'
keys q
keys :
words "nosuch 1"
keys Enter
check "what is refused is told in the source's words" do_keys 'nosuch 1: Function not implemented' y
check "sorting marks its column" do_keys 'switch▲' s
check "and reverses" do_keys 'switch▼' r
check "search moves to what is found" do_keys '^s2 port 1' / s 2 Enter

# ---- what was done, as a scenario ----
keys S
check "what was done is saved" do_keys 'saved; dw-lab run by-hand.lua' Enter
for backend in sim proc; do
  check "the scenario leads to the same state on $backend" "$BIN/dw-lab" run --backend "$backend" "$tmp/by-hand.lua"
done
check "it is the deeds, in their order" bash -c "grep -c ':cmd(\"port/down 1\")' '$tmp/by-hand.lua' | grep -qx 1 &&
  grep -n 'port/down 1\|port/up 1\|vlan=20\|\"cut\"\|mend\|delay=9ms' '$tmp/by-hand.lua' | sort -nc"
keys S
check "a file that is there is not overwritten" do_keys 'by-hand.lua: File exists' Enter

# ---- every key of every page ----
alive() { kill -0 "$(console_pid)"; }
press_all() {
  local page key
  for page in 1 2 3 4 5 6 7; do
    for key in '?' k j h l C-b C-f g G / n f s r Space Space : S u d v e x X t p P w c C m i I o O K Enter Up Down Left Right PageUp PageDown Home End Tab DC; do
      keys "$page" "$key" n Escape Escape
    done
  done
  # answers to harmless commands may still open: close them, go to the first page
  calm() { keys Escape 1; shows_now '^switch.* port.? name'; }
  within 10 calm && alive || { screen; return 1; }
}
check "every key on every page: it lives, and nothing was done without a yes" press_all
check "the port is as it was" has_config s1 1 '"up":true'

# ---- sizes ----
fits() { # no line is longer than the window, and the page is there
  size "$1" "$2"
  shows "$3"
}
check "40x8 is enough" fits 40 8 '^switch +port'
check "less gets a clear word" fits 39 8 '39x8 is too small'
check "lower as well" fits 80 7 '80x7 is too small'
check "200x50 uses the room" fits 200 50 'bit/s +drops load'
check "and back" fits 100 30 '^switch +port'

# ---- loss and return ----
kill "$s2"
wait "$s2" 2>/dev/null
check "a switch that goes is dead on the top line" shows '1 of 3 dead'
check "since when and why is on its line" do_keys 's2 +switch dead +[0-9]+s .*(nobody serves|No such file)' 7
switch s2 -n 16
check "it comes back by itself" shows ' 3 sources'
check "and is up" shows 's2 +switch up'

# ---- the end ----
keys q
check "q leaves a clean terminal and exit 0" ended_clean 0
died() { # by signal $1; the sanitizer's report of a crash ends with 1
  case $BIN:$1 in *-address/*:SEGV | *-address/*:BUS) ended_clean 1 ;; *) ended_clean $((128 + $(kill -l "$1"))) ;; esac
}
for signal in TERM INT HUP QUIT SEGV ABRT BUS; do
  terminal 80 24 "$console" "${all[@]}"
  shows '^switch' >/dev/null
  kill -"$signal" "$(console_pid)"
  check "SIG$signal leaves a clean terminal and kills" died "$signal"
done
# a shell with job control, as people have
terminal 80 24 bash --norc --noprofile -i
words "$console ${all[*]}"
check "a shell starts it" do_keys '^switch +port' Enter
check "Ctrl-Z gives the terminal back" do_keys '^.1.\+ +Stopped' C-z
words fg
check "fg paints it anew" do_keys '^switch +port' Enter
check "and it takes keys" do_keys '^wire +way' 4
keys q

# ---- terminals ----
tui_env="NO_COLOR=1"
terminal 80 24 "$console" "${all[@]}"
shows '^switch' >/dev/null
no_colors() { ! tm capture-pane -e -p | grep -qE $'\033''\[[0-9;]*(3[0-7]|9[0-7])m'; }
check "NO_COLOR: none" no_colors
keys q
tui_env=""
terminal 80 24 "$console" "${all[@]}"
shows '^switch' >/dev/null
colors() { tm capture-pane -e -p | grep -qE $'\033''\[[0-9;]*(3[0-7]|9[0-7])m'; }
check "else there are" colors
keys q
tui_env="LC_ALL=C"
terminal 80 24 "$console" --page wires "${all[@]}"
check "without UTF-8 it is ASCII" shows 'a>b up'
keys q
tui_env="TERM=dumb"
terminal 80 24 "$console" "${all[@]}"
dumb() { within 10 gone && [ "$(cat "$tmp/rc")" = 2 ] && shows 'TERM=dumb: a terminal that cannot place its cursor'; }
check "a dumb terminal gets a clear word and exit 2" dumb
tui_env=""
check "no terminal: exit 2 and what would do" is_code 2 "$console" "${all[@]}"

# ---- nothing changes, nothing is sent ----
terminal 80 24 "$console" --page wires "${all[@]}"
shows 's1--s2' >/dev/null
read -r -t 0.8 _ <>"$tmp/clock"
tm pipe-pane "cat >$tmp/bytes"
read -r -t 2 _ <>"$tmp/clock"
check "a picture that stays the same sends no byte" test ! -s "$tmp/bytes"
check "and idles" idles "$(console_pid)"
keys q

# ---- read only ----
terminal 80 24 "$console" --read-only "${all[@]}"
shows '^switch' >/dev/null
check "read-only: keys that write are off" do_keys 'read-only: d is off' d
keys :
words "port/down 1"
check "and so are commands that write" do_keys 'read-only: port/down 1 is off' Enter
keys q
plan
