--> 2 two-labs.lua:3: lab: one scenario has one lab; this is the second, 'more'
lab("bad")
lab("more")
