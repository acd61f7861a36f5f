-- SPDX-License-Identifier: MIT
-- unknown-key - ends with 2: unknown-key.lua:4: a cable: ab.dely: no such key; did you mean delay?
local net = lab("bad")
net.cable(net.switch("s1"), net.switch("s2"), { ab = { dely = "5ms" } })
