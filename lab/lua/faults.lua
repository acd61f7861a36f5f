-- SPDX-License-Identifier: MIT
-- faults.lua - faults as data: a plan of what breaks when, written before the run, the same in every test.
local core = ...
local net, class, cable = core.net, core.class.net, core.class.cable

local function check_cable(c, what)
  if core.kind(c) ~= "cable" then core.misuse(what .. ": a cable belongs here") end
  return c
end

local function check_switch(s, what)
  if core.kind(s) ~= "switch" then core.misuse(what .. ": a switch belongs here") end
  return s
end

-- The kinds of entries: each gives a function that breaks and returns one that heals.
local kinds = {
  cut = function(c, e)
    check_cable(c, "cut")
    return function()
      local f = c:fault { cut = e.silent and "silent" or true }
      return function() f:close() end
    end
  end,
  hold = function(c)
    check_cable(c, "hold")
    return function()
      local f = c:fault { hold = true }
      return function() f:close() end
    end
  end,
  set = function(c, e)
    check_cable(c, "set")
    core.cable_words(e.to or {})
    return function()
      local f = c:fault(e.to)
      return function() f:close() end
    end
  end,
  kill = function(s)
    check_switch(s, "kill")
    return function()
      s:kill()
      return function() s:restart() end
    end
  end,
  pause = function(s)
    check_switch(s, "pause")
    return function()
      s:pause()
      return function() s:resume() end
    end
  end,
  call = function(fn)
    if type(fn) ~= "function" then core.misuse("call: a function belongs here") end
    return function() return fn() or function() end end
  end,
}

local plan = {}

local function read(e)
  core.known(e, "net.faults", { "at", "lasting", "cut", "silent", "hold", "set", "to", "kill", "pause", "call" })
  local entry = { at = core.time(e.at, "at") }
  entry.lasting = e.lasting and core.time(e.lasting, "lasting")
  for kind, make in pairs(kinds) do
    if e[kind] ~= nil then
      if entry.apply then core.misuse("net.faults: one fault an entry") end
      entry.apply = make(e[kind], e)
    end
  end
  if not entry.apply then core.misuse("net.faults: what breaks? cut, hold, set, kill, pause or call") end
  return entry
end

-- net.faults { { at = "10s", cut = c1, lasting = "3s" }, { at = "20s", set = c2, to = { loss = "10%" } }, … }
class.faults = function(first, second)
  local list = first
  if first == net then list = second end
  if type(list) ~= "table" then core.misuse("net.faults: a list of faults belongs here") end
  if core.running() then core.misuse("net.faults: a plan is made before the tests; in one use cable:fault") end
  for _, e in ipairs(list) do plan[#plan + 1] = read(e) end
end

core.before(function()
  for _, e in ipairs(plan) do
    core.at(e.at, function()
      local heal = e.apply()
      if e.lasting then core.at(e.at + e.lasting, heal) end
    end)
  end
end)

-- cable:flap { every = "2s", down = "100ms", times = 5 }: cut for `down` at the start of every `every`.
-- Waits until the last one is over.
function cable.flap(self, opts)
  core.known(opts, "cable:flap", { "every", "down", "times", "silent" })
  opts = opts or {}
  local every, down = core.time(opts.every or "1s", "every"), core.time(opts.down or "100ms", "down")
  local times = opts.times or 1
  if math.type(times) ~= "integer" or times < 1 then core.misuse("times: a whole number from 1 belongs here") end
  if down > every then core.misuse("down: longer than every") end
  for i = 1, times do
    do
      local _ <close> = self:fault { cut = opts.silent and "silent" or true }
      core.sleep(down)
    end
    if i < times then core.sleep(every - down) end
  end
end
