-- SPDX-License-Identifier: MIT
-- slow-port.lua - one machine hangs on 10 Mbit/s, its neighbours on 1 Gbit/s. What is too much for it waits and is lost in
-- its own queue, says the counter of that cable; the neighbours do not notice.
local net = lab("slow port")

local sw = net.switch("sw")
local server, fast = net.station("server"), net.station("fast")
local slow = net.station("slow")
net.cable(sw, server, { rate = "1Gbit" })
local wide = net.cable(sw, fast, { rate = "1Gbit" })
local narrow = net.cable(sw, slow, { rate = "10Mbit", limit = "50p" })

net.test("alone, each gets what its cable carries", function(t)
  local to_fast = t.measure("to the fast one", server:tcp(fast, { bytes = "10MB" }).bps, "bps")
  local to_slow = t.measure("to the slow one", server:tcp(slow, { bytes = "1MB" }).bps, "bps")
  t.expect(to_slow, "<=", "10Mbit")
  t.expect(to_fast, ">", to_slow)
end)

net.test("too much for the slow one is lost at its cable, and only there", function(t)
  local to_slow <close> = server:flow(slow, { rate = "2000pps", size = "1000B" }) -- 16 Mbit/s
  local to_fast <close> = server:flow(fast, { rate = "2000pps", size = "1000B" })
  t.sleep "5s"
  local lost = to_slow:stats().lost
  t.measure("lost to the slow one", lost)
  t.expect(lost, ">", 3000, "a third and more")
  t.expect(to_fast:stats().received, ">", to_slow:stats().received)
  t.expect(narrow:stats().ab.drops["queue-limit"], ">", 3000, "where: in the queue of that cable")
  t.expect(wide:stats().ab.drops["queue-limit"], "==", 0, "and not in the neighbour's")
end)

net.test("nor do the neighbours wait", function(t)
  local to_slow <close> = server:flow(slow, { rate = "2000pps", size = "1000B" })
  t.sleep "1s"
  local beside = server:ping(fast, { count = 10, every = "10ms" })
  t.expect(beside.lost, "==", 0)
  t.measure("round trip to the fast one", beside.rtt_min_ns, "ns")
  local queue = t.measure("time in the queue of the slow one", to_slow:stats().latency_p50_ns, "ns")
  t.expect(queue, ">", "30ms", "50 frames at 10 Mbit/s: 40 ms")
  t.expect(beside.rtt_min_ns, "<", queue / 2)
end)
