-- SPDX-License-Identifier: MIT
-- bare-delay - ends with 2: bare-delay.lua:4: a cable: delay: 5: a time needs a unit
local net = lab("bad")
net.cable(net.switch("s1"), net.switch("s2"), { delay = 5 })
