-- SPDX-License-Identifier: MIT
-- shares - bulk transfers over one bottleneck: alone one fills it, two share it, a cut stalls them and loss slows
-- them down; in ns the hosts are the kernel's TCP, as peer and as rival
local net = lab("shares")
local ends = net.line(2, { delay = "5ms", rate = "10Mbit", limit = "40p" })
local neck = ends.cables[1]
local a, b = net.station("a", ends[1]), net.station("b", ends[1])
local c, d = net.station("c", ends[2]), net.station("d", ends[2])
local h, k = net.host("h", ends[1]), net.host("k", ends[2])

-- 1460 of the 1518 bytes of a frame on the wire are payload.
local FULL = 10000000 * 1460 // 1518

local function both(t, one, other, bytes)
  local x, y
  t.all {
    function() x = one[1]:tcp(one[2], { bytes = bytes }) end,
    function() y = other[1]:tcp(other[2], { bytes = bytes }) end,
  }
  t.measure("first", x.bps, "bps")
  t.measure("second", y.bps, "bps")
  return x, y
end

net.test("alone it fills the cable", function(t)
  t.expect(t.measure("rate", a:tcp(c, { bytes = "4MB" }).bps, "bps"), ">", FULL * 8 // 10)
end)

net.test("two share it", function(t)
  local x, y = both(t, { a, c }, { b, d }, "4MB")
  local less, more = math.min(x.bps, y.bps), math.max(x.bps, y.bps)
  t.expect(less + more, ">", FULL * 8 // 10)
  t.expect(less * 3, ">", more * 2, "neither has half as much again")
end)

net.test("the kernel sends to a station, a station to the kernel", function(t)
  for _, pair in ipairs { { h, c }, { a, k } } do
    local r = pair[1]:tcp(pair[2], { bytes = "2MB" })
    t.expect(r.bytes, "==", 2000000)
    t.expect(t.measure(pair[1].name, r.bps, "bps"), ">", FULL // 5) -- on a clock, of a busy machine
  end
end)

net.test("a station beside the kernel gets a part, and leaves one", function(t)
  local x, y = both(t, { a, c }, { h, k }, "3MB")
  t.expect(x.bps, ">", FULL // 10)
  t.expect(y.bps, ">", FULL // 10)
end)

net.test("a cut stalls it, and it goes on", function(t)
  t.spawn(function()
    t.sleep "500ms"
    local _ <close> = neck:fault { cut = "silent" }
    t.sleep "1500ms"
  end)
  local r = a:tcp(c, { bytes = "2MB" })
  t.expect(t.measure("stall", r.stalled_ns, "ns"), ">=", "1500ms")
  t.expect(r.stalled_ns, "<", "4s")
  t.expect(r.timeouts, ">=", 2)
end)

net.test("loss slows it down", function(t)
  neck:set { rate = "100Mbit", limit = "1000p" }
  local clean = a:tcp(c, { bytes = "1MB" })
  t.expect(clean.retransmits, "==", 0)
  local _ <close> = neck:fault { ab = { loss = "2%" } }
  local r = a:tcp(c, { bytes = "1MB" })
  t.measure("clean", clean.bps, "bps")
  t.measure("2% loss", r.bps, "bps")
  t.expect(r.retransmits, ">", 0)
  t.expect(r.bps * 2, "<", clean.bps)
end)
