-- SPDX-License-Identifier: MIT
-- duplicate - ends with 2: duplicate.lua:5: net.switch: s1: there is one of this name already
local net = lab("bad")
net.switch("s1")
net.switch("s1")
