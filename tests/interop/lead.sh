#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lead.sh - dw-lab run --lead: a test in virtual time that is led over sockets: step by step, until an event, back, with
# faults by hand that are repeated and saved. What is not touched is what runs alone.
cd "$(dirname "$0")/../.." || exit 3
. tests/interop/lib.bash

cat >"$tmp/pair.lua" <<'LUA'
local net = lab("a pair", { limit = "30s" })
local s1, s2 = net.switch("s1"), net.switch("s2")
net.cable(s1, s2, { delay = "5ms" })
local a, b = net.station("a", s1), net.station("b", s2)

net.test("pings", function(t)
  t.sleep "1s"
  local r = a:ping(b, { count = 3 })
  t.expect(r.received, "==", 3, "answers")
end)

net.test("waits", function(t) t.sleep "2s" end)
LUA

lead() { # lead ARG...: a run that is led, its folder in $folder
  rm -f "$tmp/words"
  "$BIN/dw-lab" run --lead "$@" >"$tmp/report" 2>"$tmp/words" &
  last=$!
  pids+=("$last")
  within 20 grep -q leads "$tmp/words"
  folder=$(sed -n 's|^dw-lab: \(.*\)/@lab.mgmt leads$|\1|p' "$tmp/words")
}
ask() { "$BIN/dw-ctl" -j "$folder/@lab.mgmt" "$@"; }
tell() { "$BIN/dw-ctl" "$folder/@lab.mgmt" "$@" >/dev/null; }
node() { "$BIN/dw-ctl" "$folder/$1.mgmt" "${@:2}"; }
fact() { ask time/print | grep -o "\"$1\":[^,}]*" | head -n 1 | cut -d: -f2- | tr -d '"'; }
is() { [ "$(fact "$1")" = "$2" ] || { echo "$1 is $(fact "$1"), not $2"; return 1; }; }
comes_to() { within 20 is state "$1"; }
stands_at() { within 20 is now_ns "$1" && comes_to stands; }
refused() { ! "$BIN/dw-ctl" "$folder/@lab.mgmt" "$@" 2>"$tmp/refusal" >/dev/null && grep -q "${why:-.}" "$tmp/refusal"; }
has_socket() { [ -S "$folder/$1.mgmt" ]; }
prints() { grep -o 'fp1:[0-9a-f]*' "$1"; }

"$BIN/dw-lab" run "$tmp/pair.lua" >"$tmp/alone" || cat "$tmp/alone"

# ---- looked at, not touched ----
lead "$tmp/pair.lua"
run=$last
check "a test begins standing still" stands_at 0
check "switches and cables have sockets" eval 'has_socket s1 && has_socket s2 && has_socket s1--s2'
tell time/step
check "a step goes to the next thing that happens" eval '[ "$(fact now_ns)" -gt 0 ] && comes_to stands'
first=$(fact now_ns)
tell time/step 5
within 20 is state stands
check "several steps go further" [ "$(fact now_ns)" -gt "$first" ]
tell time/to 1s
check "to an instant" stands_at 1000000000
check "the switch is asked at lab time" eval 'node s1 fdb/print | grep -q .'
tell time/run event fdb.move
check "an event that never comes lets the test end" comes_to ended
check "it passed" is verdict passed
check "an ended test does not go on" refused time/step
tell time/to 1s
check "back to before its end" stands_at 1000000000
"$BIN/dw-ctl" "$folder/s1--s2.mgmt" capture/start all - >"$tmp/live" &
live=$!
pids+=("$live")
frames_seen() { [ "$(tshark -r "$tmp/live" -Y "$1" 2>/dev/null | grep -c .)" = "$2" ]; }
within 10 test -s "$tmp/live"
tell time/to 1.6s
stands_at 1600000000
check "live frames of a cable come with it" within 20 frames_seen icmp 2
tell time/to 1s
stands_at 1000000000
"$BIN/dw-ctl" "$folder/s1--s2.mgmt" capture/start all - filter 'icmp[0] == 8' >"$tmp/requests" &
requests=$!
pids+=("$requests")
only_requests() { tshark -r "$tmp/requests" -T fields -e icmp.type 2>/dev/null | sort -u | tr '\n' ' ' | grep -qx '8 '; }
within 10 test -s "$tmp/requests"
tell time/to 1.4s
stands_at 1400000000
check "and again after going back" within 20 frames_seen icmp 4
check "a filter takes what it is for" within 20 only_requests
kill "$requests"
kill "$live"
no_capture() { ! node s1--s2 capture/list | grep -q .; }
check "a reader that goes is forgotten" within 10 no_capture
check "a switch has no frames of its own" eval '! node s1 capture/start all - 2>/dev/null'
tell time/to 1s
stands_at 1000000000
tell time/back
within 20 is state stands
check "and an instant further" [ "$(fact now_ns)" -lt 1000000000 ]
tell time/to 1.5s
check "forward again" stands_at 1500000000
tell time/run
comes_to ended
tell test/next
check "the next test stands at its beginning" eval 'within 20 is number 2 && stands_at 0'
tell time/run until 500ms
check "until an instant" stands_at 500000000
tell time/run
comes_to ended
tell test/next
check "after the last test the run ends" eval 'within 20 ended "$run"'
check "its report is that of a run without anybody" eval 'diff <(prints "$tmp/alone") <(prints "$tmp/report")'
check "nothing is left" [ ! -e "$folder" ]

