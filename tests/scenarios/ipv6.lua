-- SPDX-License-Identifier: MIT
-- ipv6 - a station is found by IPv6: in ns by a kernel, which looks whether its own address is free first
local net = lab("ipv6")
local s1 = net.switch("s1")
local h, a = net.host("h", s1), net.station("a", s1)

net.test("the address is made of the Ethernet one", function(t)
  t.expect(a.mac, "==", "02:00:00:00:00:02")
  t.expect(a.ip6, "==", "fe80::ff:fe00:2")
end)

net.test("a kernel finds a station", { needs = { "ns" } }, function(t)
  local r
  for _ = 1, 40 do
    r = h:exec { "ping", "-6", "-c", "1", "-W", "5", a.ip6 .. "%eth0" }
    if r.code == 0 then break end
    t.sleep "500ms"
  end
  t.expect(r.code, "==", 0, r.out)
  t.expect(h:exec { "ip", "-6", "neigh", "show" }.out, "~", "fe80::ff:fe00:2.*02:00:00:00:00:02")
end)
