--> 2 bare-delay.lua:3: a cable: delay: 5: a time needs a unit
local net = lab("bad")
net.cable(net.switch("s1"), net.switch("s2"), { delay = 5 })
