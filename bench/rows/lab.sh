# SPDX-License-Identifier: MIT
# lab.sh - What the lab in virtual time must reach: frame-hops, an idle network's speed, big labs, memory; of one
# processor. Then by the clock, of two processes on two processors: many seeds, and a plan of over forty faults made small.
"$BENCH/lab" || return 1
took() { # took WHAT WANTED CODE COMMAND...: what it says is in $tmp/said
  local what=$1 wanted=$2 code=$3 begin=$EPOCHREALTIME
  shift 3
  "$@" >"$tmp/said" 2>&1
  [ $? = "$code" ] || { cat "$tmp/said"; return 1; }
  awk -v what="$what" -v wanted="$wanted" -v from="$begin" -v to="$EPOCHREALTIME" \
    'BEGIN { printf "%-44s %14.2f s   %s\n", what, to - from, wanted }'
}
took "1,000 seeds of ring-failover, --jobs 2" "< 60 s" 0 "$BIN/dw-lab" run scenarios/ring-failover.lua --seeds 1..1000 --jobs 2 || return 1
cat >"$tmp/faults.lua" <<'END'
local net = lab "forty faults"
local ring = net.ring(6, { rstp = true })
net.chaos { rate = "1/1s", max = 4, kinds = { "cut", "pause", "skew" }, swarm = false, from = "2s", heal_by = "46s" }
net.test("never both", function(t)
  t.never(function()
    local cut, still = false, false
    for _, c in ipairs(ring.cables) do cut = cut or c:cmd("showinfo").state == "cut" end
    for _, s in ipairs(ring) do still = still or not pcall(s.rstp, s) end
    return cut and still
  end, "a cut while a switch stands still")
  t.sleep "50s"
end)
END
took "a failing plan of over 40 faults shrinks" "< 60 s" 1 "$BIN/dw-lab" run "$tmp/faults.lua" --seed 3 --shrink "$tmp/small.lua" || return 1
sed -nE 's/.*: ([0-9]+ of [0-9]+ faults) are left after ([0-9]+ runs).*/  \1 are left, after \2/p' "$tmp/said"
