-- SPDX-License-Identifier: MIT
-- runtime - ends with 2: runtime.lua:6: attempt to index a nil value (local 'nothing')
local net = lab("bad")
net.test("nil", function()
  local nothing
  nothing.x = 1
end)
