-- SPDX-License-Identifier: MIT
-- tables.lua - address tables under floods, moves and cuts: whatever happens, the switches live.
local net = lab("planted: tables")

local ring = net.ring(4, { rstp = true })
local a, b = net.station("a", ring[1]), net.station("b", ring[3])

net.chaos { rate = "1/2s", kinds = { "flood", "duplicate", "cut", "kill" }, from = "10s", heal_by = "60s" }

net.test("all goes on", function(t)
  t.sleep "61s"
  t.eventually("20s", function() return ring:stable() end, "the ring settles")
  t.expect(a:ping(b, { count = 5, within = "5s" }).received, ">", 0)
end)
