--> 2 op.lua:4: t.expect: the second word is one of == ~= < <= > >= ~, not '='
local net = lab("bad")
net.test("op", function(t)
  t.expect(1, "=", 1)
end)
