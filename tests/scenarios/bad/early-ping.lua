-- SPDX-License-Identifier: MIT
-- early-ping - ends with 2: early-ping.lua:6: ping of b: only inside a test; the network does not run yet
local net = lab("bad")
local s = net.switch("s1")
local a, b = net.station("a", s), net.station("b", s)
a:ping(b)
