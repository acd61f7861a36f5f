-- SPDX-License-Identifier: MIT
-- test.lua - tools of a test that other calls can express.
local core = ...
local t = core.class.t

-- t.sample(name, every, fn): what fn gives now and after every `every`, to the end of the test: a series in
-- the report. nil: nothing to be seen at that instant.
function t.sample(first, ...)
  local name, every, fn = first, ...
  if core.kind(first) == "t" then name, every, fn = ... end
  if type(name) ~= "string" then core.misuse('t.sample: a name comes first: t.sample("queue", "10ms", function() … end)') end
  if type(fn) ~= "function" then core.misuse("t.sample: a function that gives a number comes last") end
  local step = core.time(every, "t.sample")
  if step <= 0 then core.misuse("t.sample: how often? a time longer than nothing") end
  core.background(function()
    while true do
      core.sampled(name, fn())
      core.sleep(step)
    end
  end)
end