# ---- by hand ----
lead --only pings "$tmp/pair.lua"
run=$last
check "kill needs a switch" eval 'why="no switch" refused node/kill a'
tell time/to 1s
stands_at 1000000000
check "a cable is cut by hand" node s1--s2 cut
check "an instant later" stands_at 1000000001
check "it says so" eval 'node s1--s2 showinfo | grep -q cut'
check "a wrong command is refused and not kept" eval '! node s1--s2 set delay=1parsec 2>/dev/null && is by_hand 1'
check "a switch dies by hand" tell node/kill s2
check "its socket is gone" eval 'within 10 eval "! has_socket s2"'
check "and comes back with it" eval 'tell node/restart s2 && within 10 has_socket s2'
check "three things were done" is by_hand 3
tell time/run
check "the test fails by what was done" eval 'comes_to ended && is verdict failed'
tell time/to 1.2s
stands_at 1200000000
check "it was done again on the way back" eval 'node s1--s2 showinfo | grep -q cut'
tell time/to 999ms
stands_at 999000000
check "and not yet before" eval '! node s1--s2 showinfo | grep -q cut'
check "what is planned is kept" is by_hand 3
tell time/run
comes_to ended
check "it is saved as a scenario" tell hand/save "$tmp/by-hand.lua"
check "but over no file" eval 'why="File exists" refused hand/save "$tmp/by-hand.lua"'
tell time/to 500ms
stands_at 500000000
check "something else, done earlier" node s1 port/set 1 descr=early
check "takes the place of all that came later" is by_hand 1
kill "$run"
check "a signal ends it" eval 'within 20 ended "$run"'
check "nothing is left then" [ ! -e "$folder" ]
lead --only pings "$tmp/by-hand.lua"
run=$last
tell time/run
comes_to ended
tell test/next
within 20 ended "$run"
fails() { is_code 1 "$BIN/dw-lab" run --only pings "$tmp/by-hand.lua" && cp "$tmp/said" "$tmp/again"; }
check "the saved scenario fails" fails
check "in the same way" grep -q "answers: expected" "$tmp/again"
check "with the same fingerprint, led or not" eval 'diff <(prints "$tmp/report") <(prints "$tmp/again")'

# ---- misuse ----
printf 'by_hand { test = "pings", { at = "1s", node = "s9", line = "cut" } }\n' | cat "$tmp/pair.lua" - >"$tmp/wrong.lua"
check "by_hand of nobody is misuse" is_code 2 "$BIN/dw-lab" run "$tmp/wrong.lua"
check "--console without a terminal is misuse" is_code 2 "$BIN/dw-lab" run --console "$tmp/pair.lua"
check "--lead of processes is misuse" is_code 2 "$BIN/dw-lab" run --lead --backend proc "$tmp/pair.lua"
plan
