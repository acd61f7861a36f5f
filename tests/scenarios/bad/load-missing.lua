-- SPDX-License-Identifier: MIT
-- load-missing - ends with 2: nowhere.dot: No such file
local net = lab("bad")
net.load("nowhere.dot")
