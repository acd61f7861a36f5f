-- SPDX-License-Identifier: MIT
-- deadlock - ends with 1: deadlock.lua:6: waits for the event wire.cut (at 0s)
local net = lab("fails")
local c = net.cable(net.switch("s1"), net.switch("s2"))
net.test("nobody cuts", function()
  c:await("wire.cut")
end)
