-- SPDX-License-Identifier: MIT
-- cable-to-plugged - ends with 2: cable-to-plugged.lua:6: net.cable: a is plugged in already; leave its switch out
local net = lab("bad")
local s1 = net.switch("s1")
local a = net.station("a", s1)
net.cable(s1, a)
