-- SPDX-License-Identifier: MIT
-- refused - ends with 1: refused.lua:6: usage: port/up N (at 0s)
local net = lab("fails")
local s = net.switch("s1")
net.test("refused", function()
  s:cmd("port/up")
end)
