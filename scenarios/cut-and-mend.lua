-- SPDX-License-Identifier: MIT
-- cut-and-mend.lua - a cable is cut and mended while a thousand datagrams a second cross it. The fault has a scope: it
-- heals when its block is left, also by an error. The outage seen by the receiver is the cut's length.
local net = lab("cut and mend")

local s1, s2 = net.switch("s1"), net.switch("s2")
local cable = net.cable(s1, s2, { delay = "1ms" })
local a, b = net.station("a", s1), net.station("b", s2)

local function outage_of(t, fault)
  local flow <close> = a:flow(b, { rate = "1000pps", size = "200B" })
  t.eventually("5s", function() return flow:stats().received > 10 end, "the flow runs")
  do
    local _ <close> = cable:fault(fault)
    t.sleep "500ms"
  end
  return t.measure("outage", flow:outage("10s"), "ns")
end

net.test("a cut lasts as long as it lasts", function(t)
  local outage = outage_of(t, { cut = true })
  t.expect(outage, ">=", "490ms")
  t.expect(outage, "<", "1s")
end)

net.test("a silent cut: the switches keep their link", function(t)
  local downs = 0
  t.spawn(function()
    while s1:await("port.down") do downs = downs + 1 end
  end)
  local outage = outage_of(t, { cut = "silent" })
  t.expect(outage, ">=", "490ms")
  t.expect(outage, "<", "1s")
  t.expect(downs, "==", 0, "ports that went down")
end)

net.test("afterwards all is as before", function(t)
  outage_of(t, { cut = true })
  local p = a:ping(b, { count = 5, every = "10ms" })
  t.expect(p.lost, "==", 0)
end)
