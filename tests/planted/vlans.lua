-- SPDX-License-Identifier: MIT
-- vlans.lua - two VLANs that share what they learn: a frame to a known station of the other one goes nowhere.
local net = lab("planted: vlans")

local line = net.line(3)
local vlan = net.swarm { a = { 10, 20 }, b = { 10, 20 } }
for _, s in ipairs(line) do
  s:cmd "vlan/fid 10 1"
  s:cmd "vlan/fid 20 1"
end
local a = net.station("a", line[1], { port = { vlan = vlan.a } })
local b = net.station("b", line[3], { port = { vlan = vlan.b } })
for _, c in ipairs(line.cables) do
  c.a:cmd(("port/set %d trunk=10,20"):format(c.port_a))
  c.b:cmd(("port/set %d trunk=10,20"):format(c.port_b))
end

net.chaos { rate = "1/2s", kinds = { "loss", "delay", "pause" }, from = "1s", heal_by = "9s" }

net.test("no frame crosses over", function(t)
  local heard = 0
  t.spawn(function()
    while true do
      if b:await({ src = a, type = "test" }) then heard = heard + 1 end
    end
  end)
  for _ = 1, 10 do
    b:send { dst = "ff:ff:ff:ff:ff:ff", type = "test" }
    t.sleep "500ms"
    a:send { dst = b, type = "test" }
    t.sleep "500ms"
  end
  if vlan.a ~= vlan.b then t.expect(heard, "==", 0, "frames of another VLAN") end
end)
