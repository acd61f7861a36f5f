#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# ctl.sh - dw-ctl against a management server of ours and against the originals (vde_switch, wirefilter);
# Debian's terminals (unixterm, vdeterm) against ours.
cd "$(dirname "$0")/../.." || exit 3
. tests/interop/lib.bash

ctl=$BIN/dw-ctl
sock=$tmp/echo.mgmt

accepts() { "$ctl" "$1" help; }
serve() { # the test server on $sock; its pid in $last
  "$TOOLS/mgmt_echo" "$sock" 2>"$tmp/echo.err" &
  last=$!
  pids+=("$last")
  within 10 accepts "$sock"
}

# says CODE STDOUT STDERR COMMAND...: exit code, data and words are exactly these.
says() {
  local code=$1 out=$2 err=$3 got
  shift 3
  "$@" >"$tmp/out" 2>"$tmp/err"
  got=$?
  [ "$got" = "$code" ] || echo "exit $got, not $code"
  printf '%s' "$out" | cmp - "$tmp/out" || head -c 2000 "$tmp/out"
  printf '%s' "$err" | cmp - "$tmp/err" || cat "$tmp/err"
  [ "$got" = "$code" ] && printf '%s' "$out" | cmp -s - "$tmp/out" && printf '%s' "$err" | cmp -s - "$tmp/err"
}
nl=$'\n'

serve
server=$last

# ---- one command ----
check "words with blanks and quotes arrive as they were given" \
  says 0 "a b${nl}q\"u\\o${nl}${nl}k=v w${nl}" "" "$ctl" "$sock" test/echo "a b" 'q"u\o' "" "k=v w"
check "a whole command line may stand in one word" \
  says 0 "a${nl}b c${nl}" "" "$ctl" "$sock" 'test/echo a "b c"'
check "a refusal is 1, its words on stderr with the command first" \
  says 1 "" "dw-ctl: test/fail: not now${nl}" "$ctl" "$sock" test/fail 16 "not now"
check "an unknown command is 1 and names the nearest one" \
  says 1 "" "dw-ctl: test/ecko: Function not implemented; did you mean test/echo?${nl}" "$ctl" "$sock" test/ecko
check "-j asks for JSON" says 0 "{\"words\":[\"a\"]}${nl}" "" "$ctl" -j "$sock" test/echo a
check "-j leaves an error an error" says 1 "" "dw-ctl: test/fail: Input/output error${nl}" "$ctl" -j "$sock" test/fail 5
check "data that comes with an error is shown (VDE's plugin/list)" \
  says 1 "NAME${nl}" "dw-ctl: test/both: No such file or directory${nl}" "$ctl" "$sock" test/both
check "no socket is 3" \
  says 3 "" "dw-ctl: $tmp/none: No such file or directory${nl}" "$ctl" "$tmp/none" help
check "no socket named is 2" is_code 2 "$ctl"
check "a folder is no management socket" is_code 3 "$ctl" "$tmp" help
check "a newline in a command is 2" is_code 2 "$ctl" "$sock" "test/echo a${nl}test/echo b"
lines() { [ "$("$ctl" "$sock" test/big 100000 | tail -n 1)" = "line 99999 of a long reply" ]; }
check "a reply of 100000 lines comes whole" lines
early() { # the reader goes after one line: dw-ctl must go too, and the server must not care
  "$ctl" "$sock" test/big 1000000 | head -n 1 | grep -q '^line 0 ' && says 0 "x${nl}" "" "$ctl" "$sock" test/echo x
}
check "a reader that goes away ends dw-ctl and nobody else" early

# ---- lines from stdin ----
from_stdin() { printf 'test/echo 1\n\n# note\ntest/ecko\ntest/echo 2' | "$ctl" "$@"; }
twice="1${nl}2${nl}"
hint="dw-ctl: test/ecko: Function not implemented; did you mean test/echo?${nl}"
check "lines come from stdin, the last one without newline; a refusal shows in the end" \
  says 1 "$twice" "$hint" from_stdin "$sock"
check "- is the same" says 1 "$twice" "$hint" from_stdin "$sock" -
printf 'test/echo from a file\n' >"$tmp/commands"
from_file() { "$ctl" "$sock" <"$tmp/commands"; }
check "stdin may be a file" says 0 "from${nl}a${nl}file${nl}" "" from_file
check "load shows each line of a file and its answer" \
  says 0 "vde[$tmp/commands]: test/echo from a file${nl}from${nl}a${nl}file${nl}1000 Success${nl}" "" \
  "$ctl" "$sock" load "$tmp/commands"

# ---- events ----
peer watch "$ctl" "$sock" event/watch 'port.*'
watcher=$last
emitted() { # until the watcher is listening
  "$ctl" "$sock" test/emit port.up
  IFS= read -r -t 0.1 event <"$tmp/watch.out"
}
streams() { within 10 emitted && echo "$event" && [[ $event == "port.up port 1 name a said so [1 "* ]]; }
check "event/watch streams events" streams
kill -INT "$watcher"
wait "$watcher" 2>/dev/null
code=$?
check "event/watch ends by the signal that interrupts it" [ "$code" = 130 ]
peer watch "$ctl" -j "$sock" event/watch
json_event() { within 10 emitted && [ "${event:0:19}" = '{"event":"port.up",' ]; }
check "-j event/watch streams JSON" json_event
kill "$last"

