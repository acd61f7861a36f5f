--> 2 no-lab.lua: no lab: begin with local net = lab("name")
local x = 1
