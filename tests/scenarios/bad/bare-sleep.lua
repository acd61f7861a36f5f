-- SPDX-License-Identifier: MIT
-- bare-sleep - ends with 2: bare-sleep.lua:5: t.sleep: 5 is a bare number; write a unit, as in "5ms"
local net = lab("bad")
net.test("bare", function(t)
  t.sleep(5)
end)
