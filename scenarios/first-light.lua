-- SPDX-License-Identifier: MIT
-- first-light.lua - the first thing to run: two switches, a cable of 5 ms between them, one host on
-- either side. The same script in virtual time (sim), on processes and sockets (proc), and with hosts that are network
-- namespaces with the kernel's own stack and ping (ns).
local net = lab("first light", { limit = "2m" })

local s1, s2 = net.switch("s1"), net.switch("s2")
local cable = net.cable(s1, s2, { delay = "5ms" })
local a, b = net.host("a", s1), net.host("b", s2)

net.test("a ping takes two delays", function(t)
  a:ping(b) -- the first one also asks for the address
  local p = a:ping(b, { count = 3, every = "100ms" })
  t.expect(p.lost, "==", 0)
  t.measure("round trip", p.rtt_min_ns, "ns")
  t.expect(p.rtt_min_ns, ">=", "10ms", "no frame can be faster than the cable")
  t.expect(p.rtt_min_ns, "<", "20ms")
end)

net.test("a bulk transfer of 1 MB arrives", function(t)
  local r = a:tcp(b, { bytes = "1MB" })
  t.expect(r.bytes, "==", 1000000)
  t.measure("throughput", r.bps, "bps")
  t.expect(cable:stats().ab.tx_bytes, ">", 1000000, "all of it went through the cable")
end)
