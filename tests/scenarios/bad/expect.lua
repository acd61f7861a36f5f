-- SPDX-License-Identifier: MIT
-- expect - ends with 1: expect.lua:5: one is two: expected 1 == 2 (at 0s)
local net = lab("fails")
net.test("expect", function(t)
  t.expect(1, "==", 2, "one is two")
end)
