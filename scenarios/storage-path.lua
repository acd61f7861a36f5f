-- SPDX-License-Identifier: MIT
-- storage-path.lua - a host whose disks are on the network. The path is cut and heals: how long does a write hang? Guests
-- give up after 30 s or so. A second path under a spanning tree makes seconds milliseconds.
local net = lab("storage path", { limit = "5m" })

local host_side, storage_side = net.switch("host-side", { rstp = true }), net.switch("storage-side", { rstp = true })
local path = net.cable(host_side, storage_side, { delay = "100us", rate = "1Gbit" })
local spare = net.cable(host_side, storage_side, { name = "spare", delay = "500us", rate = "1Gbit" })
local host = net.station("host", host_side, { port = { edge = true } })
local storage = net.station("storage", storage_side, { port = { edge = true } })
local GUEST_GIVES_UP = "30s"

local function settled(t) t.eventually("60s", function() return net.converged() end, "the tree stands") end

-- A write every 2 ms; the longest time without one that arrives, while `cut` is cut for `lasting`.
local function outage_of(t, cut, lasting)
  local writes <close> = host:flow(storage, { rate = "500pps", size = "1000B" })
  t.eventually("5s", function() return writes:stats().received > 100 end, "writes arrive")
  do
    local _ <close> = cut:fault { cut = true }
    t.sleep(lasting)
  end
  return t.measure("outage", writes:outage("60s"), "ns")
end

net.test("one path: a write hangs as long as the cut, and a little longer", function(t)
  spare:cut()
  settled(t)
  local outage = outage_of(t, path, "8s")
  t.expect(outage, ">=", "8s")
  t.expect(outage, "<", GUEST_GIVES_UP, "the guest's disk is still there")
end)

net.test("one path, cut for too long: the guest's disk is gone", function(t)
  spare:cut()
  settled(t)
  t.expect(outage_of(t, path, "40s"), ">", GUEST_GIVES_UP)
end)

net.test("two paths: milliseconds, and healing costs nothing", function(t)
  settled(t)
  t.never(function() return net.loops() > 0 end, "a forwarding loop")
  t.expect(outage_of(t, path, "8s"), "<", "500ms")
  settled(t)
end)

net.test("a backup under way survives the cut", function(t)
  settled(t)
  local backup
  t.all {
    function() backup = host:tcp(storage, { bytes = "20MB" }) end,
    function()
      t.sleep "50ms"
      local _ <close> = path:fault { cut = true }
      t.sleep "2s"
    end,
  }
  t.expect(backup.bytes, "==", 20000000)
  t.measure("throughput over all", backup.bps, "bps")
end)
