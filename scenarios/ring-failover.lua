-- SPDX-License-Identifier: MIT
-- ring-failover.lua - a ring of eight switches with the Rapid Spanning Tree Protocol: one cable waits;
-- when another is cut it takes over, and datagrams sent all the while show for how long they were lost.
local net = lab("ring failover", { limit = "5m" })

local ring = net.ring(8, { rstp = true, delay = "1ms" })
local a, b = net.station("a", ring[1]), net.station("b", ring[5])

net.test("one cut", function(t)
  t.eventually("60s", function() return ring:stable() end, "the ring settles")
  t.never(function() return net.loops() > 0 end, "a forwarding loop")
  t.expect(#ring:tree(), "==", 7, "cables in the tree")
  local flow <close> = a:flow(b, { rate = "1000pps", size = "200B" })
  t.eventually("10s", function() return flow:stats().received > 100 end, "the flow runs")
  do
    local _ <close> = ring.cables[3]:fault { cut = true } -- healed on any way out
    t.expect(t.measure("outage", flow:outage("10s"), "ns"), "<", "500ms")
    t.eventually("10s", function() return ring:stable() end, "the rest settles")
    t.expect(#ring:tree(), "==", 7, "every cable that is left")
  end
  t.eventually("60s", function() return ring:stable() end, "all is as before")
end)

net.test("a switch dies", function(t)
  t.eventually("60s", function() return ring:stable() end, "the ring settles")
  local flow <close> = a:flow(b, { rate = "1000pps", size = "200B" })
  t.eventually("10s", function() return flow:stats().received > 100 end, "the flow runs")
  ring[3]:kill()
  t.expect(t.measure("outage", flow:outage("20s"), "ns"), "<", "1s")
  t.eventually("20s", function() return ring:stable() end, "seven go on")
end)
