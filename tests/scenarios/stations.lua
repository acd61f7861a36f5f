-- SPDX-License-Identifier: MIT
-- stations.lua - what stations do and report: ping, flows, bulk transfer, frames.
local net = lab("stations", { needs = { "sim" } })
local s1, s2 = net.switch("s1"), net.switch("s2")
local cable = net.cable(s1, s2, { delay = "3ms" })
local a = net.station("a", s1, { ip = "192.168.7.1/24", mac = "02:aa:00:00:00:01" })
local b = net.station("b", s2, { ip = "192.168.7.2/24" })
local far = net.station("far", s2, { ip = "10.9.9.9/24" })
local tagged = net.station("tagged", s1, { ip = "192.168.7.3/24", tag = 5 })
local tagged2 = net.station("tagged2", s2, { ip = "192.168.7.4/24", tag = 5 })

net.test("names and addresses are as given", function(t)
  t.expect(a.name, "==", "a")
  t.expect(a.ip, "==", "192.168.7.1")
  t.expect(a.mac, "==", "02:aa:00:00:00:01")
  t.expect(tostring(a), "==", "station a")
end)

net.test("ping counts and times", function(t)
  local p = a:ping(b, { count = 4, every = "10ms" })
  t.expect(p.sent, "==", 4)
  t.expect(p.received, "==", 4)
  t.expect(p.lost, "==", 0)
  t.expect(p.rtt_min_ns, ">=", "6ms")
  t.expect(p.rtt_min_ns, "<", "6.1ms")
  t.expect(p.rtt_max_ns, ">=", p.rtt_avg_ns)
end)

net.test("a ping without an answer has no times", function(t)
  cable:cut()
  local p = a:ping(b, { within = "200ms" })
  t.expect(p.received, "==", 0)
  t.expect(p.lost, "==", 1)
  t.expect(p.rtt_min_ns, "==", nil)
end)

net.test("an address outside of the network is refused", function(t)
  local ok, e = pcall(a.ping, a, far)
  t.expect(ok, "==", false)
  t.expect(tostring(e), "~", "a: Network is unreachable")
end)

net.test("stations that tag speak to each other only", function(t)
  t.expect(tagged:ping(tagged2).received, "==", 1)
  t.expect(tagged:ping(b).received, "==", 0)
end)

net.test("a flow tells what was lost, doubled and out of order", function(t)
  local flow <close> = a:flow(b, { rate = "1000pps", size = "300B", count = 1000 })
  t.eventually("5s", function() return flow:stats().received == 1000 end)
  local s = flow:stats()
  t.expect(s.sent, "==", 1000)
  t.expect(s.lost, "==", 0)
  t.expect(s.duplicated, "==", 0)
  t.expect(s.reordered, "==", 0)
  t.expect(s.latency_p50_ns, ">=", "2.9ms")
  t.expect(s.latency_p50_ns, "<=", "3.1ms")
end)

net.test("jitter reorders, and the account says so", function(t)
  cable:set { jitter = "2ms" }
  local flow <close> = a:flow(b, { rate = "2000pps", count = 1000 })
  t.eventually("5s", function() return flow:stats().received == 1000 end)
  t.expect(flow:stats().reordered, ">", 100)
end)

net.test("a rate in bits is one of payload", function(t)
  local flow <close> = a:flow(b, { rate = "1Mbit", size = "125B" }) -- 1000 a second
  t.sleep "1s"
  t.expect(flow:stats().sent, ">=", 990)
  t.expect(flow:stats().sent, "<=", 1001)
end)

net.test("a bulk transfer survives loss", function(t)
  cable:set { loss = "2%" }
  local r = a:tcp(b, { bytes = "200kB", within = "5m" })
  t.expect(r.bytes, "==", 200000)
  t.expect(r.retransmits, ">", 0)
end)

net.test("a bulk transfer that cannot end fails in time", function(t)
  t.spawn(function() t.sleep "20ms" cable:cut() end)
  local ok, e = pcall(a.tcp, a, b, { bytes = "5MB", within = "3s" })
  t.expect(ok, "==", false)
  t.expect(tostring(e), "~", "tcp: Connection timed out")
  t.expect(t.now(), "==", "3s")
end)

net.test("frames by field and by hex, awaited by field", function(t)
  local got
  t.all {
    function() got = b:await({ src = a, vlan = 7, type = 0x88b6, data = "c0ff" }, "1s") end,
    function()
      t.sleep "1ms"
      a:send { dst = b, type = 0x88b6, data = "c0ff" } -- no tag: not the one
      a:send { dst = b, vlan = 7, type = 0x88b6, data = "c0 ff:ee" }
    end,
  }
  t.expect(got.dst, "==", b.mac)
  t.expect(got.vlan, "==", 7)
  t.expect(got.data:sub(1, 6), "==", "c0ffee")
  t.all {
    function() got = b:await({ type = "lldp" }, "1s") end,
    function() t.sleep "1ms" a:send("ffffffffffff 02aa00000001 88cc 0102") end,
  }
  t.expect(got.len, "==", 16)
  t.expect(b:await({ type = "lldp" }, "10ms"), "==", nil)
end)

net.test("counters of stations, ports, switches and cables agree", function(t)
  a:ping(b, { count = 3, every = "10ms" })
  local c = cable:stats()
  t.expect(c.ab.rx_frames, "==", c.ab.tx_frames)
  t.expect(s1:port("s2"):stats().tx_frames, "==", c.ab.rx_frames)
  t.expect(s2:port("s1"):stats().rx_frames, "==", c.ab.tx_frames)
  t.expect(a:stats().tx_frames, "==", s1:port("a"):stats().rx_frames)
  t.expect(s1:stats().rx_frames, ">", 0)
  local found
  for _, e in ipairs(s1:fdb()) do
    if e.mac == a.mac then found = e end
  end
  t.expect(found.name, "==", "a")
end)
