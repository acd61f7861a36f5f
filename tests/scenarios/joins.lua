-- SPDX-License-Identifier: MIT
-- joins - a cable joins anything: two stations, a station and a switch, hosts; cut and impaired like any other
local net = lab("joins")

local a, b = net.station("a"), net.station("b")
local direct = net.cable(a, b, { delay = "5ms" })

local s1 = net.switch("s1", { rstp = true })
local s2 = net.switch("s2", { rstp = true })
local trunk = net.cable(s1, s2)
local c = net.station("c", { ip = "10.1.0.1/16" })
local d = net.host("d", { ip = "10.1.0.2/16" })
local left = net.cable(c, s1, { name = "left", delay = "2ms", port_b = { descr = "c's" } })
local right = net.cable(s2, d, { ab = { delay = "3ms" } })

local e, f = net.host("e", { ip = "10.2.0.1/16" }), net.station("f", { ip = "10.2.0.2/16" })
net.cable(e, f, { delay = "1ms" })

net.test("names and ends", function(t)
  t.expect(direct.name, "==", "a--b")
  t.expect(right.name, "==", "s2--d")
  t.expect(left.a, "==", c)
  t.expect(left.port_a, "==", 0)
  t.expect(left.port_b, "==", 2)
  t.expect(s2:port("d").number, "==", 2)
  t.expect(s1:port("c"):config().descr, "==", "c's")
end)

net.test("two stations", function(t)
  t.expect(a:ping(b, { within = "5s" }).rtt_min_ns, ">=", "10ms")
  t.expect(direct:stats().ab.rx_frames, ">=", 1)
end)

net.test("stations and hosts at switches", function(t)
  t.eventually("30s", net.converged, "the tree")
  t.expect(#net.tree(), "==", 1)
  t.expect(c:ping(d, { within = "5s" }).rtt_min_ns, ">=", "7ms")
  t.expect(e:ping(f, { within = "5s" }).rtt_min_ns, ">=", "2ms")
  t.expect(d:tcp(c, { bytes = "20kB" }).bytes, "==", 20000)
end)

net.test("cut and mended", function(t)
  t.eventually("30s", net.converged, "the tree")
  t.expect(c:ping(d, { within = "5s" }).received, "==", 1)
  do
    local _ <close> = left:fault { cut = true }
    t.eventually("5s", function() return not s1:cmd("port/config c").ports[1].link end, "the link is lost")
    t.expect(c:ping(d, { within = "200ms" }).received, "==", 0)
  end
  t.eventually("10s", function() return c:ping(d, { within = "200ms" }).received == 1 end, "mended")
end)
