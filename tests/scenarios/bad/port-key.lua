-- SPDX-License-Identifier: MIT
-- port-key - ends with 2: port-key.lua:5: s1: port/set 1 name=a vln=10: vln: no such key; did you mean vlan?
local net = lab("bad")
local s1
s1 = net.switch("s1")
net.station("a", s1, { port = { vln = 10 } })
net.test("anything", function() end)
