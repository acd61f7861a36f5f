-- SPDX-License-Identifier: MIT
-- cables.lua - impairments at birth and live, faults with a scope in any order, plans, power.
local net = lab("cables", { needs = { "sim" } })
local s1, s2 = net.switch("s1"), net.switch("s2")
local c = net.cable(s1, s2, { delay = "1ms", ba = { delay = "4ms" } })
local second = net.cable(s1, s2, { name = "spare" })
local a, b = net.station("a", s1), net.station("b", s2)
local ms = 1000000

net.faults {
  { at = "100s", cut = c, lasting = "1s" },
  { at = "102s", set = c, to = { loss = "100%" }, lasting = "500ms" },
  { at = "110s", kill = s2, lasting = "2s" },
}

-- The second cable would close a loop.
local function test(name, fn)
  net.test(name, function(t)
    second:cut()
    fn(t)
  end)
end

local function rtt() return a:ping(b, { within = "5s" }).rtt_min_ns end
local function warm(t) t.expect(a:ping(b).received, "==", 1) end

net.test("names: a--b, then as given", function(t)
  t.expect(c.name, "==", "s1--s2")
  t.expect(second.name, "==", "spare")
  t.expect(c.a, "==", s1)
  t.expect(c.b, "==", s2)
  second:cut()
end)

test("directions are independent", function(t)
  warm(t)
  t.expect(rtt(), ">=", "5ms")
  t.expect(rtt(), "<", "5.1ms")
end)

test("set changes what it names and nothing else", function(t)
  warm(t)
  c:set { ab = { delay = "10ms" } }
  t.expect(rtt(), ">=", "14ms")
  t.expect(rtt(), "<", "14.1ms")
  c:set { delay = "2ms" }
  t.expect(rtt(), "<", "4.1ms")
end)

test("a fault is put back with its block, also by an error", function(t)
  warm(t)
  pcall(function()
    local _ <close> = c:fault { delay = "50ms" }
    t.expect(rtt(), ">=", "100ms")
    error("out")
  end)
  t.expect(rtt(), "<", "5.1ms")
end)

test("faults end in any order: the latest open one holds", function(t)
  warm(t)
  local first, last = c:fault { delay = "20ms" }, c:fault { delay = "40ms" }
  t.expect(rtt(), ">=", "80ms")
  first:close()
  t.expect(rtt(), ">=", "80ms", "the first is gone, the second holds")
  c:set { delay = "3ms" }
  t.expect(rtt(), ">=", "80ms", "set is below a fault")
  last:close()
  t.expect(rtt(), ">=", "6ms")
  t.expect(rtt(), "<", "6.1ms", "what set said")
  last:close()
end)

test("a cut is lost frames until the last cut ends", function(t)
  warm(t)
  local one, two = c:fault { cut = true }, c:fault { cut = true }
  t.expect(s1:port(1):stats() ~= nil)
  t.expect(a:ping(b, { within = "100ms" }).received, "==", 0)
  one:close()
  t.expect(a:ping(b, { within = "100ms" }).received, "==", 0)
  two:close()
  t.expect(a:ping(b, { within = "100ms" }).received, "==", 1)
end)

test("hold keeps frames, release gives them in order", function(t)
  warm(t)
  local flow <close> = a:flow(b, { rate = "1000pps", count = 100 })
  t.sleep "10ms"
  c:hold()
  local before = flow:stats().received
  t.sleep "500ms"
  t.expect(flow:stats().received - before, "<=", 2)
  c:release()
  t.sleep "100ms"
  local s = flow:stats()
  t.expect(s.received, "==", 100)
  t.expect(s.reordered, "==", 0)
end)

test("flap cuts and mends as often as told", function(t)
  local cuts = 0
  t.spawn(function()
    while c:await("wire.cut") do cuts = cuts + 1 end
  end)
  c:flap { every = "100ms", down = "20ms", times = 5 }
  t.expect(cuts, "==", 5)
  t.expect(t.now(), "==", "420ms")
end)

test("a plan happens when it says, in every test", function(t)
  local function reached() return a:ping(b, { within = "50ms" }).received end
  local function ahead(to) t.sleep(("%dns"):format(to * ms - t.now())) end
  ahead(99900)
  t.expect(reached(), "==", 1)
  ahead(100001)
  t.expect(reached(), "==", 0, "cut")
  ahead(101001)
  t.expect(reached(), "==", 1, "mended")
  ahead(102001)
  t.expect(reached(), "==", 0, "all lost")
  ahead(102501)
  t.expect(reached(), "==", 1, "no longer")
  ahead(110001)
  t.expect(reached(), "==", 0, "the switch is dead")
  second:cut()
  ahead(112001)
  t.expect(reached(), "==", 1, "it is back")
end)

test("a switch that stands still loses nothing that fits its sockets", function(t)
  warm(t)
  local flow <close> = a:flow(b, { rate = "1000pps", count = 300 })
  s2:pause()
  t.sleep "200ms"
  local ok, e = pcall(s2.cmd, s2, "port/stats")
  t.expect(ok, "==", false)
  t.expect(tostring(e), "~", "stands still")
  s2:resume()
  t.sleep "1s"
  t.expect(flow:stats().received, "==", 300)
end)

test("cables without a delay take 1 us, without a rate 1 Gbit/s", function(t)
  local info = second:cmd("showinfo")
  t.expect(info.ab.delay, "==", "1us")
  t.expect(info.ab.rate, "==", "1Gbit")
  t.expect(info.ab.limit, "==", "1000p")
end)
