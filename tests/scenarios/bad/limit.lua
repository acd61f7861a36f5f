-- SPDX-License-Identifier: MIT
-- limit - ends with 1: the limit of 3s lab time is over (at 3s)
local net = lab("fails", { limit = "3s" })
net.test("long", function(t)
  t.sleep("1h")
end)
