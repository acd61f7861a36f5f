-- SPDX-License-Identifier: MIT
-- campus.lua - a campus of 50 switches: two in the core, a pair for each of four buildings, ten access switches behind
-- each pair. Every switch has two ways up and the spanning tree keeps one of them; when an uplink is cut or a whole
-- core switch dies, the other takes over, and flows that run meanwhile say for how long frames were lost.
local net = lab("campus", { limit = "10m" })

local VLANS = { staff = 10, lab = 20, guests = 30 }
local BUILDINGS, ACCESS = 4, 10 -- access switches of a building

-- ---- what is built: the lower the priority, the nearer to the root ----
local uplink = { delay = "10us", port = { trunk = "10,20,30" } }
local function switch(name, priority) return net.switch(name, { rstp = true, priority = priority }) end

local core = { switch("core1", 0), switch("core2", 4096) }
net.cable(core[1], core[2], uplink)

local access = {} -- by building, then by number
for b = 1, BUILDINGS do
  local pair = { switch("b" .. b .. "left", 16384), switch("b" .. b .. "right", 20480) }
  for _, distribution in ipairs(pair) do
    net.cable(distribution, core[1], uplink)
    net.cable(distribution, core[2], uplink)
  end
  access[b] = {}
  for i = 1, ACCESS do
    local s = switch(("b%da%d"):format(b, i))
    access[b][i] = { switch = s, up = net.cable(s, pair[1], uplink), spare = net.cable(s, pair[2], uplink) }
  end
end

-- ---- who is there: in each building somebody in every VLAN, each behind an access switch of its own ----
local function station(vlan, b, i)
  return net.station(vlan .. b, access[b][i].switch, { port = { vlan = VLANS[vlan], edge = "yes" } })
end
local staff, labs, guests = {}, {}, {}
for b = 1, BUILDINGS do
  staff[b], labs[b], guests[b] = station("staff", b, 1), station("lab", b, 2), station("guests", b, 3)
end

-- Flows across the campus, one in each VLAN, at 1,000 frames a second each.
local function flows_across(t)
  local flows = {}
  for _, people in ipairs { staff, labs, guests } do
    flows[#flows + 1] = people[1]:flow(people[3], { rate = "1000pps", size = "200B" })
  end
  t.sleep "1s"
  return flows
end

-- For how long the worst of them was interrupted; none of their frames may ever come twice.
local function outage(t, flows)
  local worst = 0
  for _, flow in ipairs(flows) do
    local s = flow:stats()
    worst = math.max(worst, s.longest_gap_ns)
    t.expect(s.duplicated, "==", 0, "frames that came twice")
    flow:close()
  end
  return worst
end

local function at_rest(t)
  t.eventually("60s", net.converged, "the tree stands")
  t.sleep "10s" -- the last change has been told
end

net.test("fifty switches make one tree", function(t)
  t.eventually("10s", net.converged, "the tree stands")
  t.expect(#net.tree(), "==", 49, "cables in the tree")
  t.expect(core[1]:rstp().root_port, "==", 0, "the core is the root")
  at_rest(t)
  t.expect(staff[1]:ping(staff[4]).received, "==", 1, "staff reach each other across the campus")
  t.expect(staff[1]:ping(guests[4], { within = "100ms" }).received, "==", 0, "and nobody in another VLAN")
end)

net.test("an uplink is cut", function(t)
  at_rest(t)
  local flows = flows_across(t)
  access[1][1].up:cut() -- staff1 sits there
  t.sleep "2s"
  t.expect(t.measure("outage of the cut", outage(t, flows), "ns"), "<", "50ms")
  t.expect(net.converged(), "==", true)

  flows = flows_across(t)
  access[1][1].up:mend()
  t.sleep "2s"
  t.expect(t.measure("outage of the mend", outage(t, flows), "ns"), "<", "50ms")
end)

net.test("a core switch dies", function(t)
  at_rest(t)
  t.never(function() return net.loops() > 0 end, "a forwarding loop")
  local flows = flows_across(t)
  core[1]:kill() -- the root, and on the way of every flow
  t.sleep "5s"
  t.expect(t.measure("outage of the death", outage(t, flows), "ns"), "<", "200ms")
  t.expect(net.converged(), "==", true)
  t.expect(core[2]:rstp().root_port, "==", 0, "the other core switch is the root")

  flows = flows_across(t)
  core[1]:restart()
  t.sleep "5s"
  t.expect(t.measure("outage of its return", outage(t, flows), "ns"), "<", "200ms")
  t.expect(core[1]:rstp().root_port, "==", 0, "it is the root again")
end)

net.test("an uplink dies silently", function(t)
  at_rest(t)
  local flows = flows_across(t)
  access[1][1].up:cut { silent = true } -- both ends still see their link
  t.sleep "7s"
  t.expect(t.measure("outage until three hellos are missed", outage(t, flows), "ns"), "<", "6100ms")
  t.expect(staff[1]:ping(staff[3]).received, "==", 1)
end)
