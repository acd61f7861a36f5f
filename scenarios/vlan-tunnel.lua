-- SPDX-License-Identifier: MIT
-- vlan-tunnel.lua - two customers, both with their own VLANs 10 and 20, over one provider: each customer's frames cross
-- under the provider's S-tag, come out with the tags that they had, and never meet the other's.
local net = lab("Two customers over one provider")

local west, core, east = net.switch("west"), net.switch("core"), net.switch("east")
net.cable(west, core, { delay = "1ms" })
net.cable(core, east, { delay = "1ms" })
for _, end_ in ipairs { { west, core }, { core, west }, { core, east }, { east, core } } do
  end_[1]:cmd(("port/set %s trunk=100,200"):format(end_[2].name))
end

-- A customer has a site on each side: a tunnel port of the provider, and behind it a machine in each of its VLANs.
local machines = {}
local function customer(name, svid)
  local site = {}
  for i, provider in ipairs { west, east } do
    local sw = net.switch(name .. i)
    net.cable(provider, sw, { port_a = { mode = "dot1q-tunnel", pvid = svid }, port_b = { trunk = "10,20" } })
    site[i] = {}
    for _, vlan in ipairs { 10, 20 } do
      local m = net.station(("%s%dv%d"):format(name, i, vlan), sw, { port = { vlan = vlan } })
      machines[#machines + 1], site[i][vlan] = m, m
    end
  end
  return site
end
local red, blue = customer("red", 100), customer("blue", 200)

-- Who hears a broadcast of `from`, by name, in order; twice is an error of its own.
local function hears(t, from)
  local names, jobs = {}, {}
  for i, m in ipairs(machines) do
    jobs[i] = function()
      local n = 0
      while m:await({ src = from, type = "test" }, "50ms") do n = n + 1 end
      t.expect(n, "<=", 1, m.name .. " hears it once")
      if n > 0 then names[#names + 1] = m.name end
    end
  end
  jobs[#jobs + 1] = function()
    t.sleep "1ms"
    from:send { dst = "ff:ff:ff:ff:ff:ff", type = "test", data = "01" }
  end
  t.all(jobs)
  table.sort(names)
  return table.concat(names, " ")
end

net.test("each VLAN of each customer is a network of its own", function(t)
  for _, c in ipairs { { red, "red" }, { blue, "blue" } } do
    for _, vlan in ipairs { 10, 20 } do
      t.expect(c[1][1][vlan]:ping(c[1][2][vlan]).received, "==", 1, c[2] .. " reaches its other site")
      t.expect(hears(t, c[1][1][vlan]), "==", ("%s2v%d"):format(c[2], vlan), "who hears it")
    end
  end
end)

net.test("the provider sees its own tag outside, the customer's inside", function(t)
  local out = west:cmd("trace red1 dst=ff:ff:ff:ff:ff:ff,src=02:00:00:00:00:01,vlan=10,pcp=5")
  local tags
  for _, port in ipairs(out.ports) do
    if port.name == "core" then tags = table.concat(port.tags, " ") end
  end
  t.expect(tags, "==", "88a8:100.5 8100:10.5", "S-tag with the priority of the C-tag, then the C-tag")
end)

net.test("a customer is let in with some of its VLANs only", function(t)
  west:cmd("port/set red1 cvlans=10")
  t.expect(red[1][10]:ping(red[2][10]).received, "==", 1, "VLAN 10 passes")
  t.expect(hears(t, red[1][20]), "==", "", "VLAN 20 does not")
  t.expect(west:port("red1"):stats().drops["vlan-ingress"], ">", 0, "and is counted")
  t.expect(blue[1][20]:ping(blue[2][20]).received, "==", 1, "the other customer's does")
end)

net.test("every frame is accounted for", function(t)
  for _, m in ipairs(machines) do hears(t, m) end
  for _, sw in ipairs { west, core, east } do
    t.expect(sw:cmd("switch/stats").conserves, "==", true, sw.name)
  end
end)
