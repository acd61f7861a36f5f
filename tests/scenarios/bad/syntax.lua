--> 2 syntax.lua:3: ')' expected
local net = lab("bad"
net.switch("s1")
