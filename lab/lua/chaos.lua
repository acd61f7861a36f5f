-- SPDX-License-Identifier: MIT
-- chaos.lua - plans drawn from the seed: net.chaos draws faults, net.swarm chooses values. All of it is
-- settled before the run and printed with a failure; the run itself draws nothing of this.
local core = ...
local net, class = core.net, core.class.net

local MS = 1000000

-- Each kind of chaos: what it needs, and an entry of net.faults from draws: pick(list), up_to(n).
local draws = {
  { "cut", "cables", function(d) return { cut = d.pick(d.cables) } end },
  { "loss", "cables", function(d)
    local law = { loss = d.pick { "5%", "20%", "50%", "100%" } }
    return { set = d.pick(d.cables), to = d.pick { law, { ab = law }, { ba = law } } }
  end },
  { "delay", "cables", function(d)
    return { set = d.pick(d.cables), to = { delay = d.pick { "5ms", "50ms", "500ms" } } }
  end },
  { "flap", "cables", function(d)
    local every = math.min(d.pick { 200, 500, 1000 }, d.lasting // MS)
    return { flap = d.pick(d.cables), every = every .. "ms", down = math.max(1, every // d.pick { 2, 5, 10 }) .. "ms",
      times = math.max(1, d.lasting // (every * MS)) }
  end },
  { "partition", "pairs", function(d) return { partition = d.group() } end },
  { "oneway", "pairs", function(d) return { partition = d.group(), oneway = true } end },
  { "kill", "switches", function(d) return { kill = d.pick(d.switches) } end },
  { "restart", "switches", function(d) return { restart = d.pick(d.switches) } end },
  { "pause", "switches", function(d) return { pause = d.pick(d.switches) } end },
  { "skew", "switches", function(d)
    return { skew = d.pick(d.switches), by = d.pick { "200ppm", "-200ppm", "5%", "-5%", "50%", "-50%" } }
  end },
  { "duplicate", "couples", function(d)
    local of = d.up_to(#d.stations) + 1
    local b = (of + d.up_to(#d.stations - 1)) % #d.stations + 1
    return { duplicate = d.stations[b], of = d.stations[of], every = d.pick { "10ms", "100ms" } }
  end },
  { "flood", "stations", function(d)
    return { flood = d.pick(d.stations), count = d.pick { 100, 1000 }, every = d.pick { "100us", "1ms" } }
  end },
  { "storm", "stations", function(d) return { storm = d.pick(d.stations), every = d.pick { "200us", "1ms" } } end },
}
local momentary = { restart = true, flap = true } -- their end is not drawn

local function names()
  local list = {}
  for i, d in ipairs(draws) do list[i] = d[1] end
  return list
end

local function can(what)
  local have = { cables = core.cables(), switches = core.switches(), stations = core.ends() }
  if what == "pairs" then return #have.switches > 1 and #have.cables > 0 end
  if what == "couples" then return #have.stations > 1 end
  return #have[what] > 0
end

-- The kinds of this seed: those asked for that the lab can have; each on or off unless swarm = false.
local function chosen(opts)
  local wanted, list, on = {}, {}, {}
  for _, kind in ipairs(opts.kinds or names()) do wanted[kind] = true end
  for _, d in ipairs(draws) do
    if wanted[d[1]] and can(d[2]) then list[#list + 1] = d end
  end
  for i, d in ipairs(list) do
    if opts.swarm == false or core.draw("chaos/swarm/" .. d[1], 0, 2) == 1 then on[#on + 1] = d end
  end
  if #on == 0 and #list > 0 then on[1] = list[core.draw("chaos/swarm", 0, #list) + 1] end
  return on
end

-- What one entry draws: its own stream, an index for each draw, so that entries do not disturb each other.
local function dice(stream)
  local d = { cables = core.cables(), switches = core.switches(), stations = core.ends() }
  local n = 0
  function d.up_to(bound)
    n = n + 1
    return core.draw(stream, n, bound)
  end
  function d.pick(list) return list[d.up_to(#list) + 1] end
  function d.group() -- some of the switches, not all
    local group, size = {}, #d.switches
    for i = 1, size - 1 do
      if d.up_to(2) == 1 then group[#group + 1] = d.switches[i] end
    end
    if #group == 0 then group[1] = d.switches[size] end
    return group
  end
  return d
end

local function round(ns) return math.max(1, ns // MS) * MS end

-- At most `max` are open at a time: one that comes too early waits for the first to end.
local function when_free(open, at, max)
  for i = #open, 1, -1 do
    if open[i] <= at then table.remove(open, i) end
  end
  table.sort(open)
  return #open < max and at or table.remove(open, 1)
end

local function draw_plan(call, opts)
  local kinds, open, at = chosen(opts), {}, opts.from
  for nth = 1, #kinds > 0 and 100000 or 0 do
    local d = dice(("chaos/%d/%d"):format(call, nth))
    at = when_free(open, at + round(d.up_to(2 * opts.every)), opts.max)
    local lasting = round(d.up_to(2 * opts.lasting))
    if at >= opts.heal_by then return end
    lasting = math.min(lasting, opts.heal_by - at)
    d.lasting = lasting
    local kind = d.pick(kinds)
    local e = kind[3](d)
    e.at = core.time_text(at)
    if not momentary[kind[1]] then e.lasting = core.time_text(lasting) end
    open[#open + 1] = at + lasting
    core.add_fault(e)
  end
end

local function rate_of(text)
  local n, time = tostring(text):match("^(%d+)/(.+)$")
  n = math.tointeger(tonumber(n))
  if not n or n < 1 then core.misuse('rate: so many in a time: "1/5s"') end
  return core.time(time, "rate") // n
end

local asked = {}

local function check_kinds(list)
  if type(list) ~= "table" or #list == 0 then core.misuse('kinds: a list belongs here: { "cut", "kill" }') end
  local set = {}
  for _, kind in ipairs(list) do set[tostring(kind)] = true end
  core.known(set, "kinds", names())
end

-- net.chaos { rate = "1/5s", kinds = { "cut", "kill" }, max = 1, lasting = "3s", from = "5s", heal_by = "50s" }
class.chaos = function(first, second)
  local opts = first
  if first == net then opts = second end
  if core.running() then core.misuse("net.chaos: drawn before the tests; in one use cable:fault") end
  core.known(opts, "net.chaos", { "rate", "kinds", "max", "lasting", "from", "heal_by", "swarm" })
  opts = opts or {}
  local every = rate_of(opts.rate or "1/5s")
  if opts.kinds then check_kinds(opts.kinds) end
  if opts.max ~= nil and (math.type(opts.max) ~= "integer" or opts.max < 1) then
    core.misuse("max: a whole number from 1 belongs here")
  end
  asked[#asked + 1] = {
    every = every, kinds = opts.kinds, max = opts.max or 1, swarm = opts.swarm,
    lasting = opts.lasting and core.time(opts.lasting, "lasting") or every,
    from = opts.from and core.time(opts.from, "from") or 0,
    heal_by = core.time(opts.heal_by or "60s", "heal_by"),
  }
  core.site("chaos", false)
end

core.loaded(function() -- all nodes and cables are known now
  if core.given_faults() then return end
  for call, opts in ipairs(asked) do draw_plan(call, opts) end
end)

-- net.swarm { loss = { "0%", "1%" }, n = { 3, 8 } } -> one value of each list, as the seed says
class.swarm = function(first, second)
  local lists, t = first, {}
  if first == net then lists = second end
  if type(lists) ~= "table" then core.misuse('net.swarm: lists by name: net.swarm { loss = { "0%", "1%" } }') end
  for name, list in pairs(lists) do
    if type(list) ~= "table" or #list == 0 then
      core.misuse(("net.swarm: %s: a list of values belongs here"):format(tostring(name)))
    end
    t[name] = list[core.draw("swarm/" .. tostring(name), 0, #list) + 1]
    core.note_swarm(("%s = %s"):format(tostring(name), tostring(t[name])))
  end
  return t
end
