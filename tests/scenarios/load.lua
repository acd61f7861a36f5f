-- SPDX-License-Identifier: MIT
-- load - networks in the formats of others
local net = lab("load")
local office = net.load("../import/office.dot", { rstp = true, cable = { limit = "50p" } })

net.test("what is in it", function(t)
  t.expect(#office, "==", 4)
  t.expect(#office.ends, "==", 2)
  t.expect(#office.cables, "==", 5)
  t.expect(office[1].name, "==", "core")
  t.expect(office.named["pc-3"], "==", office.ends[2])
  t.expect(office.cables[5]:cmd("showinfo").ab.delay, "==", "1ms")
  t.expect(office.cables[5]:cmd("showinfo").ba.delay, "==", "1us")
  t.expect(office.cables[1]:cmd("showinfo").ab.limit, "==", "50p")
end)

net.test("it works", function(t)
  t.eventually("30s", function() return office:stable() end, "the tree")
  local p = office.named.pc1:ping(office.named["pc-3"], { count = 5, within = "2s", every = "50ms" })
  t.expect(p.rtt_min_ns, ">=", "18ms") -- 5 + 2 + 2 ms each way
end)
