-- SPDX-License-Identifier: MIT
-- cable-to-nowhere - ends with 2: cable-to-nowhere.lua:5: net.cable: second end: a switch or an end belongs here, not a nil
local net = lab("bad")
local s1 = net.switch("s1")
net.cable(s1, s2)
