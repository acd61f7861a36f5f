-- SPDX-License-Identifier: MIT
-- switch-restart.lua - a switch in the middle dies without a word and comes back with the configuration it was given.
local net = lab("switch restart")

local line = net.line(3, { delay = "1ms" })
local a = net.station("a", line[1], { port = { vlan = 10 } })
local b = net.station("b", line[3], { port = { vlan = 10 } })
local c = net.station("c", line[3], { port = { vlan = 20 } })
for _, cable in ipairs(line.cables) do
  for _, s in ipairs { cable.a, cable.b } do
    s:cmd(("port/set %s trunk=10,20"):format(cable.a == s and cable.b.name or cable.a.name))
  end
end

net.test("dead, then back as it was", function(t)
  t.expect(a:ping(b).received, "==", 1, "before")
  line[2]:kill()
  t.expect(a:ping(b).received, "==", 0, "while it is dead")
  line[2]:restart()
  t.eventually("10s", function() return a:ping(b).received == 1 end, "frames cross again")
  t.expect(a:ping(c).received, "==", 0, "VLANs are still apart")
end)
