-- SPDX-License-Identifier: MIT
-- vlan-leak-hunt.lua - three VLANs over a tree of switches: everybody hears its own VLAN and no other. Then one trunk end
-- is given the wrong native VLAN, as happens; the hunt finds the leak, and trace names the port.
local net = lab("VLAN leak hunt")

local VLANS = { 10, 20, 30 }
local switches = net.tree { 2, 2 }
local stations, vlan_of = {}, {}
for i, sw in ipairs(switches) do
  for _, vlan in ipairs(VLANS) do
    if (i + vlan // 10) % 2 == 0 then
      local s = net.station(("h%dv%d"):format(i, vlan), sw, { port = { vlan = vlan } })
      stations[#stations + 1], vlan_of[s.name] = s, vlan
    end
  end
end
for _, cable in ipairs(switches.cables) do
  cable.a:cmd(("port/set %s trunk=10,20,30"):format(cable.b.name))
  cable.b:cmd(("port/set %s trunk=10,20,30"):format(cable.a.name))
end

-- One station speaks to all; the names of those who heard it, and how often.
local function speak(t, from)
  local heard, jobs = {}, {}
  for _, s in ipairs(stations) do
    jobs[#jobs + 1] = function()
      while s:await({ src = from, type = "test" }, "50ms") do heard[s.name] = (heard[s.name] or 0) + 1 end
    end
  end
  jobs[#jobs + 1] = function()
    t.sleep "1ms"
    from:send { dst = "ff:ff:ff:ff:ff:ff", type = "test", data = "01" }
  end
  t.all(jobs)
  return heard
end

-- Who hears whom that should not, and who does not that should: "h1v10 > h2v20", in order.
local function hunt(t)
  local leaks, deaf = {}, {}
  for _, from in ipairs(stations) do
    local heard = speak(t, from)
    for _, to in ipairs(stations) do
      local n, same = heard[to.name] or 0, vlan_of[from.name] == vlan_of[to.name] and from ~= to
      local way = from.name .. " > " .. to.name
      if n > (same and 1 or 0) then leaks[#leaks + 1] = way end
      if n == 0 and same then deaf[#deaf + 1] = way end
    end
  end
  return leaks, deaf
end

net.test("everybody hears its own VLAN, and no other", function(t)
  local leaks, deaf = hunt(t)
  t.expect(table.concat(leaks, ", "), "==", "", "leaks")
  t.expect(table.concat(deaf, ", "), "==", "", "who does not hear")
end)

-- The two ends of a trunk that do not agree on the native VLAN.
local near, far = switches.cables[1].a, switches.cables[1].b
local function mistake()
  near:cmd(("port/set %s mode=native-untagged pvid=10 allow=20,30"):format(far.name))
  far:cmd(("port/set %s mode=native-untagged pvid=20 allow=10,30"):format(near.name))
end

net.test("a wrong native VLAN leaks, and is found", function(t)
  mistake()
  local leaks = hunt(t)
  t.expect(#leaks, ">", 0, "leaks")
  for _, way in ipairs(leaks) do t.expect(way:find("v30", 1, true), "==", nil, "VLAN 30 is not touched") end
  -- A frame of VLAN 10 leaves the near end untagged, and is in VLAN 20 at the far end.
  local out = near:cmd(("trace %s dst=ff:ff:ff:ff:ff:ff,src=02:00:00:00:00:01,vlan=30"):format(far.name))
  t.expect(out.dropped, "==", nil, "the far end's tags still pass")
  local into = far:cmd(("trace %s dst=ff:ff:ff:ff:ff:ff,src=02:00:00:00:00:01"):format(near.name))
  local vlan
  for _, stage in ipairs(into.stages) do vlan = stage.vlan or vlan end
  t.expect(vlan, "==", 20, "where untagged frames of the trunk come in")
end)

net.test("put right, it is tight again", function(t)
  mistake()
  t.expect(#hunt(t), ">", 0, "leaks")
  near:cmd(("port/set %s trunk=10,20,30"):format(far.name))
  far:cmd(("port/set %s trunk=10,20,30"):format(near.name))
  local leaks, deaf = hunt(t)
  t.expect(table.concat(leaks, ", "), "==", "", "leaks")
  t.expect(table.concat(deaf, ", "), "==", "", "who does not hear")
  for _, sw in ipairs(switches) do t.expect(sw:cmd("switch/stats").conserves, "==", true, sw.name) end
end)
