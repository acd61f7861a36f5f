-- SPDX-License-Identifier: MIT
-- unknown-option - ends with 2: unknown-option.lua:4: s1: unknown option 'prots'; did you mean ports?
local net = lab("bad")
net.switch("s1", { prots = 4 })
