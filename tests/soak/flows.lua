-- SPDX-License-Identifier: MIT
-- flows.lua - one-way flows through a random network while cables are cut, switches die and settings change. Whenever the
-- network rests, each flow that has a way goes on, and nothing of it comes twice: a switch that had not been told of a
-- change would send it the wrong way until the addresses it learned age.
local net = lab("flows through random faults", { limit = "1h" })

local SWITCHES, CABLES, ROUNDS, FAULTS = 10, 15, 8, 4 -- faults of a round
local mesh = net.random({ SWITCHES, CABLES }, { rstp = true, delay = "50us" })
local stations = {}
for i, switch in ipairs(mesh) do stations[i] = net.station("h" .. i, switch) end

local function any(list) return list[math.random(#list)] end

local cut, dead = {}, {} -- what is broken now

local function break_or_mend()
  local what, cable, switch = math.random(10), any(mesh.cables), any(mesh)
  if what <= 5 then
    if cut[cable] then cable:mend() else cable:cut() end
    cut[cable] = not cut[cable]
  elseif what <= 7 then
    if dead[switch] then switch:restart() else switch:kill() end
    dead[switch] = not dead[switch]
  elseif not dead[switch] and what == 8 then
    switch:cmd("rstp/set priority=" .. 4096 * math.random(0, 15))
  elseif not dead[switch] then
    switch:cmd(("port/set %d cost=%d"):format(math.random(3), math.random(1000, 100000)))
  end
end

local function heal()
  for _, cable in ipairs(mesh.cables) do
    if cut[cable] then cable:mend() end
  end
  for _, switch in ipairs(mesh) do
    if dead[switch] then switch:restart() end
  end
  cut, dead = {}, {}
end

-- The switches that can reach each other by what is whole: a number for each part, 0 for the dead.
local function parts()
  local part, moved = {}, true
  for i, switch in ipairs(mesh) do part[switch] = dead[switch] and 0 or i end
  while moved do
    moved = false
    for _, c in ipairs(mesh.cables) do
      local x, y = part[c.a], part[c.b]
      if not cut[c] and x ~= y and x > 0 and y > 0 then
        part[c.a], part[c.b] = math.min(x, y), math.min(x, y)
        moved = true
      end
    end
  end
  return part
end

local function far(i) return i % #stations + 1 end

local function rest_and_check(t, flows, round)
  t.eventually("120s", net.converged, "the tree stands, round " .. round)
  t.sleep "5s" -- word of the last change is held back for a second at most, and told for three
  t.eventually("120s", net.converged, "and goes on standing, round " .. round)
  local before, part = {}, parts()
  for i, flow in ipairs(flows) do before[i] = flow:stats() end
  t.sleep "2s"
  for i, flow in ipairs(flows) do
    local now, x, y = flow:stats(), part[mesh[i]], part[mesh[far(i)]]
    local got = now.received - before[i].received
    if x == y and x > 0 then t.check(got, ">=", 198, ("round %d, h%d to h%d: what came of 200"):format(round, i, far(i))) end
    t.check(now.duplicated - before[i].duplicated, "==", 0, "h" .. i .. ": what came twice at rest")
  end
  t.expect(net.loops(), "==", 0)
end

net.test("every flow goes on", function(t)
  t.eventually("120s", net.converged, "the tree stands")
  local flows = {}
  for i, from in ipairs(stations) do flows[i] = from:flow(stations[far(i)], { rate = "100pps", size = "100B" }) end
  for round = 1, ROUNDS do
    for _ = 1, FAULTS do
      break_or_mend()
      t.sleep(math.random(1, 3000) .. "ms")
    end
    rest_and_check(t, flows, round)
  end
  heal()
  rest_and_check(t, flows, ROUNDS + 1)
end)
