-- SPDX-License-Identifier: MIT
-- standstill - ends with 1: time does not advance at 0 ns: tasks go on a million times in one instant
local net = lab("fails")
net.test("still", function(t)
  while true do t.sleep("0s") end
end)
