-- SPDX-License-Identifier: MIT
-- mac-flood.lua - an attacker sends from made-up addresses until the switch's table is full. Where no room is left for
-- others, their frames go to everybody, and the attacker listens. This switch lets the port with most addresses give
-- way; a limit on the port ends the attempt.
local net = lab("MAC flood")

local sw = net.switch("sw")
local a, b = net.station("a", sw), net.station("b", sw)
local attacker = net.station("attacker", sw)
sw:cmd("switch/set fdb-max=256")

local function flood()
  for i = 1, 400 do
    attacker:send { src = ("02:ff:00:00:%02x:%02x"):format(i // 256, i % 256), dst = "02:ff:ff:ff:ff:ff" }
  end
end

-- Does the attacker hear a frame from a to b?
local function overhears(t)
  local heard
  t.all {
    function() heard = attacker:await({ src = a, dst = b, type = "test" }, "100ms") ~= nil end,
    function()
      t.sleep "1ms"
      a:send { dst = b, type = "test", data = "5ec2e7" }
    end,
  }
  return heard
end

-- Everybody has been silent for so long that the switch has forgotten them, as after a night.
local function forgotten(t)
  t.sleep "100ms" -- what they say when they come up is over
  sw:cmd("fdb/flush")
  flood()
  t.sleep "10ms"
  a:ping(b) -- they are back, and the table is full
  t.sleep "10ms"
end

net.test("at first the attacker hears nothing", function(t)
  a:ping(b)
  t.expect(overhears(t), "==", false)
end)

net.test("the flood fills the table, and the flooder gives way", function(t)
  forgotten(t)
  t.expect(t.measure("entries", #sw:fdb()), "==", 256, "the table is full")
  t.expect(overhears(t), "==", false, "a and b have their entries, at the attacker's expense")
  t.expect(t.measure("evicted", sw:cmd("fdb/stats").evicted), ">=", 2, "made-up ones that made room")
end)

net.test("while b is silent, what is sent to it goes to all", function(t)
  t.sleep "100ms"
  sw:cmd("fdb/flush")
  t.expect(overhears(t), "==", true, "no switch knows who has not spoken")
end)

net.test("a limit on the port keeps room for the others", function(t)
  sw:port("attacker"):set { limit = 3 }
  forgotten(t)
  t.expect(#sw:fdb(), "<", 10)
  t.expect(overhears(t), "==", false)
  t.measure("refused", sw:port("attacker"):stats().drops.limit)
end)

net.test("or ends the attack with its link", function(t)
  sw:port("attacker"):set { limit = 3, ["limit-action"] = "shutdown" }
  t.spawn(flood)
  t.expect(sw:await("port.down", "1s") ~= nil, "==", true, "the port is shut")
  t.expect(a:ping(b).received, "==", 1, "the others go on")
end)
