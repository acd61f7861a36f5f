-- SPDX-License-Identifier: MIT
-- faults.lua - what can break: by kind, what belongs to it, how it begins and how it heals. plan.lua makes
-- plans of them, chaos.lua draws them.
local core = ...
local net, class = core.net, core.class

-- A handle or its name.
local function resolve(v, kind, what)
  local h = v
  if type(v) == "string" then
    h = core.named(v)
    if not h then core.misuse(("%s: nothing is called '%s'"):format(what, v)) end
  end
  if core.kind(h) ~= kind then core.misuse(("%s: a %s belongs here"):format(what, kind)) end
  return h
end

-- One switch or a list of them.
local function switches(v, what)
  if type(v) ~= "table" then return { resolve(v, "switch", what) } end
  local list = {}
  for i = 1, #v do list[i] = resolve(v[i], "switch", what) end
  if #list == 0 then core.misuse(what .. ": a list of switches belongs here") end
  return list
end

-- ---- switches: a fault on one that is dead already is none ----

local downs, pauses = {}, {} -- how many open faults say so

local function kill(s)
  downs[s] = (downs[s] or 0) + 1
  if downs[s] == 1 then s:kill() end
  return function()
    downs[s] = downs[s] - 1
    if downs[s] == 0 then s:restart() end
  end
end

local function restart(s)
  if (downs[s] or 0) == 0 then s:restart() end
end

local function pause(s)
  pauses[s] = (pauses[s] or 0) + 1
  if pauses[s] == 1 and (downs[s] or 0) == 0 then pcall(s.pause, s) end
  return function()
    pauses[s] = pauses[s] - 1
    if pauses[s] == 0 and (downs[s] or 0) == 0 then pcall(s.resume, s) end
  end
end

local function skew(s, e)
  s:skew(e.by)
  return function() s:skew("0ppm") end
end

-- ---- partitions ----

local function set_of(list)
  local set = {}
  for _, s in ipairs(list) do set[s] = true end
  return set
end

