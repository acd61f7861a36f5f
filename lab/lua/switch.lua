-- SPDX-License-Identifier: MIT
-- switch.lua - what is asked of a switch and its ports through management lines.
local core = ...
local switch, port = core.class.switch, core.class.port

-- The facts of port/stats, one port or all of them added up.
local counters = { "rx_frames", "rx_bytes", "tx_frames", "tx_bytes" }

local function add(to, from)
  for _, k in ipairs(counters) do to[k] = (to[k] or 0) + (from[k] or 0) end
  to.drops = to.drops or {}
  for reason, n in pairs(from.drops or {}) do to.drops[reason] = (to.drops[reason] or 0) + n end
  return to
end

local function sum(reply)
  local total = add({}, {})
  for _, p in ipairs(reply.ports) do add(total, p) end
  return total
end

function switch.stats(self) return sum(self:cmd("port/stats")) end

-- The address table: a list of { mac, vlan, port, … }.
function switch.fdb(self) return self:cmd("fdb/print").entries end

function port.stats(self) return sum(self.switch:cmd("port/stats " .. self.number)) end
function port.config(self) return self.switch:cmd("port/config " .. self.number).ports[1] end
function port.up(self) self.switch:cmd("port/up " .. self.number) end
function port.down(self) self.switch:cmd("port/down " .. self.number) end

function port.set(self, keys)
  if type(keys) ~= "table" then core.misuse("port:set: keys belong here: port:set { vlan = 10 }") end
  local words = {}
  for k, v in pairs(keys) do
    if type(k) ~= "string" then core.misuse("port:set: keys have names: { vlan = 10 }") end
    if type(v) == "boolean" then v = v and "yes" or "no" end
    if type(v) == "table" then v = table.concat(v, ",") end
    v = tostring(v)
    if v:find('["\n\r]') then core.misuse(k .. ": quotes and line ends cannot be in a value") end
    if v:find("%s") then v = '"' .. v .. '"' end
    words[#words + 1] = k .. "=" .. v
  end
  self.switch:cmd(("port/set %d %s"):format(self.number, table.concat(words, " ")))
end
