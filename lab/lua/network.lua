-- SPDX-License-Identifier: MIT
-- network.lua - questions about a whole network: its active tree, loops, whether it has settled.
local core = ...
local net, class, shape = core.net, core.class, core.shape

function class.switch.rstp(self) return core.state(self, "rstp/print") end

-- What the switches say, those that run: by switch {enabled, root, root_port, state = {by port}}.
-- Settled: no port is on its way (802.1Q-2018 13.8: root and designated ports end up forwarding,
-- all others discarding). With `all_settled` nil at the first that is not, so that nobody else is asked for nothing.
local function ask(switches, all_settled)
  local said = {}
  for _, s in ipairs(switches) do
    local ok, r = pcall(s.rstp, s)
    if ok then
      local v = { enabled = r.enabled, root = r.root, root_port = r.root_port, state = {} }
      for _, p in ipairs(r.ports) do
        local wanted = (p.role == "root" or p.role == "designated") and "forwarding" or "discarding"
        v.state[p.port] = p.state
        if all_settled and p.state ~= wanted then return nil end
      end
      said[s] = v
    end
  end
  return said
end

local function forwards(v, port) return v ~= nil and (not v.enabled or v.state[port] == "forwarding") end

-- The cables over which frames go both ways now.
local function active(said, cables)
  local list = {}
  for _, c in ipairs(cables) do
    if forwards(said[c.a], c.port_a) and forwards(said[c.b], c.port_b) and
      core.state(c, "showinfo").state ~= "cut" then
      list[#list + 1] = c
    end
  end
  return list
end

-- How many parts the switches that run fall into over these cables, and a function that gives the part of one.
local function parts(said, switches, cables)
  local leader, count = {}, 0
  local function find(s)
    while leader[s] ~= s do
      leader[s] = leader[leader[s]]
      s = leader[s]
    end
    return s
  end
  for _, s in ipairs(switches) do
    if said[s] then
      leader[s] = s
      count = count + 1
    end
  end
  for _, c in ipairs(cables) do
    local x, y = find(c.a), find(c.b)
    if x ~= y then
      leader[x] = y
      count = count - 1
    end
  end
  return count, find
end

-- Whether every part has its root: a switch that is it, or whose root port leads out of the lab. News of a dead root
-- can go round for a while, and then all agree on it and each has it from another.
local function headed(said, switches, cables)
  local inside, count, find = {}, parts(said, switches, cables)
  for _, c in ipairs(cables) do
    inside[c.a] = inside[c.a] or {}
    inside[c.b] = inside[c.b] or {}
    inside[c.a][c.port_a], inside[c.b][c.port_b] = true, true
  end
  local has = {}
  for _, s in ipairs(switches) do
    local v = said[s]
    if v and not (v.enabled and inside[s] and inside[s][v.root_port]) and not has[find(s)] then
      has[find(s)] = true
      count = count - 1
    end
  end
  return count == 0
end

local function running(said, switches)
  local n = 0
  for _, s in ipairs(switches) do
    if said[s] then n = n + 1 end
  end
  return n
end

-- Cables too many for a tree: each closes a loop.
local function loops(switches, cables)
  local said = ask(switches)
  local list = active(said, cables)
  return #list - running(said, switches) + parts(said, switches, list)
end

-- Live cables: not cut, both ends run.
local function live(said, cables)
  local list = {}
  for _, c in ipairs(cables) do
    if said[c.a] and said[c.b] and core.state(c, "showinfo").state ~= "cut" then list[#list + 1] = c end
  end
  return list
end

-- Settled: no port on its way, one root in each part, as connected as the cables allow, no loop.
local function stable(switches, cables)
  local said = ask(switches, true)
  if not said then return false end
  local tree, all = active(said, cables), live(said, cables)
  for _, c in ipairs(all) do
    if said[c.a].enabled and said[c.b].enabled and said[c.a].root ~= said[c.b].root then return false end
  end
  local n = parts(said, switches, tree)
  return n == parts(said, switches, all) and #tree == running(said, switches) - n and headed(said, switches, all)
end

local function def(name, fn)
  class.net[name] = function(first, ...)
    if first == net then return fn(...) end
    return fn(first, ...)
  end
end

def("loops", function() return loops(core.switches(), core.cables()) end)
def("converged", function() return stable(core.switches(), core.cables()) end)

-- net.tree(size, options) builds one; net.tree() is the one over which frames go now.
local build = class.net.tree
def("tree", function(size, ...)
  if size ~= nil then return build(size, ...) end
  return active(ask(core.switches()), core.cables())
end)

function shape.loops(self) return loops(self, self.cables) end
function shape.stable(self) return stable(self, self.cables) end
function shape.tree(self) return active(ask(self), self.cables) end
