-- SPDX-License-Identifier: MIT
-- cable.lua - impairments of a cable, live: set, cut, hold, and faults, which have a scope. What a fault
-- changed is put back when it is closed, in whatever order faults end: each key is what the latest
-- open fault says, else what the cable itself has.
local core = ...
local cable = core.class.cable

local state = {} -- by cable: { base = {key = text}, open = {fault, …}, cuts = n }

local function of(self)
  local s = state[self]
  if not s then
    s = { base = {}, open = {}, cuts = 0 }
    state[self] = s
  end
  return s
end

-- Waits for the reply where waiting is possible; while something is closed nobody waits.
local function tell(self, line)
  if core.can_wait() then
    self:cmd(line)
  else
    core.detach(self, line)
  end
end

-- "ab.loss=1%" -> "ab.loss", "1%"; without prefix both directions; quotes around a value go.
local function split(words)
  local out = {}
  for _, w in ipairs(words) do
    local key, value = w:match("^([^=]+)=(.*)$")
    key, value = key:gsub("_", "-"), value:match('^"(.*)"$') or value
    if key:find("^[ab][ab]%.") then
      out[#out + 1] = { key, value }
    else
      out[#out + 1] = { "ab." .. key, value }
      out[#out + 1] = { "ba." .. key, value }
    end
  end
  return out
end

local function words_of(opts, what)
  if type(opts) ~= "table" then core.misuse(what .. ": impairments belong here: " .. what .. " { loss = \"1%\" }") end
  return core.cable_words(opts)
end

-- What the cable has now for each of these keys, unless it is known.
local function learn_base(self, pairs_)
  local s, info = of(self), nil
  for _, p in ipairs(pairs_) do
    if s.base[p[1]] == nil then
      info = info or self:cmd("showinfo")
      local dir, key = p[1]:match("^(%a%a)%.(.*)$")
      s.base[p[1]] = info[dir][key:gsub("-", "_")]
    end
  end
end

local function holds(self, key) -- the latest open fault that speaks of it, else the cable
  local s = of(self)
  for i = #s.open, 1, -1 do
    local v = s.open[i].says[key]
    if v ~= nil then return v end
  end
  return s.base[key]
end

local function apply(self, keys)
  local line = {}
  for _, key in ipairs(keys) do line[#line + 1] = ('%s="%s"'):format(key, holds(self, key)) end
  if #line > 0 then tell(self, "set " .. table.concat(line, " ")) end
end

function cable.set(self, opts)
  local words = words_of(opts, "cable:set")
  if not core.running() then
    core.plan_words(self, words)
    return
  end
  local list, keys, s = split(words), {}, of(self)
  for _, p in ipairs(list) do
    s.base[p[1]] = p[2]
    keys[#keys + 1] = p[1]
  end
  apply(self, keys)
end

function cable.cut(self, opts)
  core.known(opts, "cable:cut", { "silent" })
  tell(self, opts and opts.silent and "cut silent" or "cut")
end

function cable.mend(self) tell(self, "mend") end
function cable.hold(self) tell(self, "hold") end
function cable.release(self) tell(self, "release") end

-- { ab = {rx_frames, …, drops = {…}}, ba = {…} } and the sums of both.
function cable.stats(self)
  local r = self:cmd("stats")
  r.drops = {}
  for _, k in ipairs { "rx_frames", "rx_bytes", "tx_frames", "tx_bytes" } do r[k] = r.ab[k] + r.ba[k] end
  for reason, n in pairs(r.ab.drops) do r.drops[reason] = n + (r.ba.drops[reason] or 0) end
  return r
end

-- cable:capture(file): what crosses, and what befell it, as pcapng; to the end of the test, or until what it
-- gives is closed.
local capture = { __name = "capture" }
capture.__index = capture

function capture.close(c)
  if c.id then tell(c.cable, "capture/stop " .. c.id) end
  c.id = nil
end
capture.__close = capture.close

function cable.capture(self, file)
  if type(file) ~= "string" or file:find('["\n\r]') then
    core.misuse('cable:capture: a file belongs here: cable:capture("c1.pcapng")')
  end
  local line = ('capture/start all "%s"'):format(core.path(file))
  if not core.running() then
    core.before(function() core.detach(self, line) end)
    return
  end
  return setmetatable({ cable = self, id = self:cmd(line).id }, capture)
end

-- ---- faults ----

local fault = {}
fault.__index = fault
fault.__name = "fault"

local function end_cut(self, f)
  local s = of(self)
  s.cuts = s.cuts - 1
  if s.cuts == 0 then self:mend() end
end

function fault.close(f)
  if f.closed then return end
  f.closed = true
  local self, s = f.cable, of(f.cable)
  for i, other in ipairs(s.open) do
    if rawequal(other, f) then
      table.remove(s.open, i)
      break
    end
  end
  if f.cut then end_cut(self, f) end
  if f.held then self:release() end
  apply(self, f.keys)
end

fault.__close = fault.close

-- cable:fault { cut = true }, { cut = "silent" }, { hold = true } or any impairments
function cable.fault(self, opts)
  if not core.running() then core.misuse("cable:fault: only inside a test; net.faults plans them before") end
  if type(opts) ~= "table" then core.misuse("cable:fault: what breaks belongs here: cable:fault { cut = true }") end
  local rest, f = {}, setmetatable({ cable = self, says = {}, keys = {} }, fault)
  for k, v in pairs(opts) do
    if k == "cut" then f.cut = v elseif k == "hold" then f.held = v else rest[k] = v end
  end
  local list, s = split(words_of(rest, "cable:fault")), of(self)
  learn_base(self, list)
  for _, p in ipairs(list) do
    f.says[p[1]] = p[2]
    f.keys[#f.keys + 1] = p[1]
  end
  s.open[#s.open + 1] = f
  apply(self, f.keys)
  if f.held then self:hold() end
  if f.cut then
    s.cuts = s.cuts + 1
    self:cut { silent = f.cut == "silent" }
  end
  return f
end
