-- SPDX-License-Identifier: MIT
-- live-migration.lua - a virtual machine moves to another host under load: first its memory, then its place. What breaks
-- off leaves it where it was; what succeeds takes its address along, once a RARP frame has told the switches.
local net = lab("live migration")

local MAC = "02:00:00:00:00:aa"
local old_rack, core, new_rack = net.switch("old-rack"), net.switch("core"), net.switch("new-rack")
local trunk = net.cable(old_rack, core, { delay = "200us", rate = "1Gbit" })
net.cable(core, new_rack, { delay = "200us", rate = "1Gbit" })
local old_host, new_host = net.station("old-host", old_rack), net.station("new-host", new_rack)
local client = net.station("client", core)
-- One machine, two places. The second is in a VLAN of its own until the machine is there: nobody hears it.
local vm_old = net.station("vm-old", old_rack, { mac = MAC, ip = "10.0.0.100/24" })
local vm_new = net.station("vm-new", new_rack, { mac = MAC, ip = "10.0.0.101/24", port = { vlan = 99 } })

-- A client that sends the machine a frame every millisecond; when frames come to which place.
local function load_on(t)
  local seen = { old = 0, new = 0, last = 0, longest = 0 }
  for name, place in pairs { old = vm_old, new = vm_new } do
    t.spawn(function()
      while place:await { src = client, dst = MAC, type = "test" } do
        seen[name] = seen[name] + 1
        if seen.last > 0 then seen.longest = math.max(seen.longest, t.now() - seen.last) end
        seen.last = t.now()
      end
    end)
  end
  t.spawn(function()
    while true do
      client:send { dst = MAC, type = "test", data = "01" }
      t.sleep "1ms"
    end
  end)
  vm_old:send { dst = client, type = "test" } -- so that the switches know where it is
  t.eventually("5s", function() return seen.old > 50 end, "the machine works at its old place")
  return seen
end

local function copy_memory() return old_host:tcp(new_host, { bytes = "4MB", within = "5s" }) end

local function move(announce)
  old_rack:port("vm-old"):down()
  new_rack:port("vm-new"):set { mode = "transparent" }
  if announce then vm_new:send { dst = "ff:ff:ff:ff:ff:ff", type = "rarp" } end
end

net.test("a link fails while memory is copied: the machine stays, its clients hardly notice", function(t)
  local seen = load_on(t)
  t.spawn(function()
    t.sleep "20ms"
    trunk:cut()
    t.sleep "200ms"
    trunk:mend()
  end)
  local done = t.measure("copied", copy_memory().bytes)
  t.expect(done, "==", 4000000, "TCP waits the failure out")
  t.sleep "1s"
  t.expect(seen.new, "==", 0, "nothing came to the new place")
  t.expect(t.measure("outage", seen.longest, "ns"), "<", "500ms")
end)

net.test("a link fails for good: the migration breaks off", function(t)
  load_on(t)
  t.spawn(function()
    t.sleep "20ms"
    trunk:cut()
  end)
  local copied, why = pcall(copy_memory)
  t.expect(copied, "==", false, "the copy has no end")
  t.log(why)
  t.expect(old_host:ping(vm_old).received, "==", 1, "the machine is where it was")
  for _, e in ipairs(new_rack:fdb()) do t.expect(e.mac == MAC and e.name == "vm-new" and e.vlan ~= 99, "==", false, "and nowhere else") end
end)

net.test("it succeeds: RARP announces the machine, frames follow at once", function(t)
  local seen = load_on(t)
  t.expect(copy_memory().bytes, "==", 4000000)
  seen.longest = 0 -- of the move alone
  move(true)
  t.eventually("1s", function() return seen.new > 100 end, "the machine works at its new place")
  t.expect(t.measure("outage", seen.longest, "ns"), "<", "1s")
end)

net.test("nobody announces it: frames go where it was until it speaks", function(t)
  local seen = load_on(t)
  move(false)
  t.sleep "2s"
  t.expect(seen.new, "==", 0, "the core still sends them to the old rack")
  vm_new:send { dst = client, type = "test" }
  t.eventually("1s", function() return seen.new > 100 end, "its first word brings them")
  t.expect(t.measure("outage", seen.longest, "ns"), ">=", "2s")
end)
