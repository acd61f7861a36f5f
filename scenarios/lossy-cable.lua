-- SPDX-License-Identifier: MIT
-- lossy-cable.lua - a cable that loses a tenth of what goes one way. Which frames are lost follows from the seed, the name
-- of the cable and the ordinal of the frame alone: the same frames on every machine and backend.
-- Over n frames the count is binomial: np = 1000, sigma = 30; five sigma on either side are allowed.
local net = lab("lossy cable")

local s1, s2 = net.switch("s1"), net.switch("s2")
local cable = net.cable(s1, s2, { ab = { loss = "10%" } })
local a, b = net.station("a", s1), net.station("b", s2)

net.test("a tenth is lost one way, nothing the other way", function(t)
  local there <close> = a:flow(b, { rate = "5000pps", size = "100B", count = 10000 })
  local back <close> = b:flow(a, { rate = "5000pps", size = "100B", count = 10000 })
  t.eventually("10s", function() return back:stats().received == 10000 end, "all come back")
  t.eventually("10s", function() return there:stats().sent == 10000 end, "all are sent")
  t.sleep "100ms"
  local s = there:stats()
  t.measure("lost", s.lost)
  t.expect(s.lost, ">", 850)
  t.expect(s.lost, "<", 1150)
  t.expect(back:stats().lost, "==", 0)
  t.expect(cable:stats().ab.drops.loss, ">=", s.lost, "the cable counts what it loses")
end)
