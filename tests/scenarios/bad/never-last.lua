-- SPDX-License-Identifier: MIT
-- never-last - ends with 2: never-last.lua:5: the test ends at once, so this watches nothing
local net = lab("bad")
net.test("never", function(t)
  t.never(function() return false end)
end)
