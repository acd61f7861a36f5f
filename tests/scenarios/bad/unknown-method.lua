-- SPDX-License-Identifier: MIT
-- unknown-method - ends with 2: unknown-method.lua:7: a station has no 'pnig'; did you mean ping?
local net = lab("bad")
local s = net.switch("s1")
local a, b = net.station("a", s), net.station("b", s)
net.test("typo", function()
  a:pnig(b)
end)
