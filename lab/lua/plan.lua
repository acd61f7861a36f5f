-- SPDX-License-Identifier: MIT
-- plan.lua - faults as data: a plan of what breaks when, settled before the run and the same in every test.
local core = ...
local net, class, kinds = core.net, core.class.net, core.fault_kinds

local plan = {} -- entries: { at, lasting, kind, target, said } or { at, call }

-- ---- an entry as text, as net.faults takes it ----

local function text_of(v)
  local kind = core.kind(v)
  if kind then return ("%q"):format(v.name) end
  if type(v) ~= "table" then return type(v) == "string" and ("%q"):format(v) or tostring(v) end
  local words = {}
  for _, x in ipairs(v) do words[#words + 1] = text_of(x) end
  for k, x in pairs(v) do
    if type(k) == "string" then words[#words + 1] = k .. " = " .. text_of(x) end
  end
  return #words == 0 and "{}" or "{ " .. table.concat(words, ", ") .. " }"
end

local function line_of(entry)
  local words = { "at = " .. text_of(core.time_text(entry.at)) }
  if entry.lasting then words[2] = "lasting = " .. text_of(core.time_text(entry.lasting)) end
  words[#words + 1] = entry.kind .. " = " .. text_of(entry.target)
  for _, key in ipairs(kinds[entry.kind].keys) do
    if entry.said[key] ~= nil then words[#words + 1] = key .. " = " .. text_of(entry.said[key]) end
  end
  return "{ " .. table.concat(words, ", ") .. " }"
end

-- ---- reading entries ----

local function kind_of(e)
  local found
  for kind in pairs(kinds) do
    if e[kind] ~= nil then
      if found then core.misuse("net.faults: one fault an entry") end
      found = kind
    end
  end
  return found
end

local function every_key()
  local all = { "at", "lasting", "call" }
  for kind, k in pairs(kinds) do
    all[#all + 1] = kind
    for _, key in ipairs(k.keys) do all[#all + 1] = key end
  end
  return all
end

local function read(e)
  if type(e) ~= "table" then core.misuse("net.faults: an entry is a table: { at = \"10s\", cut = c1 }") end
  local kind = kind_of(e)
  core.known(e, "net.faults", every_key())
  local entry = { at = core.time(e.at, "at"), lasting = e.lasting and core.time(e.lasting, "lasting") }
  if e.call ~= nil then
    if kind then core.misuse("net.faults: one fault an entry") end
    if type(e.call) ~= "function" then core.misuse("call: a function belongs here") end
    entry.call = e.call
    return entry
  end
  if not kind then core.misuse("net.faults: what breaks? cut, hold, set, flap, partition, kill, restart, pause, skew, duplicate, flood, storm or call") end
  local k, words = kinds[kind], { "at", "lasting", kind }
  for _, key in ipairs(k.keys) do words[#words + 1] = key end
  core.known(e, kind, words)
  entry.kind, entry.target, entry.said = kind, core.fault_target(kind, e[kind]), e
  if k.check then k.check(e) end
  return entry
end

function core.add_fault(e) plan[#plan + 1] = read(e) end

-- net.faults { { at = "10s", cut = c1, lasting = "3s" }, { at = "20s", set = c2, to = { loss = "10%" } }, … }
class.faults = function(first, second)
  local list, fixed = first, false
  if first == net then list = second end
  if type(list) ~= "table" then core.misuse("net.faults: a list of faults belongs here") end
  if core.running() then core.misuse("net.faults: a plan is made before the tests; in one use cable:fault") end
  for _, e in ipairs(list) do
    core.add_fault(e)
    fixed = fixed or plan[#plan].call ~= nil
  end
  core.site("faults", fixed)
end

-- ---- the whole plan, once the scenario is read ----

local function parse(line)
  local chunk, why = load("return " .. line, "=plan", "t", {})
  if not chunk then core.misuse("the plan of faults: " .. why) end
  return read(chunk())
end

-- What --replay or --shrink gives stands in place of all that is data; functions stay.
local function replace(given)
  local kept = {}
  for _, entry in ipairs(plan) do
    if entry.call then kept[#kept + 1] = entry end
  end
  for _, line in ipairs(given) do kept[#kept + 1] = parse(line) end
  return kept
end

core.loaded(function()
  local given = core.given_faults()
  if given then plan = replace(given) end
  for i, entry in ipairs(plan) do entry.order = i end
  table.sort(plan, function(x, y)
    if x.at ~= y.at then return x.at < y.at end
    return x.order < y.order
  end)
  for _, entry in ipairs(plan) do
    if entry.kind then core.note_fault(line_of(entry)) end
  end
end)

local function begin(entry)
  if entry.call then return entry.call() end
  local e = { at = entry.at }
  for _, key in ipairs(kinds[entry.kind].keys) do e[key] = entry.said[key] end
  return kinds[entry.kind].begin(entry.target, e)
end

core.before(function()
  for _, entry in ipairs(plan) do
    local said = entry.kind and line_of(entry) or "a function"
    core.at(entry.at, function()
      core.mark("plan", "begins", said)
      local heal = begin(entry)
      if not heal or not entry.lasting then return end
      core.at(entry.at + entry.lasting, function()
        core.mark("plan", "heals", said)
        heal()
      end)
    end)
  end
end)
