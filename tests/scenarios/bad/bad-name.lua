-- SPDX-License-Identifier: MIT
-- bad-name - ends with 2: bad-name.lua:4: net.switch: '1st' is no name: a letter, then letters, digits, '.', '_' or '-'
local net = lab("bad")
net.switch("1st")
