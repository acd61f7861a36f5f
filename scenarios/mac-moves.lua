-- SPDX-License-Identifier: MIT
-- mac-moves.lua - an address moves from one switch to another, as when a machine migrates: frames follow it as soon
-- as it speaks at its new place. Until then they go to the old one.
local net = lab("MAC moves")

local MAC = "02:00:00:00:00:aa"
local line = net.line(2)
local old = net.station("old", line[1], { mac = MAC })
local new = net.station("new", line[2], { mac = MAC })
local a = net.station("a", line[1])

-- Does a frame from `a` to the address come to `place`?
local function reaches(t, place)
  local heard
  t.all {
    function() heard = place:await({ src = a, dst = MAC, type = "test" }, "500ms") end,
    function()
      t.sleep "1ms"
      a:send { dst = MAC, type = "test", data = "01" }
    end,
  }
  return heard ~= nil
end

-- A switch does not believe moves that come too fast one after the other: each has its second.
local function speak(t, who)
  t.sleep "2s"
  who:send { dst = "ff:ff:ff:ff:ff:ff", src = MAC, type = "rarp" }
  t.sleep "10ms"
end

net.test("frames follow whoever spoke last", function(t)
  t.step("the old place speaks", function()
    speak(t, old)
    t.expect(reaches(t, old), "==", true, "frames come to the old place")
    t.expect(reaches(t, new), "==", false, "and not to the new one")
  end)
  t.step("the new place announces itself", function()
    speak(t, new)
    t.expect(reaches(t, new), "==", true, "frames come to the new place")
    t.expect(reaches(t, old), "==", false, "and no longer to the old one")
  end)
end)
