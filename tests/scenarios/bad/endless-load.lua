-- SPDX-License-Identifier: MIT
-- endless-load - ends with 2: endless-load.lua:3: an endless loop?
while true do end
