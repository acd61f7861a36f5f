-- SPDX-License-Identifier: MIT
-- sample-deadlock - ends with 1: sample-deadlock.lua:7: waits for the event port.down
local net = lab("bad", { limit = "1h" })
local s1 = net.switch("s1")
net.test("a sampler is nobody who waits", function(t)
  t.sample("x", "1s", function() return 1 end)
  s1:await "port.down"
end)
