-- SPDX-License-Identifier: MIT
-- ports - ends with 2: ports.lua:6: net.station: s1: all 1 ports are taken; give it more (ports = N)
local net = lab("bad")
local s = net.switch("s1", { ports = 1 })
net.station("a", s)
net.station("b", s)