# ---- a terminal ----
# tty NAME COMMAND: on a terminal of its own, fed by $tmp/NAME.in, shown in $tmp/NAME.txt.
tty() {
  mkfifo "$tmp/$1.in"
  exec {keys}<>"$tmp/$1.in"
  TERM=xterm script -qefc "$2" "$tmp/$1.txt" <"$tmp/$1.in" >/dev/null 2>&1 {keys}>&- &
  last=$!
  pids+=("$last")
}
shows() { grep -a -q -- "$2" "$tmp/$1.txt"; }
types() { printf '%b' "$1" >&"$keys"; }
if need "a terminal edits, completes and remembers" script; then
  tty term "$ctl $sock"
  within 10 shows term 'vde\$ '
  types 'test/ec\tone\n'
  check "tab completes the command word" within 10 shows term '^one'
  types '\033[A two\n'
  check "the history has the line before" within 10 shows term '^two'
  types 'event/watch plug\n'
  within 10 shows term '> event/watch\|event/watch plug'
  pressed() { "$ctl" "$sock" test/emit plug && shows term 'plug port 1 name a said so'; }
  check "events show while a line waits to be written" within 10 pressed
  types 'test/fial 5\n'
  check "a refusal shows and the terminal goes on" within 10 shows term 'did you mean test/fail'
  types '\004'
  check "the end of input leaves with 0" wait "$last"
fi

# ---- Debian's terminals against ours ----
if need "unixterm holds a session" unixterm; then
  peer ut unixterm "$sock"
  printf 'test/echo one\n' >"$tmp/ut.in"
  heard_one() { timeout 10 sed '/^1000 Success/q' <"$tmp/ut.out" >"$tmp/ut.txt" && grep -q '^one$' "$tmp/ut.txt"; }
  check "unixterm holds a session" heard_one
  kill "$last"
fi
if need "vdeterm holds a session" vdeterm script; then
  tty vt "vdeterm $sock"
  within 10 shows vt 'vde\[.*\]: '
  types 'test/echo two\n'
  check "vdeterm sends without newline and shows data and verdict" within 10 shows vt $'\btwo' # behind the prompt that it takes back
  within 10 shows vt 'Success'
  types 'event/watch plug\n'
  event_at_vdeterm() { "$ctl" "$sock" test/emit plug && shows vt 'DBG MSG: plug port 1 name a said so'; }
  check "vdeterm shows our events as debug messages" within 10 event_at_vdeterm
  types 'test/\t\t'
  check "vdeterm completes from our help" within 10 shows vt 'test/both'
  kill "$last"
fi

# ---- the end of a session ----
check "logout is granted" says 0 "" "" "$ctl" "$sock" logout
check "shutdown is granted" says 0 "" "" "$ctl" "$sock" shutdown
check "the server ends with it" within 10 ended "$server"
check "its socket is gone" [ ! -e "$sock" ]
serve
kill -KILL "$last"
wait "$last" 2>/dev/null
serve
check "a socket left by a killed server is taken over" says 0 "x${nl}" "" "$ctl" "$sock" test/echo x
check "a second server on a living socket is refused" is_code 3 "$TOOLS/mgmt_echo" "$sock"
check "and the first one goes on" says 0 "x${nl}" "" "$ctl" "$sock" test/echo x

# ---- dw-ctl against the originals ----
alive() { [ -s "$1" ] && pids+=("$(cat "$1")"); }
if need "dw-ctl speaks to the original vde_switch" vde_switch; then
  real=$tmp/real.mgmt
  vde_switch -s "$tmp/real" -M "$real" -d -p "$tmp/real.pid"
  within 10 accepts "$real"
  alive "$tmp/real.pid"
  check "the original switch answers dw-ctl" is_code 0 "$ctl" "$real" showinfo
  silent() { is_code 3 "$ctl" "$tmp/real/ctl" help && grep -q 'is this a management socket' "$tmp/said"; }
  check "a socket that does not greet is given up" silent
  is_code 0 "$ctl" "$real" showinfo
  check "data without its frame" grep -q '^VDE switch V\.' "$tmp/said"
  check "the original creates a port" says 0 "" "" "$ctl" "$real" port/create 7
  check "the original's refusal is 1" says 1 "" "dw-ctl: port/create: File exists${nl}" "$ctl" "$real" port/create 7
  check "a hint from the original's help" \
    says 1 "" "dw-ctl: prt/create: Function not implemented; did you mean port/create?${nl}" "$ctl" "$real" prt/create 7
  many() { printf 'port/create 8\nport/create 9\n\nport/remove 9\nport/allprint 8\n' | "$ctl" "$real" - | grep -c '^Port 0008'; }
  check "many commands, one at a time" says 0 "1${nl}" "" many
  peer debug "$ctl" "$real" debug/add port/+
  debugged() {
    "$ctl" "$real" port/create 11
    "$ctl" "$real" port/remove 11
    IFS= read -r -t 0.1 event <"$tmp/debug.out" && [ "$event" = "port/+ 11" ]
  }
  check "the original's debug lines stream" within 10 debugged
  kill "$last"
  check "the original shuts down" says 0 "" "" "$ctl" "$real" shutdown
fi
if need "dw-ctl speaks to the original wirefilter" vde_switch wirefilter; then
  vde_switch -s "$tmp/w1" -d -p "$tmp/w1.pid"
  vde_switch -s "$tmp/w2" -d -p "$tmp/w2.pid"
  wirefilter -v "$tmp/w1:$tmp/w2" -M "$tmp/wf.mgmt" --daemon --pidfile "$tmp/wf.pid"
  answers() { "$ctl" "$tmp/wf.mgmt" showinfo; }
  check "the original wirefilter answers dw-ctl" within 10 answers
  for p in w1 w2 wf; do alive "$tmp/$p.pid"; done
  check "the original wirefilter takes a setting" says 0 "" "" "$ctl" "$tmp/wf.mgmt" delay 10
fi
plan
