--> 2 same-test.lua:4: net.test: there is a test of the name 'x' already
local net = lab("bad")
net.test("x", function() end)
net.test("x", function() end)