-- All frames from a to b are lost on every cable between them; unless it is one way, those from b to a too.
local function part(a, b, oneway)
  local in_a, in_b, open = set_of(a), set_of(b), {}
  for _, c in ipairs(core.cables()) do
    local ab, ba = in_a[c.a] and in_b[c.b], in_a[c.b] and in_b[c.a]
    if ab or ba then
      local law, both = {}, not oneway
      if ab or both then law.ab = { loss = "100%" } end
      if ba or both then law.ba = { loss = "100%" } end
      open[#open + 1] = c:fault(law)
    end
  end
  return function()
    for i = #open, 1, -1 do open[i]:close() end
  end
end

local function others(a)
  local in_a, rest = set_of(a), {}
  for _, s in ipairs(core.switches()) do
    if not in_a[s] then rest[#rest + 1] = s end
  end
  return rest
end

local partition = { __name = "partition" }
partition.__index = partition
function partition.close(p)
  if not p.closed then p.heal() end
  p.closed = true
end
partition.__close = partition.close

-- net.partition(a, b, { oneway = true }): a fault with a scope; without b, all other switches.
class.net.partition = function(first, ...)
  local a, b, opts = first, ...
  if first == net then a, b, opts = ... end
  if not core.running() then core.misuse("net.partition: only inside a test; net.faults plans one before") end
  core.known(opts, "net.partition", { "oneway" })
  a = switches(a, "net.partition")
  b = b and switches(b, "net.partition") or others(a)
  return setmetatable({ heal = part(a, b, opts and opts.oneway) }, partition)
end

-- ---- what a station does that it should not ----

-- send(i) every so often until it heals, `count` times at most.
local function repeatedly(e, every, count, send)
  local going = true
  core.at(e.at, function()
    for i = 1, count do
      if not going then return end
      pcall(send, i) -- a station without a link sends nothing
      core.sleep(every)
    end
  end)
  return function() going = false end
end

local everybody, endless = "ff:ff:ff:ff:ff:ff", math.maxinteger

local function duplicate(b, e)
  local of = resolve(e.of, "station", "of")
  return repeatedly(e, core.time(e.every or "100ms", "every"), endless, function()
    b:send { dst = everybody, src = of, type = "test" }
  end)
end

local function flood(b, e)
  return repeatedly(e, core.time(e.every or "100us", "every"), e.count or 1000, function(i)
    local n = core.draw("flood/" .. b.name, i, 1 << 32)
    local src = ("02:0f:%02x:%02x:%02x:%02x"):format(n >> 24, n >> 16 & 255, n >> 8 & 255, n & 255)
    b:send { dst = everybody, src = src, type = "test" }
  end)
end

local function storm(b, e)
  return repeatedly(e, core.time(e.every or "100us", "every"), endless, function()
    b:send { dst = everybody, type = "test" }
  end)
end

-- ---- cables ----

local function fault_of(make)
  return function(c, e)
    local f = c:fault(make(e))
    return function() f:close() end
  end
end

local function cut_of(e) return { cut = e.silent and "silent" or true } end

local function count(v, what)
  if v ~= nil and (math.type(v) ~= "integer" or v < 1) then
    core.misuse(what .. ": a whole number from 1 belongs here")
  end
  return v
end

-- cable:flap { every = "2s", down = "100ms", times = 5 }: cut for `down` at the start of every `every`.
-- Waits until the last one is over.
function class.cable.flap(self, opts)
  core.known(opts, "cable:flap", { "every", "down", "times", "silent" })
  opts = opts or {}
  local every, down = core.time(opts.every or "1s", "every"), core.time(opts.down or "100ms", "down")
  local times = count(opts.times, "times") or 1
  if down > every then core.misuse("down: longer than every") end
  for i = 1, times do
    do
      local _ <close> = self:fault { cut = opts.silent and "silent" or true }
      core.sleep(down)
    end
    if i < times then core.sleep(every - down) end
  end
end

local function flap(c, e)
  core.at(e.at, function() c:flap { every = e.every, down = e.down, times = e.times, silent = e.silent } end)
end

-- ---- the kinds ----

-- noun: what breaks; keys: what else may be said; check(e): is it sense; begin(target, e): breaks it, gives a
-- function that heals.
local function needs_time(key) return function(e) if e[key] ~= nil then core.time(e[key], key) end end end

core.fault_kinds = {
  cut = { noun = "cable", keys = { "silent" }, begin = fault_of(cut_of) },
  hold = { noun = "cable", keys = {}, begin = fault_of(function() return { hold = true } end) },
  set = {
    noun = "cable", keys = { "to" }, begin = fault_of(function(e) return e.to end),
    check = function(e)
      if type(e.to) ~= "table" then core.misuse('set: say to what: to = { loss = "10%" }') end
      core.cable_words(e.to)
    end,
  },
  flap = {
    noun = "cable", keys = { "every", "down", "times", "silent" }, begin = flap,
    check = function(e)
      needs_time "every"(e)
      needs_time "down"(e)
      count(e.times, "times")
    end,
  },
  partition = {
    noun = "switches", keys = { "from", "oneway" },
    begin = function(a, e) return part(a, e.from and switches(e.from, "from") or others(a), e.oneway) end,
    check = function(e) if e.from then switches(e.from, "from") end end,
  },
  kill = { noun = "switch", keys = {}, begin = kill },
  restart = { noun = "switch", keys = {}, begin = restart },
  pause = { noun = "switch", keys = {}, begin = pause },
  skew = {
    noun = "switch", keys = { "by" }, begin = skew,
    check = function(e)
      if not core.is_ppm(e.by) then core.misuse('skew: say by how much: by = "200ppm", or "-1%"; at most half') end
    end,
  },
  duplicate = {
    noun = "station", keys = { "of", "every" }, begin = duplicate,
    check = function(e)
      resolve(e.of, "station", "of")
      needs_time "every"(e)
    end,
  },
  flood = {
    noun = "station", keys = { "every", "count" }, begin = flood,
    check = function(e)
      needs_time "every"(e)
      count(e.count, "count")
    end,
  },
  storm = { noun = "station", keys = { "every" }, begin = storm, check = needs_time "every" },
}

-- What the value of a kind's own key names: a handle, or a list of switches.
function core.fault_target(kind, v)
  local noun = core.fault_kinds[kind].noun
  if noun == "switches" then return switches(v, kind) end
  return resolve(v, noun, kind)
end
