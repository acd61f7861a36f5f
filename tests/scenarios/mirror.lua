-- SPDX-License-Identifier: MIT
-- mirror.lua - a mirror with a filter copies what the expression matches, on every backend alike.
local net = lab("a mirror with a filter")
local sw = net.switch("sw")
local a, b, watcher = net.station("a", sw), net.station("b", sw), net.station("watcher", sw)
sw:cmd("mirror/add a watcher in filter vlan 7 and ether dst ff:ff:ff:ff:ff:ff")

net.test("only what it matches is copied", function(t)
  local seen = 0
  t.all {
    function()
      while watcher:await({ src = a, type = "test" }, "200ms") do seen = seen + 1 end
    end,
    function()
      t.sleep "10ms"
      a:send { dst = b, vlan = 7, type = "test", data = "01" }
      a:send { dst = "ff:ff:ff:ff:ff:ff", type = "test", data = "02" }
      a:send { dst = "ff:ff:ff:ff:ff:ff", vlan = 7, type = "test", data = "03" }
    end,
  }
  t.expect(seen, "==", 1, "copies")
  t.expect(sw:cmd("mirror/print").mirrors[1].filter, "==", "vlan 7 and ether dst ff:ff:ff:ff:ff:ff")
end)

net.test("what is no expression is refused with words", function(t)
  local ok, why = pcall(function() return sw:cmd("mirror/add b watcher filter vlan 7 and") end)
  t.expect(ok, "==", false, "refused")
  t.expect(tostring(why):find("syntax error", 1, true) ~= nil, "==", true, tostring(why))
end)
