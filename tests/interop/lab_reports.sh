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

# ---- a page ----
cat >"$tmp/load.lua" <<'END'
local net = lab("load & cut")
local s1, s2 = net.switch("s1"), net.switch("s2")
local c = net.cable(s1, s2)
local a, b = net.station("a", s1, { port = { vlan = 10 } }), net.station("b", s2, { port = { vlan = 10 } })
net.test("a cut", function(t)
  local flow <close> = a:flow(b, { rate = "1000pps", size = "200B" })
  t.sample("datagrams received", "50ms", function() return flow:stats().received end)
  t.sleep "500ms"
  local fault = c:fault { cut = true }
  t.sleep "500ms"
  fault:close()
  t.sleep "500ms"
end)
END
page=$tmp/report/index.html
check "--report writes a page" is_code 2 "$lab" run "$tmp/load.lua" "$tmp/odd.lua" --report "$tmp/report"
check "it fetches nothing" eval '! grep -qE "(src|href)=\"?[a-z]+:|@import|url\(" "$page"'
check "what was cut is marked for as long as it was" grep -qE '<rect class="mark" [^>]*width="2[0-9]{2}\.[0-9]" [^>]*><title>s1--s2: cut' "$page"
if need "a browser shows the page" chromium; then
  shown() { # what it made of the page, with a profile that goes with the test
    HOME=$tmp timeout 120 chromium --headless --no-sandbox --disable-gpu --user-data-dir="$tmp/chromium" --dump-dom "file://$page" >"$tmp/dom" 2>"$tmp/chromium.err"
    grep -q '<polyline points="' "$tmp/dom" && grep -q "load &amp; cut" "$tmp/dom" &&
      [ "$(grep -c '<svg' "$tmp/dom")" = "$(grep -c '<svg' "$page")" ] && [ "$(grep -c '</svg>' "$tmp/dom")" -ge 2 ]
  }
  check "a browser shows the page" shown
fi

# ---- pictures, with the active tree and VLANs ----
draws() { "$lab" draw "$1" "$2" 2>&1 | grep -qE -- "$3" || { "$lab" draw "$1" "$2"; return 1; }; }
ring=scenarios/ring-failover.lua
vlans=scenarios/vlan-leak-hunt.lua
check "text: the root, and the cable that waits" eval 'draws --txt $ring "^s1  \[root\]$" && [ "$("$lab" draw $ring | grep -c waits)" = 1 ]'
check "text: VLANs of ends and cables" draws --txt $vlans '^\|== s2  vlan 10,20,30$'
check "dot: the cable that waits is dashed" draws --dot $ring '"s4" -- "s5" .*style=dashed|"s5" -- "s6" .*style=dashed'
check "dot: a line a VLAN, with a legend" draws --dot $vlans '"s1" -- "s2" \[.*color="#[0-9a-f]{6}:#[0-9a-f]{6}:#[0-9a-f]{6}"'
check "mermaid: the same" eval 'draws --mermaid $ring "^  n[0-9]+ -\.-" && draws --mermaid $vlans "^  style n[0-9]+ stroke:#"'
if need "svg: XML that shows every node" dot xmllint; then
  svg() {
    "$lab" draw --svg "$vlans" >"$tmp/net.svg" && xmllint --noout "$tmp/net.svg" &&
      [ "$(xmllint --xpath 'count(//*[local-name()="g"][@class="node"])' "$tmp/net.svg")" = 18 ]
  }
  check "svg: XML that shows every node" svg
fi
svg_missing() { PATH=$tmp is_code 3 "$(realpath "$lab")" draw --svg "$ring" && /usr/bin/grep -q 'apt install graphviz' "$tmp/said"; }
check "without Graphviz it says so" svg_missing
plan
