-- SPDX-License-Identifier: MIT
-- syntax - ends with 2: syntax.lua:4: ')' expected
local net = lab("bad"
net.switch("s1")
