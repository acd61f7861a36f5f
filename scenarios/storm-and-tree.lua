-- SPDX-License-Identifier: MIT
-- storm-and-tree.lua - why switches need a spanning tree. Three switches in a ring: without one, a single broadcast goes
-- round for ever, both ways, and every turn reaches everybody again. With one, a cable waits, and it arrives once.
local net = lab("storm and tree", { limit = "2m" })

local ring = net.ring(3, { delay = "10us" })
local a, b = net.station("a", ring[1]), net.station("b", ring[2])

-- How often b hears a's broadcast: counted up to 100, or until 200 ms are silent. Then a cut ends what goes round.
local function copies(t)
  local heard = 0
  t.all {
    function()
      while heard < 100 and b:await({ src = a, type = "test" }, "200ms") do heard = heard + 1 end
    end,
    function()
      t.sleep "100us"
      a:send { dst = "ff:ff:ff:ff:ff:ff", type = "test", data = "01" }
    end,
  }
  ring.cables[1]:cut()
  return heard
end

local function frames_on_cables()
  local n = 0
  for _, cable in ipairs(ring.cables) do n = n + cable:stats().rx_frames end
  return n
end

net.test("without a tree one broadcast is a storm", function(t)
  t.expect(ring:loops(), "==", 1)
  t.expect(t.measure("copies", copies(t)), "==", 100)
  t.sleep "100ms"
  local after = t.measure("frames on the cables", frames_on_cables())
  t.sleep "100ms"
  t.expect(frames_on_cables(), "==", after, "the cut ring is quiet")
end)

net.test("with a tree it arrives once", function(t)
  for _, switch in ipairs(ring) do switch:cmd("rstp/set enabled=yes") end
  t.eventually("60s", function() return ring:stable() end, "the tree stands")
  t.expect(ring:loops(), "==", 0)
  t.expect(#ring:tree(), "==", 2, "cables in the tree; the third waits")
  t.expect(t.measure("copies", copies(t)), "==", 1)
  t.eventually("10s", function() return ring:stable() end, "the third took over when one was cut")
  t.expect(#ring:tree(), "==", 2)
end)

net.test("turned off again, it storms again", function(t)
  for _, switch in ipairs(ring) do switch:cmd("rstp/set enabled=yes") end
  t.eventually("60s", function() return ring:stable() end, "the tree stands")
  for _, switch in ipairs(ring) do switch:cmd("rstp/set enabled=no") end
  t.expect(copies(t), "==", 100)
end)
