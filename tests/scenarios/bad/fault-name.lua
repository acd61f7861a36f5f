-- SPDX-License-Identifier: MIT
-- fault-name - ends with 2: fault-name.lua:5: cut: nothing is called 's1--s3'
local net = lab("bad")
net.cable(net.switch "s1", net.switch "s2")
net.faults { { at = "1s", cut = "s1--s3" } }
