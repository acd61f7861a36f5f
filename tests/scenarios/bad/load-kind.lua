-- SPDX-License-Identifier: MIT
-- load-kind - ends with 2: load-kind.lua:4: net.load: no format 'katara'; did you mean kathara?
local net = lab("bad")
net.load("../../import/lab.conf", { kind = "katara" })
