-- SPDX-License-Identifier: MIT
-- big.lua - 200 switches in a random network, nobody more than 18 hops from the root: they converge, and ten minutes of
-- their life in virtual time take a fraction of that; then the root dies.
local net = lab("200 switches", { limit = "1h" })

local mesh = net.random({ 200, 320 }, { rstp = true })

-- The root's own bridge and the greatest number of hops to it: each adds a second to the age of what is told.
local function root_and_depth()
  local root, depth = nil, 0
  for _, switch in ipairs(mesh) do
    local ok, r = pcall(switch.rstp, switch) -- the dead do not answer
    if ok then
      if r.bridge == r.root then root = switch end
      depth = math.max(depth, r.message_age_ns // 1000000000)
    end
  end
  return root, depth
end

net.test("200 switches", function(t)
  t.eventually("60s", net.converged, "the tree stands")
  t.measure("converged after", t.now(), "ns")
  local root, depth = root_and_depth()
  t.expect(t.measure("hops to the root", depth), "<=", 18)
  t.sleep "600s"
  t.expect(net.loops(), "==", 0)
  local died = t.now()
  root:kill()
  repeat t.sleep "1s" until net.converged() or t.now() - died > 60000000000 -- for a while something moves all the time
  t.measure("converged without the root after", t.now() - died, "ns")
  t.expect(net.loops(), "==", 0)
end)
