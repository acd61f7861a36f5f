-- SPDX-License-Identifier: MIT
-- never - ends with 1: never.lua:7: happened: a fifth datagram (at
local net = lab("fails")
local s = net.switch("s1")
local a, b = net.station("a", s), net.station("b", s)
net.test("never", function(t)
  t.never(function() return s:port("b"):stats().tx_frames > 5 end, "a fifth datagram")
  local flow <close> = a:flow(b, { rate = "100pps" })
  t.sleep("1s")
end)
