--> 2 unknown-method.lua:6: a station has no 'pnig'; did you mean ping?
local net = lab("bad")
local s = net.switch("s1")
local a, b = net.station("a", s), net.station("b", s)
net.test("typo", function()
  a:pnig(b)
end)
