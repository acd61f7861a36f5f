-- SPDX-License-Identifier: MIT
-- slow-cable.lua - a cable of 10 Mbit/s: a bulk transfer gets nearly all of it, and a ping beside it waits in the queue
-- that the transfer builds (its window is what stands there).
local net = lab("slow cable")

local s1, s2 = net.switch("s1"), net.switch("s2")
net.cable(s1, s2, { rate = "10Mbit", delay = "2ms", limit = "100p" })
local a, b = net.station("a", s1), net.station("b", s2)

net.test("a bulk transfer fills the cable", function(t)
  local r = a:tcp(b, { bytes = "2MB", window = "64kB" })
  t.measure("throughput", r.bps, "bps")
  t.expect(r.bps, ">", "8Mbit")
  t.expect(r.bps, "<=", "10Mbit", "no more than the cable carries")
end)

net.test("a ping beside it waits in the queue", function(t)
  local alone = a:ping(b, { count = 3, every = "20ms" }).rtt_min_ns
  local beside
  t.all {
    function() a:tcp(b, { bytes = "2MB", window = "64kB" }) end,
    function()
      t.sleep "500ms"
      beside = a:ping(b, { count = 3, every = "20ms" }).rtt_min_ns
    end,
  }
  t.measure("alone", alone, "ns")
  t.measure("beside", beside, "ns")
  t.expect(beside, ">", alone + 20000000, "64 kB at 10 Mbit/s are 50 ms")
end)
