-- SPDX-License-Identifier: MIT
-- laws.lua - laws that name files, beside the scenario, and filters: at birth, live, and inside a chain.
local net = lab("laws")
local s1, s2 = net.switch("s1"), net.switch("s2")
local c = net.cable(s1, s2, { rate = "file:tables/slow.trace", filter = "icmp" })
local a, b = net.station("a", s1), net.station("b", s2)

local function rtt(count)
  return a:ping(b, { count = count or 1, within = "5s" })
end

net.test("a trace is the rate", function(t)
  rtt()
  local r = rtt(4) -- a frame a chance: 5 ms apart, both ways
  t.expect(r.received, "==", 4)
  t.expect(r.rtt_max_ns, ">", "1ms")
  t.expect(r.rtt_max_ns, "<", "5s")
end)

net.test("a filter spares what it does not match", function(t)
  rtt()
  c:set { rate = "0bit", loss = "100%", filter = "udp port 9 or ip6" }
  t.expect(rtt(3).received, "==", 3)
  c:set { filter = "icmp" }
  t.expect(a:ping(b, { within = "100ms" }).received, "==", 0)
end)

net.test("a table is the law of a jitter", function(t)
  rtt()
  c:set { rate = "0bit", delay = "20ms", jitter = "5ms", dist = "file:tables/two.dist" }
  local r = rtt(20) -- 15 or 25 ms each way
  t.expect(r.rtt_min_ns, ">=", "30ms")
  t.expect(r.rtt_max_ns, ">=", "50ms")
  t.check(r.rtt_avg_ns, "<", "1s")
end)

net.test("a path inside a chain begins there, too", function(t)
  rtt()
  c:set { rate = "0bit", markov = "time 1s; node a rate=file:tables/slow.trace; node b" }
  t.expect(rtt(2).received, "==", 2)
  t.expect(c:cmd("showinfo") ~= nil)
end)

net.test("a wrong line of a file is named", function(t)
  local ok, words = pcall(c.set, c, { rate = "file:tables/bad.trace" })
  t.expect(ok, "==", false)
  t.expect(tostring(words):find("bad.trace:3:", 1, true) ~= nil)
  ok, words = pcall(c.set, c, { rate = "file:tables/none" })
  t.expect(tostring(words):find("No such file", 1, true) ~= nil)
  ok, words = pcall(c.set, c, { filter = "arp or" })
  t.expect(tostring(words):find("syntax error", 1, true) ~= nil)
  t.expect(rtt().received, "==", 1)
end)
