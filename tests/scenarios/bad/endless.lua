-- SPDX-License-Identifier: MIT
-- endless - ends with 2: endless.lua:5: an endless loop? over 400 million instructions without waiting
local net = lab("bad")
net.test("endless", function()
  while true do pcall(function() while true do end end) end
end)
