-- SPDX-License-Identifier: MIT
-- in-sort - ends with 2: in-sort.lua:5: 1s to pass: cannot wait here (inside a sort, a gsub or while something is closed)
local net = lab("bad")
net.test("sort", function(t)
  table.sort({ 2, 1 }, function(a, b) t.sleep("1s") return a < b end)
end)
