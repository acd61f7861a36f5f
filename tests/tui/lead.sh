#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lead.sh - dw-lab run --console in a real terminal: step, back, until an event, a fault by hand, saved and run again.
cd "$(dirname "$0")/../.." || exit 3
. tests/interop/lib.bash
. tests/tui/lib.bash
command -v tmux >/dev/null || { echo "1..0 # SKIP tmux is missing: apt-get install tmux"; exit 0; }

cat >"$tmp/ring.lua" <<'LUA'
local net = lab("a ring", { limit = "2m" })
local ring = net.ring(3, { rstp = true, delay = "1ms" })
local a, b = net.station("a", ring[1]), net.station("b", ring[2])
net.faults { { at = "30s", cut = ring.cables[2], lasting = "1s" } }
net.test("settles", function(t)
  t.eventually("20s", function() return ring:stable() end, "the ring settles")
  t.sleep "20s"
  t.expect(a:ping(b).received, "==", 1, "an answer")
end)
net.test("again", function(t) t.sleep "1s" end)
LUA
terminal 120 30 "$BIN/dw-lab" run --console "$tmp/ring.lua"
check "the console opens on the lab, which stands at its beginning" shows '^0s stands'
check "with the test that is led" shows 'test 1 of 2, settles'
check "switches and cables are there" shows '^s1--s2 .*wire +up'
check "a step" do_keys '^[1-9][0-9.]*us stands' .
check "back to the beginning" do_keys '^0s stands' ,
keys T
words 10s
check "to an instant" do_keys '^10s stands' Enter
check "the tree of that instant" do_keys '✗ port' 3
check "which cable is blocked" do_keys 'alternate +discarding' 3
keys 7
keys g
check "Enter shows the faults that are planned" do_keys 'cut = "s2--s3"' Enter
keys x
keys 4
shows 's1--s2 +a→b' >/dev/null
keys g c
check "a cable is cut by hand" do_keys 's1--s2: cut: done' y
check "and seen cut" shows 's1--s2 +a→b cut'
check "an instant later" shows '^10.000000001s stands'
keys E
shows 'until which event' >/dev/null
check "until the tree changes" do_keys '^[1-9][0-9.]*s stands' Enter
keys 7
keys g
check "which event it was is told" shows 'stopped by s[123] rstp.change'
keys T
words 9s
check "back to before" do_keys '^9s stands' Enter
keys 4
check "it is whole" shows 's1--s2 +a→b up'
keys T
words 11s
check "and forward again" do_keys '^11s stands' Enter
check "it is cut again" shows 's1--s2 +a→b cut'
keys G
check "the frames of a cable" do_keys 'frames' Enter
keys T
words 14s
check "come with lab time" do_keys '00:00:1[234].*(STP|RST|BPDU)' Enter
keys 7
keys g
shows 'test 1 of 2' >/dev/null
keys G
shows '; 06:' >/dev/null
check "a switch is killed by hand" do_keys '@lab: node/kill s3: done' K y
check "and is seen dead" shows '^s3 .*dead'
check "it comes back by hand" do_keys '@lab: node/restart s3: done' R y
check "and is seen up" shows '^s3 +.*switch up'
check "what was done is listed" do_keys 's3 restart' H
keys x
keys V C-u
words 0.5
keys Enter
check "time can be slow" hides 'lab time per time'
keys V C-u
words fast
check "but not just anything" do_keys 'time/speed fast: .*as fast as it goes' Enter
keys V C-u
words 0
keys Enter
hides 'lab time per time' >/dev/null
keys S
shows 'save what was done as' >/dev/null
keys Enter
shows 'y or n' >/dev/null
check "what was done by hand is saved" do_keys 'hand/save .*done' y
check "the end of the test" do_keys '[0-9.]+s (passed|failed)' '>'
verdict=$(screen | grep -oE '^[0-9.]+s (passed|failed)' | cut -d' ' -f2)
check "the next test stands at its beginning" do_keys '^0s stands' '>'
check "quitting lets the rest run" do_keys '^left' q
check "the report is on the terminal then" shows '^ok 2 - again'
code=$([ "$verdict" = passed ] && echo 0 || echo 1)
check "the exit code is the run's, the terminal clean" ended_clean "$code"
terminal 100 30 "$BIN/dw-lab" run --console "$tmp/ring.lua"
shows '^0s stands' >/dev/null
kill -9 "$(console_pid)" # exec'ed: dw-lab itself
within 10 gone
clean_now() { stty -a -F "$(tm display-message -p '#{pane_tty}')" | diff "$tmp/before.stty" - && [ "$(tm display-message -p '#{alternate_on}')" = 0 ]; }
check "a run that is killed takes its console along, which cleans the terminal" within 10 clean_now
check "the saved scenario has the same verdict" is_code "$code" "$BIN/dw-lab" run "$tmp/by-hand.lua"
plan
