-- SPDX-License-Identifier: MIT
-- sandbox.lua - the Lua that scenarios see: nothing in it differs from run to run or machine to machine.
local net = lab("sandbox")
local s1, s2 = net.switch("s1"), net.switch("s2")
local c = net.cable(s1, s2)
local a = net.station("a", s1)

net.test("what looks outside is not there", function(t)
  for _, name in ipairs { "os", "io", "debug", "package", "coroutine", "dofile", "loadfile", "collectgarbage" } do
    t.expect(_G[name], "==", nil, name)
  end
  for _, name in ipairs { "sin", "cos", "tan", "exp", "log", "randomseed" } do
    t.expect(math[name], "==", nil, "math." .. name)
  end
  t.expect(string.dump, "==", nil)
end)

net.test("pairs goes by number, string, boolean, handle", function(t)
  local order = {}
  local mixed = { [s2] = 1, z = 1, [2.5] = 1, b = 1, [true] = 1, [3] = 1, [-1] = 1, [s1] = 1, B = 1, [false] = 1, [a] = 1 }
  for k in pairs(mixed) do order[#order + 1] = tostring(k) end
  t.expect(table.concat(order, " "), "==", "-1 2.5 3 B b z false true switch s1 switch s2 station a")
  local keys = {}
  local k = next(mixed)
  while k ~= nil do
    keys[#keys + 1] = tostring(k)
    k = next(mixed, k)
  end
  t.expect(table.concat(keys, " "), "==", table.concat(order, " "))
  t.expect(next({}), "==", nil)
end)

net.test("pairs passes over what vanishes and does not see what comes", function(t)
  local tab, seen = { a = 1, b = 1, c = 1 }, ""
  for k in pairs(tab) do
    seen = seen .. k
    tab.b = nil
    tab[k .. "x"] = 1
  end
  t.expect(seen, "==", "ac")
end)

net.test("a table as a key is refused: it has no order", function(t)
  local ok, e = pcall(pairs, { [{}] = 1 })
  t.expect(ok, "==", false)
  t.expect(tostring(e), "~", "no order that repeats")
end)

net.test("no address in any text", function(t)
  t.expect(tostring({}), "==", "table")
  t.expect(tostring(print), "==", "function")
  t.expect(string.format("%s %s", {}, t), "==", "table t")
  t.expect(pcall(string.format, "%p", {}), "==", false)
  t.expect(string.format("%d%% %5.2f %q", 7, 1.5, "x"), "==", '7%  1.50 "x"')
  t.expect(tostring(setmetatable({}, { __tostring = function() return "own" end })), "==", "own")
end)

net.test("no finalizers, no weak tables, no bytecode", function(t)
  t.expect(pcall(setmetatable, {}, { __gc = function() end }), "==", false)
  t.expect(pcall(setmetatable, {}, { __mode = "k" }), "==", false)
  t.expect(load("\27Lua"), "==", nil)
  t.expect(load("return 1 + 1")(), "==", 2)
  t.expect(getmetatable(s1), "==", false)
end)

net.test("randomness is the seed's", function(t)
  local x = {}
  for i = 1, 8 do x[i] = math.random(1000) end
  t.expect(#x, "==", 8)
  for _ = 1, 1000 do
    local r = math.random()
    t.expect(r >= 0 and r < 1)
    local n = math.random(-3, 3)
    t.expect(n >= -3 and n <= 3)
  end
  t.expect(pcall(math.random, 0), "==", false)
  t.expect(pcall(math.random, 2, 1), "==", false)
end)

local leak = 0
net.test("a test sees the script as if just read (1)", function(t)
  leak = leak + 1
  t.expect(leak, "==", 1)
end)
net.test("a test sees the script as if just read (2)", function(t)
  leak = leak + 1
  t.expect(leak, "==", 1)
end)

net.test("expect knows units, tables and patterns", function(t)
  t.expect(5000000, "==", "5ms")
  t.expect(2000000, "<", "10Mbit")
  t.expect(64000, "==", "64kB")
  t.expect(0.5, "==", "50%")
  t.expect({ 1, { x = "y" } }, "==", { 1, { x = "y" } })
  t.expect({ 1 }, "~=", { 1, 2 })
  t.expect("abc", "~", "^a.c$")
  t.expect(true)
  t.expect(pcall(t.expect, nil, "<", 3), "==", false)
  t.expect(pcall(t.expect, "x", "<", 3), "==", false)
  t.expect(t.check(1, "==", 1), "==", true)
  t.expect(t.measure("x", 4), "==", 4)
end)
