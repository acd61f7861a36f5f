--> 2 unknown-key.lua:3: a cable: ab.dely: no such key; did you mean delay?
local net = lab("bad")
net.cable(net.switch("s1"), net.switch("s2"), { ab = { dely = "5ms" } })
