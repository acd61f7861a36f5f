-- SPDX-License-Identifier: MIT
-- sample-word - ends with 2: t.sample: x: a number belongs here, not a string
local net = lab("bad")
net.test("samples a word", function(t)
  t.sample("x", "1s", function() return "much" end)
  t.sleep "2s"
end)
