-- SPDX-License-Identifier: MIT
-- asymmetric-loss.lua - a fibre is dirty in one direction only. Ping says "20 % lost" and not which way; one-way counters
-- do. And TCP cares which way it is: lost data is sent again, a lost acknowledgement is made good by the next.
local net = lab("asymmetric loss")

local s1, s2 = net.switch("s1"), net.switch("s2")
local cable = net.cable(s1, s2, { delay = "2ms", rate = "100Mbit", ab = { loss = "5%" } })
local a, b = net.station("a", s1), net.station("b", s2)

net.test("ping sees loss, not its direction", function(t)
  local there = a:ping(b, { count = 500, every = "5ms" })
  local back = b:ping(a, { count = 500, every = "5ms" })
  t.measure("lost, asked from a", there.lost)
  t.measure("lost, asked from b", back.lost)
  for _, p in ipairs { there, back } do -- np = 25, sigma = 4.9
    t.expect(p.lost, ">", 5)
    t.expect(p.lost, "<", 50)
  end
end)

net.test("flows one way, and the counters of the cable, show it", function(t)
  local there <close> = a:flow(b, { rate = "1000pps", size = "200B" })
  local back <close> = b:flow(a, { rate = "1000pps", size = "200B" })
  t.sleep "2s"
  t.measure("lost there", there:stats().lost)
  t.measure("lost back, or on its way", back:stats().lost)
  t.expect(there:stats().lost, ">", back:stats().lost)
  t.expect(cable:stats().ab.drops.loss, ">", 50)
  t.expect(cable:stats().ba.drops.loss, "==", 0)
end)

net.test("TCP against the loss is slow, along with it nearly at full speed", function(t)
  local against = t.measure("a to b: data are lost", a:tcp(b, { bytes = "4MB" }).bps, "bps")
  local along = t.measure("b to a: acknowledgements are lost", b:tcp(a, { bytes = "4MB" }).bps, "bps")
  t.expect(along, ">", 1.5 * against, "even if the very first answer was lost, which costs a second")
end)
