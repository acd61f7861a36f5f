-- SPDX-License-Identifier: MIT
-- split-brain.lua - a cluster of two nodes, one of which runs a service. They hear each other over a heartbeat network of
-- its own. What a node makes of silence decides: wrong rules give two services, or none (BSI G 4.75, isolation).
local net = lab("split brain")

local left, core, right = net.switch("left"), net.switch("core"), net.switch("right")
local uplink = net.cable(left, core, { delay = "1ms" })
net.cable(core, right, { delay = "1ms" })
local witness = net.station("witness") -- the gateway, say: who reaches it is not cut off
local to_witness = net.cable(core, witness)
local beat_left, beat_right = net.switch("beat-left"), net.switch("beat-right")
local heartbeat = net.cable(beat_left, beat_right, { delay = "1ms" })

local n1 = { card = net.station("n1", left), beat = net.station("n1-beat", beat_left), active = true }
local n2 = { card = net.station("n2", right), beat = net.station("n2-beat", beat_right), active = false }

local function reaches(a, b) return a:ping(b, { within = "200ms" }).received == 1 end
local function both() return n1.active and n2.active end

-- What a node does when half a second has brought no heartbeat. The other is dead? Perhaps only its cable is.
local function trust_silence(_, me) me.active = true end

-- Right: ask a third party who is cut off, and give the other time to find out the same.
local function ask_witness(t, me, other)
  if not reaches(me.card, witness) then
    me.active = false -- it is me
  elseif not reaches(me.card, other.card) then
    t.sleep "1s"
    me.active = true -- it is the other, which has stopped by now
  end -- both answer: only the heartbeat is broken, nothing changes
end

-- Wrong in the other direction: who does not reach the witness stops, heartbeat or not.
local function panic(_, me)
  if not reaches(me.card, witness) then me.active = false end
end

local function run(t, on_silence, always)
  for _, pair in ipairs { { n1, n2 }, { n2, n1 } } do
    local me, other = pair[1], pair[2]
    t.spawn(function()
      while true do
        me.beat:send { dst = other.beat, type = "test", data = "01" }
        t.sleep "100ms"
      end
    end)
    t.spawn(function()
      while true do
        if always then always(t, me, other) end
        if not me.beat:await({ src = other.beat, type = "test" }, "500ms") then on_silence(t, me, other) end
      end
    end)
  end
  t.sleep "2s"
  t.expect(n1.active and not n2.active, "==", true, "at first n1 serves and n2 waits")
end

net.test("heartbeat cut: who trusts silence gets a split brain", function(t)
  run(t, trust_silence)
  heartbeat:cut()
  t.eventually("2s", both, "both serve: each writes, neither knows of the other")
end)

net.test("heartbeat cut: who asks a witness changes nothing", function(t)
  run(t, ask_witness)
  t.never(both, "two nodes that serve")
  heartbeat:cut()
  t.always("10s", function() return n1.active end, "n1 goes on serving")
end)

net.test("a node that is cut off stops, then the other takes over", function(t)
  run(t, ask_witness)
  t.never(both, "two nodes that serve")
  local since = t.now()
  heartbeat:cut()
  uplink:cut()
  t.eventually("5s", function() return not n1.active end, "n1 knows that it is alone")
  t.measure("n1 stopped after", t.now() - since, "ns")
  t.eventually("5s", function() return n2.active end, "n2 serves")
  t.measure("n2 took over after", t.now() - since, "ns")
end)

net.test("the witness is gone: who panics stops for nothing", function(t)
  run(t, ask_witness, panic)
  to_witness:cut()
  t.eventually("5s", function() return not n1.active end, "n1 stops although n2 hears it")
  t.always("10s", function() return not n2.active end, "and n2 hears n1: nobody serves")
end)

net.test("the witness is gone: who still hears the other goes on", function(t)
  run(t, ask_witness)
  to_witness:cut()
  t.always("10s", function() return n1.active and not n2.active end, "nothing changes")
end)
