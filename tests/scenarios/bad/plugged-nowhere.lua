-- SPDX-License-Identifier: MIT
-- plugged-nowhere - ends with 2: plugged-nowhere.lua:4: a: plugged in nowhere: name its switch or join it with net.cable
local net = lab("bad")
local a = net.station("a")
