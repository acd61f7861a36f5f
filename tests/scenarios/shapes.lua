-- SPDX-License-Identifier: MIT
-- shapes.lua - generators: how many switches and cables, how they are called, who is joined with whom.
local net = lab("shapes")
local line = net.line(4, { name = "l", delay = "1ms" })
local ring = net:ring(5, { name = "r" })
local star = net.star(6, { name = "st" })
local mesh = net.mesh(4, { name = "m" })
local grid = net.grid({ 3, 4 }, { name = "g" })
local tree = net.tree({ 2, 3 }, { name = "t" })
local fat = net.fattree(4, { name = "f", cable = { loss = "1%" } })
local random = net.random({ 12, 20 }, { name = "x" })
local wide = net.switch("wide")
for i = 1, 40 do net.station("w" .. i, wide) end
local a, b = net.station("a", line[1]), net.station("b", line[4])

local function names(shape)
  local out = {}
  for i, c in ipairs(shape.cables) do out[i] = c.name end
  return table.concat(out, " ")
end

net.test("counts", function(t)
  local function count(shape, switches, cables)
    t.expect(#shape, "==", switches)
    t.expect(#shape.cables, "==", cables)
  end
  count(line, 4, 3)
  count(ring, 5, 5)
  count(star, 6, 5)
  count(mesh, 4, 6)
  count(grid, 12, 17)
  count(tree, 13, 12)
  count(fat, 20, 32)
  count(random, 12, 20)
end)

net.test("names and joints", function(t)
  t.expect(names(line), "==", "l1--l2 l2--l3 l3--l4")
  t.expect(names(ring), "==", "r1--r2 r2--r3 r3--r4 r4--r5 r5--r1")
  t.expect(names(star), "==", "st1--st2 st1--st3 st1--st4 st1--st5 st1--st6")
  t.expect(names(mesh), "==", "m1--m2 m1--m3 m1--m4 m2--m3 m2--m4 m3--m4")
  t.expect(names(tree):sub(1, 24), "==", "t1--t2 t1--t3 t1--t4 t2-")
  t.expect(tostring(ring), "==", "network of 5 switches")
end)

net.test("ports are named for what is plugged in", function(t)
  t.expect(line[2]:port("l1").number, "==", 1)
  t.expect(line[2]:port("l3").number, "==", 2)
  t.expect(line[1]:port("a").number, "==", 2)
  t.expect(line[2]:port(1):config().name, "==", "l1")
end)

net.test("a random network is connected, each pair at most once", function(t)
  local seen, reached = {}, { [random[1]] = true }
  for _, c in ipairs(random.cables) do
    t.expect(seen[c.name], "==", nil)
    seen[c.name] = true
  end
  for _ = 1, #random do
    for _, c in ipairs(random.cables) do
      if reached[c.a] or reached[c.b] then reached[c.a], reached[c.b] = true, true end
    end
  end
  for _, s in ipairs(random) do t.expect(reached[s], "==", true, s.name) end
end)

net.test("options go where they belong", function(t)
  t.expect(line.cables[1]:cmd("showinfo").ab.delay, "==", "1ms")
  t.expect(fat.cables[32]:cmd("showinfo").ba.loss, "==", "1%")
  t.expect(a:ping(b).rtt_min_ns, ">=", "6ms")
end)

net.test("a switch has as many ports as it needs", function(t)
  t.expect(wide:port("w40").number, "==", 40)
end)

net.test("loops, trees and what is settled", function(t)
  t.expect(ring:loops(), "==", 1) -- nobody runs a spanning tree
  t.expect(ring:stable(), "==", false)
  t.expect(#ring:tree(), "==", 5)
  t.expect(line:loops(), "==", 0)
  t.expect(line:stable(), "==", true)
  t.expect(mesh:loops(), "==", 3)
  t.expect(grid:loops(), "==", 6)
  ring.cables[1]:cut()
  t.expect(ring:loops(), "==", 0)
  t.expect(ring:stable(), "==", true)
  ring[4]:kill()
  t.expect(#ring:tree(), "==", 2, "two of its cables are gone too")
  t.expect(net.converged(), "==", false, "the mesh and others are loops")
end)
