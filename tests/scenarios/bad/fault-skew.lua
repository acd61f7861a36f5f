-- SPDX-License-Identifier: MIT
-- fault-skew - ends with 2: fault-skew.lua:5: skew: say by how much: by = "200ppm"
local net = lab("bad")
net.switch "s1"
net.faults { { at = "1s", skew = "s1", by = 3 } }
