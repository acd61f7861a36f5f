#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab_record.sh - records: who looks changes nothing; why finds the cause of a failure, diff where two
# runs part, --replay runs the same again; what is no record is refused.
cd "$(dirname "$0")/../.." || exit 3
. tests/interop/lib.bash
lab=$BIN/dw-lab
root=$PWD
cd "$tmp" || exit 3
ln -s "$root/scenarios" scenarios

cat >loss.lua <<'END'
local net = lab("loss", { limit = "1m", needs = { "sim" } })
local s1, s2, s3 = net.switch "s1", net.switch "s2", net.switch "s3"
local c = net.cable(s1, s2)
net.cable(s2, s3, { delay = "1ms" })
local a, b = net.station("a", s1), net.station("b", s3)
net.faults {
  { at = "1s", lasting = "1s", cut = "s1--s2" },
  { at = "3s", lasting = "5s", set = "s2--s3", to = { ab = { loss = "50%" } } },
}
net.test("pings arrive", function(t)
  t.sleep "4s"
  t.expect(a:ping(b, { count = 8 }).received, "==", 8)
end)
net.test("no cut", function(t)
  t.never(function() return c:cmd("showinfo").state == "cut" end, "a cut")
  t.sleep "5s"
end)
END

prints() { sed -n 's/^ *fingerprint: //p' "$1"; }
untouched() { # untouched NAME OPTION...: each scenario gives the fingerprints it gives without
  local f
  for f in scenarios/ring-failover.lua scenarios/lossy-cable.lua scenarios/storm-and-tree.lua loss.lua; do
    "$lab" run "$f" --backend sim >plain 2>&1
    "$lab" run "$f" --backend sim "$@" >with 2>&1
    [ -n "$(prints plain)" ] && diff <(prints plain) <(prints with) || { echo "$f"; return 1; }
  done
}
check "a record changes nothing" untouched --record all.rec
check "a check of determinism changes nothing" untouched --check-determinism
cat >captured.lua <<'END'
local net = lab("captured", { needs = { "sim" } })
local ring = net.ring(4, { rstp = true, loss = "5%" })
local a, b = net.station("a", ring[1]), net.station("b", ring[3])
net.test("flow", function(t)
  local file = net.swarm { file = { false, "all.pcapng" } }.file
  if file then ring.cables[1]:capture(file) end
  t.sleep "10s"
  local flow <close> = a:flow(b, { rate = "100pps", size = "100B" })
  t.sleep "5s"
end)
END
sed 's/{ false, "all.pcapng" }/{ false }/' captured.lua >plain.lua
sed 's/{ false, "all.pcapng" }/{ "all.pcapng" }/' captured.lua >capture.lua
drawn() {
  "$lab" run plain.lua >plain && "$lab" run capture.lua >with && [ -s all.pcapng ] || { cat plain with; return 1; }
  "$lab" draw plain.lua --dot >/dev/null
  diff <(prints plain) <(prints with)
}
check "a capture changes nothing" drawn

"$lab" run loss.lua --record one >/dev/null
"$lab" run loss.lua --record two >/dev/null
check "the same run gives the same record" cmp one two
check "and no difference" is_code 0 "$lab" diff one two
says() { # says CODE PATTERN ARG...
  local code=$1 pattern=$2
  shift 2
  is_code "$code" "$lab" "$@" || return 1
  grep -qE -- "$pattern" said || { cat said; return 1; }
}
check "why: the failed expectation" says 0 'test fails loss.lua:12: expected . == 8' why one
check "why: what it asked" grep -q '<- #[0-9]* 4s: a asked ping b' said
check "why: where the frame was lost, by which draw" grep -Eq '^#[0-9]+ [0-9.]+s: s2--s3.ab lost .* loss, draw [0-9]+$' said
check "why: what had changed the cable" grep -Eq '<- #[0-9]+ 3s: s2--s3 asked set ab.loss="50%"' said
check "why: which line of the plan" grep -Eq '<- #[0-9]+ 3s: plan begins \{ at = "3s".* \(line 2 of the plan\)' said
number=$(sed -n 's/^#\([0-9]*\) .*s2--s3.ab lost.*/\1/p' said | head -n 1)
check "why of an event: what led to it" says 0 'a asked ping b' why one "$number"
"$lab" run loss.lua --only 'no cut' --record cut >/dev/null
check "why of what must never be: the event that was seen" says 0 'fails loss.lua:15: happened: a cut' why cut
check "why: what told of it, and the plan behind it" sh -c 'grep -Eq "^  <- #[0-9]+ 1s: .* port.down" said && grep -q "line 1 of the plan" said'
"$lab" run plain.lua --record well >/dev/null
check "why without a failure says so" says 1 'nothing failed' why well

"$lab" run loss.lua --seed 2 --record other >/dev/null
check "diff stops at the first difference, with both sides" says 1 'the same up to event [0-9]+' diff one other
check "the sides come with what was before" sh -c 'grep -c "^  #" said | grep -qx 10 && grep -q "^- #" said && grep -q "^+ #" said'

replays() { is_code 1 "$lab" run --replay one && diff <(prints said | head -n 1) <(sed -n 's/^end failed \(fp1:.*\) .*/"\1"/p' one | head -n 1); }
check "a replay is the same run" replays
sed 's/lasting = "5s", set/lasting = "1ms", set/' one >edited
check "a replay takes the plan from the record" says 1 '^ok 1 - pings arrive' run --replay edited
check "and says that it is not as recorded" grep -q 'pings arrive: not as recorded' said
check "a record is of one seed" says 2 'one seed' run loss.lua --seeds 1..3 --record x
check "a replay names no scenario" says 2 'the record names' run loss.lua --replay one

printf 'lab 1\nscenario x 1\ntest y\nbackend sim\nseed 1\n2 0 a b <0\n' >bad1
printf 'lab 2\n' >bad2
printf 'lab 1\nscenario x 1\ntest y\nbackend sim\n1 0 a b <1\n' >bad3
: >bad4
for f in bad1 bad2 bad3 bad4; do
  check "$f is no record" says 2 "$f: " why "$f"
done
check "nor is what is not there" says 2 'nowhere: No such file' diff one nowhere
cd "$root" || exit 3
plan
