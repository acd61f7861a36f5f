-- SPDX-License-Identifier: MIT
-- cable-to-itself - ends with 2: cable-to-itself.lua:5: net.cable: a--a: a cable of a to itself
local net = lab("bad")
local a = net.station("a")
net.cable(a, a)
