-- SPDX-License-Identifier: MIT
-- event - ends with 2: event.lua:6: await: no event 'port.dwn'; did you mean port.down?
local net = lab("bad")
local s = net.switch("s1")
net.test("event", function()
  s:await("port.dwn")
end)
