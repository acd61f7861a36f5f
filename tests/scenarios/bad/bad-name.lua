--> 2 bad-name.lua:3: net.switch: '1st' is no name: a letter, then letters, digits, '.', '_' or '-'
local net = lab("bad")
net.switch("1st")
