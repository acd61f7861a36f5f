-- SPDX-License-Identifier: MIT
-- lossy-cable.lua - a cable that loses a tenth of what goes one way. Which frames are lost follows from the seed, the name
-- of the cable and the ordinal of the frame alone: the same frames on every machine and backend.
-- Over n frames the count is binomial: np = 300, sigma = 16.4; five sigma on either side are allowed.
local net = lab("lossy cable")

local s1, s2 = net.switch("s1"), net.switch("s2")
local cable = net.cable(s1, s2, { ab = { loss = "10%" } })
local a, b = net.station("a", s1), net.station("b", s2)

net.test("a tenth is lost one way, nothing the other way", function(t)
  local there <close> = a:flow(b, { rate = "1000pps", size = "100B", count = 3000 })
  local back <close> = b:flow(a, { rate = "1000pps", size = "100B", count = 3000 })
  t.eventually("30s", function() return there:stats().sent == 3000 end, "all are sent")
  t.eventually("30s", function() return back:stats().sent == 3000 end, "and back")
  t.sleep "200ms"
  local lost = cable:stats().ab.drops.loss
  t.measure("lost", lost)
  t.expect(lost, ">", 218)
  t.expect(lost, "<", 382)
  t.expect(cable:stats().ba.drops.loss, "==", 0)
end)
