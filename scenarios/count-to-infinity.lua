-- SPDX-License-Identifier: MIT
-- count-to-infinity.lua - the weak spot of RSTP: the root dies, but word of it goes on round a ring that hung on it.
-- Each switch believes its neighbour's stale news, one hop further every turn, until it is Max Age hops old. The
-- turns are fast until every port has said all that it may say in a second (the transmit hold count); from then on
-- each costs a second. Myers, Ng and Zhang (2004) and Elmeleegy, Cox and Ng (2006) tell of tens of seconds, and of
-- forwarding loops meanwhile. Here a switch keeps old news to itself for 10 ms, and by then it knows better.
local net = lab("count to infinity", { limit = "5m" })

-- The best switch hangs on a ring of four by one cable; when it is gone there is no way to it at all.
local root = net.switch("root", { rstp = true, priority = 0 })
local ring = net.ring(4, { rstp = true, delay = "100us" })
net.cable(root, ring[1], { delay = "100us" })
local a, b = net.station("a", ring[2]), net.station("b", ring[4])

net.sweep { delay = { "100us", "2ms", "20ms" } } -- of a cable of the ring

net.test("the root dies", function(t, p)
  for _, cable in ipairs(ring.cables) do cable:set { delay = p.delay } end
  t.eventually("60s", net.converged, "the tree stands")
  t.sleep "10s" -- so that nobody has spent any of its hold count

  local flow <close> = a:flow(b, { rate = "1000pps", size = "200B" })
  t.never(function() return net.loops() > 0 end, "a forwarding loop")
  local began = t.now()
  local moved = began -- when a port of the ring last opened or closed
  for _, switch in ipairs(ring) do
    t.spawn(function()
      while switch:await("rstp.state") do moved = t.now() end
    end)
  end
  local dead = root:rstp().bridge
  root:kill()
  t.sleep "20s"

  t.measure("until the last port moved", moved - began, "ns")
  t.measure("outage between survivors", flow:outage("5s"), "ns")
  t.expect(moved - began, "<", "500ms")
  t.expect(flow:stats().longest_gap_ns, "<", "500ms")
  t.expect(flow:stats().duplicated, "==", 0)
  t.expect(ring:stable(), "==", true)
  for _, switch in ipairs(ring) do t.expect(switch:rstp().root, "~=", dead, switch.name .. " has forgotten it") end
end)
