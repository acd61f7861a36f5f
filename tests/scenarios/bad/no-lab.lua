-- SPDX-License-Identifier: MIT
-- no-lab - ends with 2: no-lab.lua: no lab: begin with local net = lab("name")
local x = 1
