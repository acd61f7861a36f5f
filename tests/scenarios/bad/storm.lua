-- SPDX-License-Identifier: MIT
-- storm - ends with 1: storm.lua:9: happened: a storm (at
local net = lab("fails")
local ring = net.ring(3)
local a, b = net.station("a", ring[1]), net.station("b", ring[2])
net.test("a loop without spanning tree", function(t)
  -- Two broadcasts in a ring go round for ever.
  local calm = 1000
  t.never(function() return ring[1]:stats().rx_frames > calm end, "a storm")
  a:ping(b)
  t.sleep("1s")
end)
