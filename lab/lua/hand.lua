-- SPDX-License-Identifier: MIT
-- hand.lua - what somebody did by hand while leading a test, done again at the same lab time:
-- by_hand { test = "one cut", { at = "1.5s", node = "s1--s2", line = "cut" }, { at = "2s", node = "s3", power = "kill" } }
local core = ...

local powers = { kill = true, restart = true, pause = true, resume = true }

local function named(name)
  for _, list in ipairs { core.switches(), core.cables() } do
    for _, h in ipairs(list) do
      if h.name == name then return h end
    end
  end
  core.misuse(("by_hand: no switch and no cable is called '%s'"):format(tostring(name)))
end

local function read(e)
  if type(e) ~= "table" then core.misuse("by_hand: { at = …, node = …, line = … } belongs here") end
  core.known(e, "by_hand", { "at", "node", "line", "power" })
  local it = { at = core.time(e.at, "at"), who = named(e.node), line = e.line, power = e.power }
  if (it.line == nil) == (it.power == nil) then core.misuse("by_hand: what was done? a line, or power = \"kill\"") end
  if it.power and not (powers[it.power] and core.kind(it.who) == "switch") then
    core.misuse("by_hand: power is kill, restart, pause or resume, of a switch")
  end
  return it
end

local function again(it)
  if it.power then it.who[it.power](it.who) else core.detach(it.who, it.line) end
end

function by_hand(list)
  if type(list) ~= "table" or type(list.test) ~= "string" then
    core.misuse("by_hand: of which test? test = \"name\"")
  end
  local plan = {}
  for _, e in ipairs(list) do plan[#plan + 1] = read(e) end
  core.before(function(test)
    if test ~= list.test then return end
    for _, it in ipairs(plan) do
      core.at(it.at, function() again(it) end)
    end
  end)
end
