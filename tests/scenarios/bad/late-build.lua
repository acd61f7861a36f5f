-- SPDX-License-Identifier: MIT
-- late-build - ends with 2: late-build.lua:5: net.switch: the lab is fixed once its tests run; build before net.test
local net = lab("bad")
net.test("late", function()
  net.switch("s1")
end)
