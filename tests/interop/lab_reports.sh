#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab_reports.sh - reports of a run in other people's formats, read by those who read such: an XML schema,
# a CSV reader, a Markdown table's columns.
cd "$(dirname "$0")/../.." || exit 3
. tests/interop/lib.bash
lab=$BIN/dw-lab

cat >"$tmp/odd.lua" <<'END'
local net = lab("odd <& \"names\">")
local s1, s2 = net.switch("s1"), net.switch("s2")
local c = net.cable(s1, s2)
local a, b = net.station("a", s1), net.station("b", s2)
net.test("it's <bad> & \"quoted\"", function(t) t.log("note\1 <x>") t.expect("a|b", "==", "x,y") end)
net.test("skipped", function(t) t.skip("because <of> this") end)
net.test("broken", function(t) t.sleep(5) end)
net.sweep { delay = { "1ms", "20ms" }, text = { "a,b", 'c"d' } }
net.test("rtt", function(t, p)
  c:set { delay = p.delay }
  a:ping(b)
  t.measure("round trip", a:ping(b, { every = "1s" }).rtt_min_ns, "ns")
end)
END
"$lab" run "$tmp/odd.lua" scenarios/delay-sweep.lua --junit "$tmp/junit.xml" --md "$tmp/out.md" --csv "$tmp/out.csv" >"$tmp/tap" 2>/dev/null
check "the exit code is the run's" is_code 2 "$lab" run "$tmp/odd.lua" --junit "$tmp/again.xml"
check "a report that cannot be written is trouble" is_code 3 "$lab" run scenarios/first-light.lua --md "$tmp/none/out.md"

if need "JUnit keeps to its schema" xmllint; then
  check "JUnit keeps to its schema" xmllint --noout --schema tests/interop/junit.xsd "$tmp/junit.xml"
  eq() { local got; got=$(xmllint --xpath "$1" "$tmp/junit.xml") && [ "$got" = "$2" ] || { echo "$got"; return 1; }; }
  check "a suite a file" eq 'count(//testsuite)' 2
  check "a case a test" eq 'count(//testcase)' 11
  check "what failed, with its words" eq 'string(//failure/@message)' "expected 'a|b' == 'x,y'"
  check "what is broken is an error" eq 'count(//error)' 1
  check "what was skipped, with the reason" eq 'string(//skipped/@message)' 'because <of> this'
  check "names come through" eq 'count(//testcase[contains(@name, "<bad> & ")])' 1
fi

table() { # the table of a sweep behind the TAP
  sed -n '/^# rtt:$/,/^# [0-9]/p' "$tmp/tap" | grep -qE '^#   1ms +a,b +passed +2\.[0-9]+ms$'
}
check "a sweep is a table behind the points" table
check "and one in Markdown" grep -qE '^\| 20ms \| c"d \| passed \| 40\.[0-9]+ms \|$' "$tmp/out.md"
columns() { # every table of the summary has as many cells in each line as in its head
  awk '/^\|/ { n = gsub(/\\\|/, "") * 0 + gsub(/\|/, ""); if (!in_table) head = n; in_table = 1; if (n != head) exit 1; next } { in_table = 0 }' "$tmp/out.md"
}
check "no text breaks a table" columns
check "the summary begins with the sum" eval 'head -n 1 "$tmp/out.md" | grep -qx "# 8 passed, 2 failed, 1 skipped"'
check "a failure says how to see it again" grep -q '^\$ dw-lab run .*odd.lua --backend sim --seed 1 --only ' "$tmp/out.md"
if need "CSV and JSON agree" python3; then
  facts() {
    "$lab" run -j "$tmp/odd.lua" scenarios/delay-sweep.lua >"$tmp/out.json" 2>/dev/null
    python3 - "$tmp/out.csv" "$tmp/out.json" <<'END'
import csv, json, sys
rows = list(csv.DictReader(open(sys.argv[1], newline="")))
tests = json.load(open(sys.argv[2]))["tests"]
assert len(rows) == len(tests) == 11, (len(rows), len(tests))
for r, t in zip(rows, tests):
    assert (r["test"], r["verdict"], r["fingerprint"]) == (t["base"], t["verdict"], t["fingerprint"] or ""), (r, t)
    for k, v in t["sweep"].items():
        assert r[k] == str(v), (r, k, v)
    for m in t["measured"]:
        assert r[m["name"]] == m["value"], (r, m)
assert rows[3]["text"] == "a,b" and rows[4]["text"] == 'c"d', rows[3]
END
  }
  check "CSV and JSON agree" facts
fi
plan
