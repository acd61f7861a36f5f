-- SPDX-License-Identifier: MIT
-- tasks.lua - tasks, time and predicates: what each promises, checked in virtual time to the nanosecond.
local net = lab("tasks", { limit = "1h", needs = { "sim" } })
local s = net.switch("s1")
local a, b = net.station("a", s), net.station("b", s)
local ms = 1000000

net.test("sleep lasts exactly", function(t)
  local before = t.now()
  t.sleep "1.5s"
  t.expect(t.now() - before, "==", "1.5s")
end)

net.test("all waits for the slowest and gives each result", function(t)
  local x, y, z = t.all {
    function() t.sleep "30ms" return "slow" end,
    function() return "quick" end,
    function() t.sleep "10ms" end,
  }
  t.expect(x, "==", "slow")
  t.expect(y, "==", "quick")
  t.expect(z, "==", nil)
  t.expect(t.now(), "==", "30ms")
end)

net.test("race gives the first and cancels the rest", function(t)
  local closed = 0
  local place, value = t.race {
    function()
      local _ <close> = setmetatable({}, { __close = function() closed = closed + 1 end })
      t.sleep "1h"
    end,
    function() t.sleep "5ms" return "won" end,
  }
  t.expect(place, "==", 2)
  t.expect(value, "==", "won")
  t.expect(closed, "==", 1, "pending <close> of the loser ran")
  t.expect(t.now(), "==", "5ms")
end)

net.test("an error in one of all reaches who waits, and the others end", function(t)
  local reached = false
  local ok, e = pcall(t.all, {
    function() t.sleep "1s" reached = true end,
    function() t.sleep "1ms" error("early", 0) end,
  })
  t.expect(ok, "==", false)
  t.expect(tostring(e), "==", "early")
  t.sleep "2s"
  t.expect(reached, "==", false)
end)

net.test("within gives results, and fails in time", function(t)
  t.expect(t.within("1s", function() t.sleep "1ms" return 7 end), "==", 7)
  local ok, e = pcall(t.within, "50ms", function() t.sleep "1h" end)
  t.expect(ok, "==", false)
  t.expect(tostring(e), "~", "not done within 50ms: waits for 1h to pass")
  t.expect(t.now(), "==", "51ms")
end)

net.test("a job gives its results, or is closed with its scope", function(t)
  local job = t.spawn(function() t.sleep "3ms" return "a", "b" end)
  local x, y = job:await()
  t.expect(x .. y, "==", "ab")
  local ticks = 0
  do
    local _ <close> = t.spawn(function()
      while true do
        t.sleep "10ms"
        ticks = ticks + 1
      end
    end)
    t.sleep "35ms"
  end
  t.sleep "1s"
  t.expect(ticks, "==", 3)
end)

net.test("what a task began ends with it", function(t)
  local ticks = 0
  t.all { function()
    t.spawn(function()
      while true do
        t.sleep "1ms"
        ticks = ticks + 1
      end
    end)
    t.sleep "5500us"
  end }
  t.sleep "1s"
  t.expect(ticks, "==", 5)
end)

net.test("tasks of one instant go on in the order they were made", function(t)
  local order = {}
  local function at(name) return function() t.sleep "1ms" order[#order + 1] = name end end
  t.all { at "1", at "2", at "3", at "4" }
  t.expect(table.concat(order), "==", "1234")
end)

net.test("eventually goes on in the instant that it becomes true", function(t)
  local flow <close> = a:flow(b, { rate = "1000pps" })
  t.eventually("1s", function() return flow:stats().received >= 5 end)
  t.expect(flow:stats().received, "==", 5)
  local done = false
  t.spawn(function() t.sleep "250ms" done = true end)
  local before = t.now()
  t.eventually("1s", function() return done end)
  t.expect(t.now() - before, "==", "250ms", "a variable that another task sets")
end)

net.test("a predicate that catches an error is looked at again", function(t)
  local flow <close> = a:flow(b, { rate = "1000pps" })
  t.eventually("1s", function()
    pcall(error, "no")
    xpcall(error, function() end, "no")
    return flow:stats().received >= 5
  end)
  t.expect(flow:stats().received, "==", 5)
end)

net.test("eventually takes predicates that wait", function(t)
  s:port("b"):down()
  t.spawn(function() t.sleep "2500ms" s:port("b"):up() end)
  t.eventually("10s", function() return a:ping(b).received == 1 end, "b is back")
  t.expect(t.now(), ">=", "2.5s")
  t.expect(t.now(), "<=", "3.1s")
end)

net.test("eventually gives up exactly when it should", function(t)
  local ok, e = pcall(t.eventually, "3s", function() return a:stats().rx_frames > 1000 end, "many frames")
  t.expect(ok, "==", false)
  t.expect(tostring(e), "~", "did not happen within 3s: many frames")
  t.expect(t.now(), "==", "3s")
end)

net.test("always and never with a duration watch for that long", function(t)
  t.always("2s", function() return true end)
  t.expect(t.now(), "==", "2s")
  t.never("1s", function() return false end)
  t.expect(t.now(), "==", "3s")
  local flow <close> = a:flow(b, { rate = "100pps" })
  local ok, e = pcall(t.never, "1s", function() return flow:stats().received > 3 end, "a fourth datagram")
  t.expect(ok, "==", false)
  t.expect(tostring(e), "~", "happened: a fourth datagram")
end)

net.test("predicates are looked at once per instant at most", function(t)
  local looks, instants = 0, {}
  local flow <close> = a:flow(b, { rate = "1000pps" })
  t.never("100ms", function()
    looks = looks + 1
    instants[t.now()] = (instants[t.now()] or 0) + 1
    return flow:stats().received > 1e6
  end)
  local most = 0
  for _, n in pairs(instants) do most = math.max(most, n) end
  t.expect(most, "<=", 2) -- its first look is in its own turn
  t.expect(looks, ">", 50)
end)

net.test("pcall catches failures, and passes on what must pass", function(t)
  local ok, e = pcall(t.expect, 1, "==", 2, "one is two")
  t.expect(ok, "==", false)
  t.expect(tostring(e), "~", "one is two: expected 1 == 2")
  ok, e = pcall(s.cmd, s, "port/fly")
  t.expect(ok, "==", false)
  t.expect(tostring(e), "~", "port/fly")
  t.expect(select("#", pcall(function() return 1, nil, 3 end)), "==", 4)
  t.expect(select(2, xpcall(function() error("x", 0) end, function(m) return m .. "y" end)), "==", "xy")
end)

net.test("await gives an event, or nil when time is up", function(t)
  t.expect(s:await("port.down", "1s"), "==", nil)
  t.expect(t.now(), "==", "1s")
  t.spawn(function() t.sleep "1s" s:port("b"):down() end)
  local ev = s:await("port.down", "10s")
  t.expect(ev.port, "==", 2)
  t.expect(ev.at_ns, "==", "2s")
end)
