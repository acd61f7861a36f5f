-- SPDX-License-Identifier: MIT
-- ip - ends with 2: ip.lua:4: ip: '10.0.0.300' is no IPv4 address; write 10.0.0.1/24
local net = lab("bad")
net.station("a", net.switch("s1"), { ip = "10.0.0.300" })
