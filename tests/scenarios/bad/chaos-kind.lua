-- SPDX-License-Identifier: MIT
-- chaos-kind - ends with 2: chaos-kind.lua:5: kinds: unknown option 'cuts'; did you mean cut?
local net = lab("bad")
net.switch "s1"
net.chaos { kinds = { "cuts" } }
