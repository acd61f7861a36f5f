-- SPDX-License-Identifier: MIT
-- vepa-visible.lua - traffic between two machines of one host: as a VEB nobody outside sees it; as a VEPA it passes the
-- adjacent bridge, which counts it, mirrors it to a watcher, and can stop it.
local net = lab("VEPA: seen outside")

local edge, adjacent = net.switch("edge"), net.switch("adjacent")
net.cable(edge, adjacent, { delay = "1ms" })
local a, b = net.station("a", edge), net.station("b", edge)
local other = net.station("other", adjacent)
local watcher = net.station("watcher", adjacent)
adjacent:cmd("mirror/add edge watcher in")
edge:cmd("vepa/uplink adjacent")

-- Sends one frame from a to b; who heard it, how often, and what the adjacent bridge received meanwhile.
local function send_one(t, kind)
  t.sleep "10ms" -- what stations say when they come up is over
  local heard, before = {}, adjacent:port("edge"):stats().rx_frames
  local listeners = {}
  for _, who in ipairs { a, b, other, watcher } do
    listeners[#listeners + 1] = function()
      heard[who.name] = 0
      while who:await({ src = a, type = "test" }, "100ms") do heard[who.name] = heard[who.name] + 1 end
    end
  end
  listeners[#listeners + 1] = function()
    t.sleep "1ms"
    a:send { dst = kind == "broadcast" and "ff:ff:ff:ff:ff:ff" or b, type = "test", data = "01" }
  end
  t.all(listeners)
  heard.counted = adjacent:port("edge"):stats().rx_frames - before
  return heard
end

local function expect(t, got, want)
  for who, n in pairs(want) do t.expect(got[who], "==", n, who) end
end

net.test("as a VEB it stays inside", function(t)
  edge:cmd("vepa/mode veb")
  t.expect(a:ping(b).received, "==", 1, "a reaches b")
  t.expect(a:ping(other).received, "==", 1, "and what is outside")
  expect(t, send_one(t, "unicast"), { a = 0, b = 1, other = 0, watcher = 0, counted = 0 })
end)

net.test("as a VEPA it needs a bridge that reflects", function(t)
  edge:cmd("vepa/mode vepa")
  expect(t, send_one(t, "unicast"), { a = 0, b = 0, other = 0, watcher = 1, counted = 1 })
  expect(t, send_one(t, "broadcast"), { a = 0, b = 0, other = 1, watcher = 1, counted = 1 })
end)

net.test("reflected, it arrives once, and is seen, counted and mirrored", function(t)
  edge:cmd("vepa/mode vepa")
  adjacent:cmd("vepa/reflect edge on")
  t.expect(a:ping(b).received, "==", 1, "a reaches b")
  t.expect(a:ping(b).rtt_min_ns, ">=", "4ms", "over the cable and back, twice")
  t.expect(a:ping(other).received, "==", 1, "and what is outside")
  expect(t, send_one(t, "unicast"), { a = 0, b = 1, other = 0, watcher = 1, counted = 1 })
  expect(t, send_one(t, "broadcast"), { a = 0, b = 1, other = 1, watcher = 1, counted = 1 })
end)

net.test("the adjacent bridge can stop it", function(t)
  edge:cmd("vepa/mode vepa")
  adjacent:cmd("port/set edge reflect=on isolated=yes")
  t.expect(a:ping(b).received, "==", 0, "a does not reach b")
  t.expect(a:ping(other).received, "==", 1, "but what is outside")
  adjacent:cmd("port/set edge isolated=no")
  t.eventually("10s", function() return a:ping(b).received == 1 end, "until it is allowed again")
end)

net.test("every frame is accounted for, whatever the mode", function(t)
  adjacent:cmd("vepa/reflect edge on")
  for _, mode in ipairs { "off", "veb", "vepa", "veb", "vepa" } do
    edge:cmd("vepa/mode " .. mode)
    a:ping(b)
    send_one(t, "broadcast")
    for _, sw in ipairs { edge, adjacent } do
      t.expect(sw:cmd("switch/stats").conserves, "==", true, mode .. ": " .. sw.name)
    end
  end
end)
