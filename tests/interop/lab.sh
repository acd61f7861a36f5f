#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab.sh - dw-lab in virtual time: scenarios that must pass do, those that must not end with the right
# code and words; seeds, options, pictures; its TAP is read by a real consumer.
cd "$(dirname "$0")/../.." || exit 3
. tests/interop/lib.bash
lab=$BIN/dw-lab

passes() { "$lab" run "$@" >"$tmp/out" 2>"$tmp/err" || { cat "$tmp/out" "$tmp/err"; return 1; }; }
for f in tests/scenarios/*.lua scenarios/*.lua; do
  check "$f passes" passes "$f"
done

# The second line of a bad scenario: -- NAME - ends with CODE: WORDS. The words are on stderr (2) or in
# the report (1).
refused() {
  local file=$1 head code words
  head=$(sed -n '2s/^-- .* - ends with //p' "$file")
  code=${head%%: *}
  words=${head#*: }
  "$lab" run "$file" >"$tmp/out" 2>"$tmp/err"
  local got=$?
  [ "$got" = "$code" ] || { echo "exit $got, not $code"; cat "$tmp/out" "$tmp/err"; return 1; }
  if [ "$code" = 2 ]; then
    [ "$(wc -l <"$tmp/err")" = 1 ] || { echo "not one line of words"; cat "$tmp/err"; return 1; }
    grep -qF -- "$words" "$tmp/err" || { cat "$tmp/err"; return 1; }
  else
    grep -qF -- "$words" "$tmp/out" || { cat "$tmp/out"; return 1; }
    grep -q '^  repeat: "dw-lab run ' "$tmp/out" || { echo "no way to repeat it"; cat "$tmp/out"; return 1; }
  fi
}
for f in tests/scenarios/bad/*.lua; do
  check "$f ends as it says" refused "$f"
done

# ---- options ----
says() { # says CODE PATTERN ARG...: exit code, and a line of stdout or stderr like PATTERN
  local code=$1 pattern=$2
  shift 2
  is_code "$code" "$lab" "$@" || return 1
  grep -qE -- "$pattern" "$tmp/said" || { cat "$tmp/said"; return 1; }
}
first=scenarios/first-light.lua
check "no verb is misuse" says 2 'what to do'
check "an unknown verb gets the nearest" says 2 'did you mean run' rnu "$first"
check "no file is misuse" says 2 'which scenario' run
check "a missing file is named" says 2 'no-such.lua: No such file' run no-such.lua
check "an unknown backend gets the nearest" says 2 'did you mean sim' run --backend sin "$first"
check "a range of seeds is checked" says 2 "'7' is no range" run --seeds 7 "$first"
check "--only runs what matches" says 0 '^1\.\.1$' run --only 'a ping*' "$first"
check "--only with nothing is no success" says 1 'no test is called' run --only 'nothing' "$first"
check "--seeds runs every test with each" says 0 '^# 6 passed' run --seeds 7..9 "$first"
check "--check-determinism passes" says 0 '^# 2 passed' run --check-determinism "$first"
check "several files are told apart" says 0 '^ok 3 - lossy cable: ' run "$first" scenarios/lossy-cable.lua
check "help names the verbs" says 0 'run\|merge\|why\|diff\|draw\|doctor' --help
check "run has its own help" says 0 '--seeds A\.\.B' run --help
check "doctor knows virtual time" says 0 '^yes +backend sim' doctor
check "doctor names the best backend in a word" says 0 '^(sim|proc|ns)$' doctor --best

cat >"$tmp/skips.lua" <<'END'
local net = lab("skips")
local a = net.host("a", net.switch("s1"))
net.test("needs ns", { needs = { "ns" } }, function() end)
net.test("needs what is not there", { needs = { "no-such-program" } }, function() end)
net.test("exec", function() a:exec { "true" } end)
net.test("by itself", function(t) t.skip("because") end)
END
check "what is missing skips, with the reason" says 0 'ok 2 .* # SKIP no-such-program is not installed' run "$tmp/skips.lua"
check "programs need namespaces" says 0 'ok 3 - exec # SKIP exec: programs run with --backend ns' run "$tmp/skips.lua"
check "--strict: what is skipped is not passed" says 1 '0 passed, 0 failed, 4 skipped' run --strict "$tmp/skips.lua"

# ---- the same in every run ----
prints() { "$lab" run "$@" 2>&1 | grep -oE 'fp1:[0-9a-f]{16}|"outage.*|"lost.*'; }
same() { [ -n "$(prints "$1")" ] && [ "$(prints "$1")" = "$(prints "$1")" ]; }
check "two runs give the same fingerprints and measures" same scenarios/cut-and-mend.lua
alone() { # a test gives the same whether others run before it or not
  local all one
  all=$(prints scenarios/cut-and-mend.lua | tail -n 2)
  one=$(prints scenarios/cut-and-mend.lua --only 'afterwards*')
  [ -n "$one" ] && [ "$all" = "$one" ] || { echo "$all"; echo "$one"; return 1; }
}
check "--only gives the same fingerprint as the whole run" alone
differ() { [ "$(prints scenarios/lossy-cable.lua --seed 1)" != "$(prints scenarios/lossy-cable.lua --seed 2)" ]; }
check "another seed is another run" differ
repeat() { # the command that a report gives runs just that case
  sed -n 's/^  repeat: "dw-lab \(.*\)"$/\1/p' "$tmp/out" >"$tmp/cmd"
  eval "set -- $(cat "$tmp/cmd")"
  is_code 1 "$lab" "$@" && grep -q '^1\.\.1$' "$tmp/said"
}
cat >"$tmp/odd.lua" <<'END'
local net = lab("odd")
net.test("it's [odd] * \"name\"", function(t) t.expect(1, "==", 2) end)
net.test("it's not", function() end)
END
"$lab" run "$tmp/odd.lua" >"$tmp/out" 2>/dev/null
sed -i 's/\\"/"/g; s/\\\\/\\/g' "$tmp/out"
check "the command to repeat a failure runs just that case" repeat

# Which frames a cable loses follows from the seed, its name and the frame's ordinal, in every world.
backends=sim
for b in proc ns; do
  "$lab" doctor | grep -q "^yes *backend $b " && backends=$backends,$b
done
if [ "$backends" = sim ]; then
  skip "the same frames are lost on every backend" "no backend but sim on this machine"
else
  alike() {
    "$lab" run scenarios/lossy-cable.lua --backend "$backends" >"$tmp/out" 2>&1 || { cat "$tmp/out"; return 1; }
    grep '"lost"' "$tmp/out" | sort | uniq -c >"$tmp/lost"
    [ "$(wc -l <"$tmp/lost")" = 1 ] || { cat "$tmp/lost"; return 1; }
  }
  check "the same frames are lost on every backend ($backends)" alike
fi

# ---- what others read ----
check "draw: text" says 0 '^a -- s1 == 5ms == s2 -- b$' draw "$first"
check "draw: dot" says 0 '"s1" -- "s2" \[label="5ms"\];' draw --dot "$first"
check "draw: mermaid" says 0 '^  n0 ---\|"5ms"\| n1$' draw --mermaid "$first"
if need "--json is one object with the same facts" python3; then
  facts() {
    "$lab" run -j "$first" tests/scenarios/bad/expect.lua | python3 -c '
import json, sys
r = json.load(sys.stdin)
assert (r["passed"], r["failed"], r["skipped"], len(r["tests"])) == (2, 1, 0, 3), r
assert r["tests"][0]["fingerprint"].startswith("fp1:") and r["tests"][0]["measured"][0]["name"] == "round trip"
assert "expected 1 == 2" in r["tests"][2]["failures"][0]["text"] and r["tests"][2]["verdict"] == "failed"'
  }
  check "--json is one object with the same facts" facts
fi
if need "Graphviz reads the picture" dot; then
  drawn() { "$lab" draw --dot tests/scenarios/shapes.lua | dot -Tsvg | grep -q '</svg>'; }
  check "Graphviz reads the picture" drawn
fi
if need "prove reads the report" prove; then
  proved() { prove -e "" "$tmp/tap.sh" >"$tmp/proved" 2>&1; grep -q 'Result: PASS' "$tmp/proved"; }
  printf '#!/bin/sh\nexec "%s" run scenarios/mac-moves.lua scenarios/first-light.lua\n' "$(realpath "$lab")" >"$tmp/tap.sh"
  chmod +x "$tmp/tap.sh"
  check "prove reads the report" proved
  failed() { ! prove -e "" "$tmp/tap.sh" >"$tmp/proved" 2>&1 && grep -q 'Failed 1/1 subtests' "$tmp/proved"; }
  printf '#!/bin/sh\nexec "%s" run tests/scenarios/bad/expect.lua\n' "$(realpath "$lab")" >"$tmp/tap.sh"
  check "prove sees a failure" failed
fi

# ---- networks in the formats of others ----
imports() { "$lab" import "$1" "$2" >"$tmp/imported.lua" && passes "$tmp/imported.lua"; }
for k in "graphml abilene.graphml" "gml tiny.gml" "kathara lab.conf" "containerlab clos.clab.yml" "dot office.dot"; do
  check "import $k: a scenario that passes" imports "${k% *}" "tests/import/${k#* }"
done
drawn_again() { # what draw --dot wrote is the same network
  "$lab" draw --dot scenarios/ring-failover.lua >"$tmp/ring.dot" && "$lab" import dot "$tmp/ring.dot" >"$tmp/ring.lua" || return 1
  diff <("$lab" draw scenarios/ring-failover.lua | tr -d '|` ' | sort) <("$lab" draw "$tmp/ring.lua" | tr -d '|` ' | sort) >"$tmp/diff"
  [ "$(grep -c '^[<>].*s[0-9]' "$tmp/diff")" = 0 ] || { cat "$tmp/diff"; return 1; }
}
check "a picture for Graphviz can be read back" drawn_again
check "import: the nearest format" says 2 "no format 'grapml'; did you mean graphml" import grapml x
check "import: what is wrong, and where" says 2 'first-light.lua: line 1: graph or digraph belongs here' import dot scenarios/first-light.lua

# ---- captures ----
if need "a capture of all cables is read by tshark, with what befell each frame" tshark; then
  captured() {
    "$lab" run scenarios/lossy-cable.lua --capture "$tmp/all.pcapng" >"$tmp/out" 2>&1 || { cat "$tmp/out"; return 1; }
    tshark -r "$tmp/all.pcapng" -T fields -e frame.interface_name -e frame.comment 2>/dev/null | sort | uniq -c >"$tmp/seen"
    grep -q "$(printf 's1--s2/ab\tdropped: loss')" "$tmp/seen" && grep -q 'a--s1/ab' "$tmp/seen" || { cat "$tmp/seen"; return 1; }
  }
  check "a capture of all cables is read by tshark, with what befell each frame" captured
  unmoved() { [ "$(prints scenarios/lossy-cable.lua)" = "$(prints scenarios/lossy-cable.lua --capture "$tmp/again.pcapng")" ] && cmp "$tmp/all.pcapng" "$tmp/again.pcapng"; }
  check "a capture changes nothing, and is the same every time" unmoved
fi
check "--capture is of one test" says 2 'of one test at a time' run --capture "$tmp/x.pcapng" "$first"

# ---- whom a failure is about ----
# Two lines of three, both of whose far cables are cut: n1--n2 before n2--n3, f1--f2 before f2--f3.
cat >"$tmp/involved.lua" <<'END'
local net = lab("involved")
local n, f = net.line(3, { name = "n" }), net.line(3, { name = "f" })
local a, b = net.station("a", n[1]), net.station("b", f[1])
net.faults {
  { at = "1s", cut = n.cables[1] }, { at = "2s", cut = f.cables[1] },
  { at = "3s", cut = n.cables[2] }, { at = "4s", cut = f.cables[2] },
}
local function cuts(t) t.sleep "5s" end
net.test("a reply", function(t) cuts(t) t.expect(n[1]:cmd("port/print"), "==", 1) end)
net.test("a wait", function(t)
  cuts(t)
  t.eventually("1s", function() return f[3]:cmd("port/print") == 1 end, "nothing")
end)
net.test("an earlier one held", function(t)
  cuts(t)
  local ping = a:ping(b, { count = 1, within = "1s" })
  t.expect(ping.received, "==", 0)
  t.expect(b:ping(a, { count = 1, within = "1s" }).received, "==", 0)
  f[3]:cmd("port/print")
  t.expect(false)
end)
net.test("one answer, two expectations", function(t)
  cuts(t)
  local reply = n[1]:cmd("port/print")
  t.expect(reply)
  t.expect(reply, "==", 1)
end)
net.test("nobody was asked", function(t) cuts(t) t.expect(1, "==", 2) end)
END
told() { # told TEST NODE...: the report of TEST shows events of these
  is_code 1 "$lab" run "$tmp/involved.lua" --only "$1" || return 1
  local of
  of=$(sed -nE 's/^    - "?[0-9.]+(s|ms|us|ns) ([a-z0-9]+) .*/\2/p' "$tmp/said" | sort -u | tr '\n' ' ')
  shift
  [ "$of" = "$* " ] || { echo "events of: $of"; cat "$tmp/said"; return 1; }
}
check "a failure shows what those told that it asked, and their neighbours" told "a reply" n1 n2
check "a wait that did not happen, those that it read" told "a wait" f2 f3
check "not those of an expectation that held before" told "an earlier one held" f2 f3
check "one answer may be looked at twice" told "one answer*" n1 n2
check "all of them where nobody was asked" told "nobody was asked" f2 f3 n3

# ---- Ctrl-C and the clock ----
cat >"$tmp/long.lua" <<'END'
local net = lab("long", { limit = "10000h" })
local l = net.line(2)
local a, b = net.station("a", l[1]), net.station("b", l[2])
net.test("short", function() end)
net.test("long", function(t)
  local flow <close> = a:flow(b, { rate = "100kpps" })
  t.sleep("5000h")
end)
END
interrupted() {
  "$lab" run "$tmp/long.lua" >"$tmp/out" 2>"$tmp/err" &
  local pid=$!
  within 20 grep -q '^ok 1 ' "$tmp/out" || return 1
  kill -TERM "$pid"
  wait "$pid"
  local code=$?
  [ "$code" = 143 ] || { echo "exit $code"; return 1; }
  grep -q '^ok 1 - short' "$tmp/out" && grep -q '^Bail out! stopped by a signal' "$tmp/out"
}
check "stopped by a signal: what was done is told, and it dies by it" interrupted
check "--timeout ends a test by the clock" says 1 'took longer than --timeout allows' run --timeout 300ms "$tmp/long.lua"
plan
