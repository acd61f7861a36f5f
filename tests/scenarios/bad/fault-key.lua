-- SPDX-License-Identifier: MIT
-- fault-key - ends with 2: fault-key.lua:5: skew: unknown option 'to'
local net = lab("bad")
net.switch "s1"
net.faults { { at = "1s", skew = "s1", to = "1%" } }
