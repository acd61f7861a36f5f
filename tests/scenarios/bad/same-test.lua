-- SPDX-License-Identifier: MIT
-- same-test - ends with 2: same-test.lua:5: net.test: there is a test of the name 'x' already
local net = lab("bad")
net.test("x", function() end)
net.test("x", function() end)
