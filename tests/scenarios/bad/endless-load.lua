--> 2 endless-load.lua:2: an endless loop?
while true do end
