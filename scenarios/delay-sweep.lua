-- SPDX-License-Identifier: MIT
-- delay-sweep.lua - one test, several delays: each value is a test point of its own.
local net = lab("delay sweep")

local s1, s2 = net.switch("s1"), net.switch("s2")
local cable = net.cable(s1, s2)
local a, b = net.station("a", s1), net.station("b", s2)
local ms = 1000000

net.sweep { delay = { 1, 5, 20, 100 } }

net.test("the round trip is two delays", function(t, p)
  cable:set { delay = p.delay .. "ms" }
  a:ping(b)
  local r = a:ping(b, { count = 3, every = "300ms" })
  t.expect(r.lost, "==", 0)
  t.measure("over", r.rtt_min_ns - 2 * p.delay * ms, "ns")
  t.expect(r.rtt_min_ns, ">=", 2 * p.delay * ms)
  t.expect(r.rtt_min_ns, "<", 2 * p.delay * ms + 10 * ms)
end)
