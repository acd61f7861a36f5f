-- SPDX-License-Identifier: MIT
-- station.lua - what stations, flows and processes do that other calls can express.
local core = ...
local flow, process = core.class.flow, core.class.process

-- The longest time without an arrival since the flow began, once a datagram sent from now on has
-- arrived: only then is a gap that is open now over. Waits at most `within`; a gap that is open then
-- counts as far as it has come.
function flow.outage(self, within)
  local limit = core.time(within, "flow:outage")
  local before = self:stats().sent
  local over = core.wait_for(limit, function() return self:stats().highest > before end, "the end of an outage")
  local s = self:stats()
  return over and s.ended_gap_ns or s.longest_gap_ns
end

-- What a program has printed, once it matches; nil when time is up or it ended without.
function process.await(self, pattern, within)
  local limit = within and core.time(within, "process:await") or nil
  local found
  core.wait_for(limit, function()
    local out, ended = self:output()
    found = out:match(pattern)
    return found or ended
  end, "a program's output")
  return found
end

core.result.__index = { json = function(r) return core.json(r.out) end }
