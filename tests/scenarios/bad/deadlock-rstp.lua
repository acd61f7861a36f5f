-- SPDX-License-Identifier: MIT
-- deadlock-rstp - ends with 1: deadlock-rstp.lua:10: waits for the event port.down
local net = lab("bad", { limit = "1h" })
local ring = net.ring(3, { rstp = true })
local a = net.station("a", ring[1])
net.test("nobody cuts it", function(t)
  t.never(function() return net.loops() > 0 end, "a loop")
  t.all {
    function() a:await { src = "02:00:00:00:99:99" } end,
    function() ring[2]:await "port.down" end,
  }
end)
