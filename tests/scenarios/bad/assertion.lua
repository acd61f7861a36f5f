-- SPDX-License-Identifier: MIT
-- assertion - ends with 1: assertion.lua:5: own words (at 0s)
local net = lab("fails")
net.test("assert", function()
  assert(false, "own words")
end)
