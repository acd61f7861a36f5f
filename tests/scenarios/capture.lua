-- SPDX-License-Identifier: MIT
-- capture - what crosses a cable goes into a file, and a cable without captures runs just the same
local net = lab("capture")
local s = net.line(2, { delay = "2ms" })
local c = s.cables[1]
local a, b = net.station("a", s[1]), net.station("b", s[2])

net.test("a capture counts what crosses, both ways", function(t)
  local cap <close> = c:capture("build/capture-test.pcapng")
  c:set { ab = { loss_pattern = "01" } }
  t.expect(a:ping(b, { count = 4, within = "100ms", every = "200ms" }).received, "<", 4)
  local list = c:cmd("capture/list").captures
  t.expect(#list, "==", 1)
  t.expect(list[1].frames, ">=", 6)
  cap:close()
  t.eventually("5s", function() return #c:cmd("capture/list").captures == 0 end, "it ends")
end)

net.test("a filter passes over the rest", function(t)
  local id = c:cmd('capture/start all build/capture-filter.pcapng filter "icmp[icmptype] == icmp-echo"').id
  t.expect(a:ping(b, { count = 4, within = "100ms", every = "200ms" }).received, "==", 4)
  local one = c:cmd("capture/list").captures[1]
  t.expect(one.frames, "==", 4, "requests, no replies and no ARP")
  t.expect(one.filter, "==", "icmp[icmptype] == icmp-echo")
  c:cmd("capture/stop " .. id)
  local taken, why = pcall(c.cmd, c, "capture/start all build/capture-filter.pcapng filter icmp and")
  t.expect(not taken)
  t.expect(tostring(why), "~", "syntax error")
end)
