# What dw-switch answers otherwise than vde_switch 2.3.2, line by line, and why.

# It is another program; "VDE switch V." and a version stay, because libvdemgmt looks for them.
s/^VDE switch V\.2\.3\.2$/VDE switch V.2.3.3-drahtwerk-VERSION/
s/^\(C\) Virtual Square Team .*/Drahtwerk, under the MIT licence/

# IEEE 802.1Q-2018 table 8-6 ages addresses after 300 s; an address moves to its new port at once.
s/^GC expire 100 secs$/GC expire 300 secs/
s/^Min persistence 3 secs$/Min persistence 0 secs/

# `-n N` means ports 1..N besides port 0, as in vde-2 after its issue 68; 2.3.2 has 0..N-1.
/^vde\$ port\/(create|remove) 32$/,/^1/s/^1022 .*/1000 Success/

# The file is named; a missing name is bad use, not a missing file.
/^vde\$ load$/,/^1/s/^1002 .*/1022 which file?/
/^vde\$ load \/nonexistent$/,/^1/s/^1002 No such/1002 \/nonexistent: No such/

# There is no spanning tree whose lines one could ask for.
/^fstp\/[a-z+-]+ +04[0-9] OFF /d
