-- SPDX-License-Identifier: MIT
-- memory - ends with 2: not enough memory: a script may use 256 MiB
local net = lab("bad")
net.test("greedy", function()
  local all = {}
  for i = 1, 1e9 do all[i] = ("x"):rep(10000) .. i end
end)
