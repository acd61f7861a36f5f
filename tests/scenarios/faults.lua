-- SPDX-License-Identifier: MIT
-- faults.lua - each kind of planned fault breaks what it says, heals, and leaves the rest alone; names do as
-- well as handles; partitions and skewed clocks also by hand.
local net = lab("faults", { needs = { "sim" } })
local s1, s2, s3 = net.switch("s1"), net.switch("s2"), net.switch("s3", { rstp = true })
local c12, c23 = net.cable(s1, s2), net.cable(s2, s3)
local a, b, c = net.station("a", s1), net.station("b", s2), net.station("c", s3)

net.faults {
  { at = "10s", lasting = "1s", cut = "s1--s2" },
  { at = "20s", lasting = "1s", set = "s1--s2", to = { ba = { loss = "100%" } } },
  { at = "30s", flap = c12, every = "1s", down = "500ms", times = 3 },
  { at = "40s", lasting = "1s", partition = "s1" },
  { at = "50s", lasting = "1s", partition = { s2, "s1" }, from = { s3 }, oneway = true },
  { at = "60s", lasting = "1s", kill = "s2" },
  { at = "60.5s", lasting = "1s", kill = "s2" },
  { at = "70s", restart = "s2" },
  { at = "80s", lasting = "1s", pause = s2 },
  { at = "90s", lasting = "1s", duplicate = "b", of = "c", every = "10ms" },
  { at = "100s", flood = "a", count = 500 },
  { at = "110s", lasting = "100ms", storm = "a", every = "1ms" },
  { at = "120s", lasting = "10s", skew = s3, by = "50%" },
  { at = "130s", lasting = "1s", hold = c12 },
}

local second = 1000000000

local function at(t, time) t.sleep(("%dns"):format(math.floor(time * second) - t.now())) end
local function reaches(from, to) return from:ping(to, { within = "100ms" }).received == 1 end

local function test(name, fn)
  net.test(name, function(t)
    t.sleep "8s" -- the port of c opens
    t.expect(reaches(a, c), "==", true)
    fn(t)
  end)
end

-- Broken at `time` for `from` and `to`, whole again at `healed`.
local function breaks(name, time, healed, from, to)
  test(name, function(t)
    at(t, time - 0.2)
    t.expect(reaches(from, to), "==", true, "before")
    at(t, time + 0.5)
    t.expect(reaches(from, to), "==", false, "meanwhile")
    at(t, healed)
    t.expect(reaches(from, to), "==", true, "after")
  end)
end

breaks("cut", 10, 11.1, a, b)
breaks("one direction loses all", 20, 21.1, a, b)
breaks("a partition", 40, 41.1, b, a)
breaks("a kill", 60, 66, a, c) -- the second one ends last; then the port of s3 opens
breaks("a pause", 80, 81.1, a, b)
breaks("a hold", 130, 131.1, a, b)

test("a flap is down so often", function(t)
  at(t, 29)
  local states = {}
  for _, time in ipairs { 30.2, 30.7, 31.2, 31.7, 32.2, 32.7, 33.2 } do
    at(t, time)
    states[#states + 1] = c12:cmd("showinfo").state == "cut" and "-" or "+"
  end
  t.expect(table.concat(states), "==", "-+-+-++")
end)

test("one way: what is asked arrives, the answer does not", function(t)
  at(t, 50.2)
  local heard = b:await({ src = c, type = "test" }, "0ms")
  t.all {
    function() heard = b:await({ src = c, type = "test" }, "100ms") end,
    function() c:send { dst = b, type = "test" } end,
  }
  t.expect(heard ~= nil, "==", true)
  t.all {
    function() heard = c:await({ src = b, type = "test" }, "100ms") end,
    function() b:send { dst = c, type = "test" } end,
  }
  t.expect(heard, "==", nil)
  at(t, 51.1)
  t.expect(reaches(b, c), "==", true)
end)

test("a restart forgets addresses", function(t)
  at(t, 69.9)
  t.expect(reaches(a, c), "==", true)
  t.expect(#s2:fdb(), ">=", 2)
  at(t, 70.0)
  t.expect(#s2:fdb(), "<", 2)
end)

test("a duplicate draws frames to the wrong port", function(t)
  at(t, 90.5)
  local where
  for _, e in ipairs(s2:fdb()) do
    if e.mac == c.mac then where = e.port end
  end
  t.expect(where, "==", 3, "the port of b: cables are made first")
end)

test("a flood fills the address table", function(t)
  at(t, 100.5)
  t.expect(#s3:fdb(), ">=", 500)
end)

test("a storm sends so many and ends", function(t)
  at(t, 109.9)
  local before = s1:stats().rx_frames
  at(t, 110.3)
  local sent = s1:stats().rx_frames - before
  t.expect(sent, ">=", 100)
  t.expect(sent, "<", 105)
end)

-- The hellos of s3, counted at its port: a third more often while its clock runs at half again.
local function hellos(t, from, to)
  at(t, from)
  local before = s3:port(1):stats().tx_frames
  at(t, to)
  return s3:port(1):stats().tx_frames - before
end

net.test("a skewed clock runs faster, and is right again", function(t)
  t.expect(hellos(t, 40.5, 50.5), "==", 5)
  t.expect(hellos(t, 120.5, 128.5), "==", 6)
  t.expect(hellos(t, 135.5, 145.5), "==", 5)
end)

test("by hand: partitions and clocks have a scope of their own", function(t)
  t.expect(reaches(a, c), "==", true)
  do
    local _ <close> = net.partition({ s1, s2 }, s3)
    t.expect(reaches(a, b), "==", true)
    t.expect(reaches(a, c), "==", false)
  end
  t.expect(reaches(a, c), "==", true)
  s3:skew("-50%")
  t.expect(hellos(t, 12.5, 20.5), "==", 2)
end)
