-- SPDX-License-Identifier: MIT
-- op - ends with 2: op.lua:5: t.expect: the second word is one of == ~= < <= > >= ~, not '='
local net = lab("bad")
net.test("op", function(t)
  t.expect(1, "=", 1)
end)
