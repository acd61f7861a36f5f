-- SPDX-License-Identifier: MIT
-- ipairs - ends with 2: ipairs.lua:5: ipairs: a list belongs here, not a nil
local net = lab("bad")
net.test("list", function()
  for _ in ipairs(nothing) do end
end)
