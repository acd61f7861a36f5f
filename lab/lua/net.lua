-- SPDX-License-Identifier: MIT
-- net.lua - what a network is made of that other calls can express: shapes, sweeps, the whole.
local core = ...
local net, class = core.net, core.class.net

-- net.x(...) and net:x(...) are the same.
local function def(name, fn)
  class[name] = function(first, ...)
    if first == net then return fn(...) end
    return fn(first, ...)
  end
end

local switch, cable = class.switch, class.cable

-- ---- shapes: arrays of switches with their .cables ----

local shape = { __name = "shape" }
shape.__index = function(_, key)
  local own = rawget(shape, key)
  if own ~= nil then return own end
  if type(key) == "string" then
    core.misuse(("a network of switches has no '%s'"):format(key))
  end
end
core.shape = shape -- network.lua adds what it can do
shape.__tostring = function(self) return ("network of %d switches"):format(#self) end

-- Options of a shape: {name = "r"} calls switches r1, r2 ...; {cable = {...}} and the keys of
-- impairments go to every cable, all others to every switch.
local function sorted_out(opts, what)
  local of_switch, of_cable, name = {}, {}, "s"
  if opts ~= nil and type(opts) ~= "table" then
    core.misuse(what .. ": options are a table: { rstp = true }")
  end
  for k, v in pairs(opts or {}) do
    if k == "name" then
      if type(v) ~= "string" then core.misuse("name: a text belongs here") end
      name = v
    elseif k == "cable" then
      if type(v) ~= "table" then core.misuse("cable: options of the cables belong here, as a table") end
      for ck, cv in pairs(v) do of_cable[ck] = cv end
    elseif type(k) == "string" and core.is_cable_key(k) then
      of_cable[k] = v
    else
      of_switch[k] = v
    end
  end
  return name, of_switch, of_cable
end

local function copy(t)
  local c = {}
  for k, v in pairs(t) do c[k] = v end
  return c
end

local function number(n, least, what)
  if math.type(n) ~= "integer" or n < least then
    core.misuse(("%s: a whole number from %d belongs here, not %s"):format(what, least, tostring(n)))
  end
  return n
end

-- The size as the scenario says it, or what --shrink tries in its place.
local function sized(n, least, what)
  return number(core.sized(what:match("%a+$"), number(n, least, what)), least, what)
end

-- n switches, then whatever `wire` joins with join(i, j).
local function build(n, opts, what, wire)
  local name, of_switch, of_cable = sorted_out(opts, what)
  local made = setmetatable({ cables = {} }, shape)
  for i = 1, n do made[i] = switch(name .. i, of_switch) end
  wire(function(i, j) made.cables[#made.cables + 1] = cable(made[i], made[j], of_cable) end)
  return made
end

def("line", function(n, opts)
  n = sized(n, 1, "net.line")
  return build(n, opts, "net.line", function(join)
    for i = 1, n - 1 do join(i, i + 1) end
  end)
end)

def("ring", function(n, opts)
  n = sized(n, 3, "net.ring")
  return build(n, opts, "net.ring", function(join)
    for i = 1, n do join(i, i % n + 1) end
  end)
end)

def("star", function(n, opts) -- the first is the middle
  n = sized(n, 2, "net.star")
  return build(n, opts, "net.star", function(join)
    for i = 2, n do join(1, i) end
  end)
end)

def("mesh", function(n, opts)
  n = sized(n, 2, "net.mesh")
  return build(n, opts, "net.mesh", function(join)
    for i = 1, n do
      for j = i + 1, n do join(i, j) end
    end
  end)
end)

local function pair_of(size, least, what, form)
  if type(size) ~= "table" then core.misuse(("%s: the size is %s"):format(what, form)) end
  local a, b = core.sized(what:match("%a+$"), number(size[1], least, what), number(size[2], least, what))
  return number(a, least, what), number(b, least, what)
end

def("grid", function(size, opts) -- row by row
  local rows, columns = pair_of(size, 1, "net.grid", "{ rows, columns }")
  return build(rows * columns, opts, "net.grid", function(join)
    for r = 0, rows - 1 do
      for c = 1, columns do
        local i = r * columns + c
        if c < columns then join(i, i + 1) end
        if r < rows - 1 then join(i, i + columns) end
      end
    end
  end)
end)

def("tree", function(size, opts) -- the root, then level by level
  local depth, fanout = pair_of(size, 1, "net.tree", "{ depth, fanout }")
  local n, level = 1, 1
  for _ = 1, depth do
    level = level * fanout
    n = n + level
  end
  return build(n, opts, "net.tree", function(join)
    for i = 2, n do join((i - 2) // fanout + 1, i) end
  end)
end)

def("fattree", function(k, opts) -- (k/2)^2 core switches, then k pods of k/2 above and k/2 below
  k = sized(k, 2, "net.fattree")
  if k % 2 ~= 0 then core.misuse("net.fattree: k is even, not " .. k) end
  local half = k // 2
  local cores = half * half
  return build(cores + k * k, opts, "net.fattree", function(join)
    for pod = 0, k - 1 do
      local first = cores + pod * k
      for up = 1, half do
        for c = 1, half do join((up - 1) * half + c, first + up) end
        for down = 1, half do join(first + up, first + half + down) end
      end
    end
  end)
end)

def("random", function(size, opts) -- connected; the seed decides
  local n, cables = pair_of(size, 1, "net.random", "{ switches, cables }")
  if cables < n - 1 then
    core.misuse(("net.random: %d switches need at least %d cables"):format(n, n - 1))
  end
  if cables > n * (n - 1) // 2 then
    core.misuse(("net.random: %d switches have room for %d cables, each pair once"):format(n, n * (n - 1) // 2))
  end
  return build(n, opts, "net.random", function(join)
    local have = {}
    local function once(i, j)
      if i > j then i, j = j, i end
      local key = (i - 1) * n + j
      if i == j or have[key] then return false end
      have[key] = true
      join(i, j)
      return true
    end
    for i = 2, n do once(math.random(i - 1), i) end
    local left = cables - (n - 1)
    while left > 0 do
      if once(math.random(n), math.random(n)) then left = left - 1 end
    end
  end)
end)

-- net.load(file, options): a network from a file of another tool. All that is no switch is in .ends, and
-- .named has every node by its name. `kind` is the format, where the file's name does not say it.
def("load", function(file, opts)
  if type(file) ~= "string" then core.misuse('net.load: a file belongs here: net.load("lab.conf")') end
  local kind = type(opts) == "table" and opts.kind or nil
  local _, of_switch, of_cable = sorted_out(opts, "net.load")
  of_switch.kind = nil
  if opts and opts.name then core.misuse("net.load: the file gives the names") end
  local topo = core.load(file, kind)
  local made, nodes = setmetatable({ cables = {}, ends = {}, named = {} }, shape), {}
  for i, n in ipairs(topo.nodes) do
    nodes[i] = n.host and class.host(n.name) or switch(n.name, of_switch)
    local list = n.host and made.ends or made
    list[#list + 1] = nodes[i]
    made.named[n.name] = nodes[i]
  end
  for _, l in ipairs(topo.links) do
    for k, v in pairs(of_cable) do l.keys[k] = v end
    made.cables[#made.cables + 1] = cable(nodes[l.a], nodes[l.b], l.keys)
  end
  return made
end)

-- ---- tests and sweeps ----

local axes, where = {}, nil

def("sweep", function(opts)
  if type(opts) ~= "table" then core.misuse("net.sweep: lists by name: net.sweep { loss = { \"0%\", \"1%\" } }") end
  axes, where = {}, nil
  for k, v in pairs(opts) do
    if k == "where" then
      where = v
    elseif type(v) ~= "table" or #v == 0 then
      core.misuse(("net.sweep: %s: a list of values belongs here"):format(tostring(k)))
    else
      axes[#axes + 1] = { name = k, values = v }
    end
  end
end)

local function points()
  local all = { {} }
  for _, axis in ipairs(axes) do
    local more = {}
    for _, p in ipairs(all) do
      for _, v in ipairs(axis.values) do
        local q = copy(p)
        q[axis.name] = v
        more[#more + 1] = q
      end
    end
    all = more
  end
  return all
end

local function values_of(p) -- { "loss=1%", … }
  local words = {}
  for _, axis in ipairs(axes) do words[#words + 1] = axis.name .. "=" .. tostring(p[axis.name]) end
  return words
end

local function label(name, words)
  return #words == 0 and name or name .. "[" .. table.concat(words, ",") .. "]"
end

def("test", function(name, opts, fn)
  if type(opts) == "function" then opts, fn = {}, opts end
  if type(name) ~= "string" then core.misuse("net.test: a name in quotes comes first") end
  for _, p in ipairs(points()) do
    local words = values_of(p)
    if not where or where(p) then core.test(label(name, words), opts, fn, p, name, words) end
  end
end)
