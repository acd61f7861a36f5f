-- SPDX-License-Identifier: MIT
-- duplicate-addresses.lua - a machine was cloned and nobody changed its address. With one MAC twice, switches send frames
-- to whoever spoke last; with one IP twice, caches believe whoever answered last. How each shows, and where to look.
local net = lab("duplicate addresses")

local MAC = "02:00:00:00:00:aa"
local left, core, right = net.switch("left"), net.switch("core"), net.switch("right")
net.cable(left, core, { delay = "100us" })
net.cable(core, right, { delay = "100us" })
local client = net.station("client", core, { ip = "10.0.0.1/24" })
local mac1 = net.station("mac1", left, { mac = MAC, ip = "10.0.0.11/24" })
local mac2 = net.station("mac2", right, { mac = MAC, ip = "10.0.0.12/24", port = { up = "no" } })
local ip1 = net.station("ip1", left, { ip = "10.0.0.20/24" })
local ip2 = net.station("ip2", right, { ip = "10.0.0.20/24", port = { up = "no" } })

net.test("one machine of each: all is well", function(t)
  t.expect(client:ping(mac1, { count = 10, every = "10ms" }).lost, "==", 0)
  t.expect(client:ping(ip1, { count = 10, every = "10ms" }).lost, "==", 0)
end)

net.test("one MAC twice: both lose, and the switches name it", function(t)
  right:port("mac2"):up()
  local flaps, where = 0, {}
  t.spawn(function()
    while true do
      local e = core:await("fdb.flap")
      flaps = flaps + 1
      where[#where + 1] = e.mac
    end
  end)
  for i, machine in ipairs { mac1, mac2 } do -- both go on talking, as machines do
    t.spawn(function()
      t.sleep(i == 1 and "10ms" or "1500ms")
      while true do
        machine:send { dst = client, type = "test", data = "01" }
        t.sleep "3s"
      end
    end)
  end
  local flow <close> = client:flow(mac1, { rate = "100pps", size = "100B" })
  t.sleep "30s"
  local s = flow:stats()
  t.expect(t.measure("part that the first one gets", s.received / s.sent), "<", "80%", "the second has the rest")
  t.expect(s.received / s.sent, ">", "20%")
  t.expect(t.measure("warnings", flaps), ">", 0, "the core sees the address at two ports")
  t.expect(where[1], "==", MAC, "and says which")
end)

net.test("one IP twice: a question with two answers", function(t)
  right:port("ip2"):up()
  t.sleep "1s"
  -- Who has 10.0.0.20? An ARP request, as arping -D sends it, and who answers.
  local answered = {}
  t.all {
    function() answered[1] = client:await({ src = ip1, dst = client, type = "arp" }, "2s") end,
    function() answered[2] = client:await({ src = ip2, dst = client, type = "arp" }, "2s") end,
    function()
      t.sleep "1ms"
      client:send { type = "arp", data = "0001 0800 06 04 0001" .. client.mac .. "0a000001 000000000000 0a000014" }
    end,
  }
  t.expect(#answered, "==", 2, "one address, two machines")
end)

net.test("one IP twice: whoever spoke last has the traffic", function(t)
  t.expect(client:ping(ip1).received, "==", 1)
  local before = ip1:stats().rx_frames
  right:port("ip2"):up()
  ip2:ping(client) -- it asks who the client is, and the client believes what it says of itself
  client:ping(ip1, { count = 50, every = "10ms" })
  t.expect(t.measure("still came to the first", ip1:stats().rx_frames - before), "<", 10)
end)
