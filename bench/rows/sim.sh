# SPDX-License-Identifier: MIT
# sim.sh - the lab in virtual time: frames across five switches, as many as go in; frame-hops a second.
cat >"$tmp/hops.lua" <<'L'
-- SPDX-License-Identifier: MIT
local net = lab("hops", { limit = "1h" })
local line = net.line(5)
local a, b = net.station("a", line[1]), net.station("b", line[5])
net.test("flow", function(t)
  local flow <close> = a:flow(b, { rate = "20000pps", size = "100B" })
  t.sleep "20s"
  t.expect(flow:stats().received, ">", 390000)
end)
L
for round in $(seq "$ROUNDS"); do
  t0=$(date +%s%N)
  "$BIN/dw-lab" run "$tmp/hops.lua" >"$tmp/hops" || { cat "$tmp/hops"; return 1; }
  t1=$(date +%s%N)
  record "5 switches" dw-lab "$round" "pps=$((400000 * 5 * 1000 / ((t1 - t0) / 1000000)))"
done
