-- SPDX-License-Identifier: MIT
-- cable-to-station - ends with 2: cable-to-station.lua:6: net.cable: a is plugged in already; a cable joins two switches
local net = lab("bad")
local s1 = net.switch("s1")
local a = net.station("a", s1)
net.cable(s1, a)
