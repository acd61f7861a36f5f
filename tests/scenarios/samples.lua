-- SPDX-License-Identifier: MIT
-- samples - series by the clock, beside a test that does not wait for them
local net = lab("samples", { limit = "5m" })
local s = net.line(2, { rate = "10Mbit", delay = "1ms" })
local a, b = net.station("a", s[1]), net.station("b", s[2])

net.test("the bytes that crossed grow", function(t)
  local seen = {}
  t.sample("bytes", "50ms", function()
    local n = s.cables[1]:stats().ab.tx_bytes
    seen[#seen + 1] = n
    return n
  end)
  t:sample("half of the time nothing", "100ms", function() return #seen % 2 == 0 and 1.5 or nil end)
  a:tcp(b, { bytes = "500kB" })
  t.expect(#seen, ">=", 8)
  t.expect(seen[1], "<", seen[#seen])
  t.attach("nothing.txt")
end)
