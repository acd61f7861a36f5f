#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab_shrink.sh - --shrink: a failure of many faults comes back as a scenario of few, in the scenario's
# own words, which fails the same way when run and gives the fingerprint it says.
cd "$(dirname "$0")/../.." || exit 3
. tests/interop/lib.bash
lab=$BIN/dw-lab
root=$PWD
cd "$tmp" || exit 3

# Fails where two faults meet: a and b are apart, and c is silent at the same time.
cat >two.lua <<'END'
-- SPDX-License-Identifier: MIT
local net = lab "two faults"
local ring = net.ring( 6, { rstp = true }) -- net.ring(9)
local line = net.line(2, { name = "l" })
local a, b = net.station("a", ring[1]), net.station("b", line[1])

net.faults( { { at = "1s", lasting = "1s", hold = ring.cables[1] } } )
net.chaos { --[[ not a call: } ]]
  rate = "1/1s", max = 4, kinds = { "cut", "pause", "skew" }, swarm = false, -- 'nor this {
  from = "2s", heal_by = "46s",
}
net.test("fine", function(t) t.expect(1, "==", 1) end)

-- what must not be
net.test("never both", function(t)
  t.never(function()
    local cut, still = false, false
    for _, c in ipairs(ring.cables) do cut = cut or c:cmd("showinfo").state == "cut" end
    for _, s in ipairs(ring) do still = still or not pcall(s.rstp, s) end
    return cut and still
  end, "a cut while a switch stands still")
  t.sleep "50s"
end)
END

shrinks() { is_code 1 "$lab" run two.lua --seed 3 --shrink found.lua && grep -q 'faults are left' said; }
check "a failure shrinks" shrinks
check "it had about forty faults" sh -c '[ "$(grep -c "^    - \"{ at" said)" -ge 35 ]'
check "it has two" sh -c '[ "$(grep -c "^  { at = " found.lua)" = 2 ]'
check "in one plan" sh -c '[ "$(grep -c "net.faults\|net.chaos" found.lua)" = 1 ]'
check "the ring is as small as can be" grep -q 'net.ring( 3, ' found.lua
check "so is the line" grep -q 'net.line(1, ' found.lua
check "other tests are gone, comments stay" sh -c '! grep -q "\"fine\"" found.lua && grep -q "^-- what must not be" found.lua'
check "the seed is in it" grep -q 'lab("two faults", { seed = 3 })' found.lua

same() { # it fails with the same words, and the fingerprint that is written in it
  is_code 1 "$lab" run found.lua &&
    grep -q 'happened: a cut while a switch stands still' said &&
    grep -q "fingerprint: \"$(sed -n 's/^-- fingerprint //p' found.lua)\"" said
}
check "it fails in the same way" same
again() {
  is_code 1 "$lab" run found.lua --shrink again.lua || return 1
  diff <(grep -v '^--' found.lua) <(grep -v '^--' again.lua)
}
check "what has shrunk does not shrink further" again

# Several failures, a file each in a folder; none where all is well.
cat >dice.lua <<'END'
local net = lab("dice", { limit = "5m", })
local s1 = net.switch "s1"
local p = net.swarm { n = { 1, 2, 3 } }
net.test("one", function(t) t.expect(p.n, "~=", 1) end)
net.test("two", function(t) t.expect(p.n, "~=", 2) end)
END
several() {
  is_code 1 "$lab" run dice.lua --seeds 1..20 --shrink folder || return 1
  [ "$(ls folder | wc -l)" = 2 ] || { ls folder; return 1; }
  local f
  for f in folder/*; do is_code 1 "$lab" run "$f" || return 1; done
}
check "a file for each distinct failure" several
slashed() { is_code 1 "$lab" run dice.lua --seeds 1..20 --shrink folder/ && grep -q 'runs: folder/dice-' said; }
check "a folder may end in a slash" slashed
check "no failure, no folder" sh -c '"$0" run dice.lua --only two --seed 1 --shrink none >/dev/null 2>&1; [ ! -e none ] || ls none | grep -q lua' "$lab"

# What cannot be written anew is said.
cat >odd.lua <<'END'
local net = lab("odd")
local s1, s2 = net.switch "s1", net.switch "s2"
local c = net.cable(s1, s2)
local plan = net.chaos
plan { kinds = { "cut" }, rate = "1/1s" }
net.test("cut", function(t) t.never(function() return c:cmd("showinfo").state == "cut" end) t.sleep "60s" end)
END
odd() { is_code 3 "$lab" run odd.lua --shrink odd-out.lua && grep -q 'net.chaos is no plain call in line 5' said; }
check "a plan that is no plain call is named" odd
cd "$root" || exit 3
plan
