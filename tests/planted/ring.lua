-- SPDX-License-Identifier: MIT
-- ring.lua - a ring of which one cable at a time is cut: what a says to b, who is silent, soon finds its way again.
local net = lab("planted: ring", { limit = "10m" })

local ring = net.ring(5, { rstp = true, delay = "1ms" })
local a, b = net.station("a", ring[1]), net.station("b", ring[4])

net.chaos { rate = "1/3s", kinds = { "cut", "flap", "skew" }, from = "12s", heal_by = "60s" }

net.test("it carries on", function(t)
  t.sleep "8s"
  t.expect(a:ping(b, { count = 2, within = "3s" }).received, ">=", 1, "before any fault")
  a:send { dst = "ff:ff:ff:ff:ff:ff", type = "test" } -- it comes round both ways
  t.sleep "100ms"
  t.expect(b:ping(a, { within = "500ms" }).received, "==", 1, "after a broadcast")
  local flow <close> = a:flow(b, { rate = "100pps", size = "100B" })
  t.sleep "60s"
  t.expect(flow:stats().longest_gap_ns, "<", "4s")
end)
