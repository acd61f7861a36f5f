#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab_seeds.sh - many seeds: one line for each distinct failure, the same for any number of jobs and
# shards; reports that are merged; what schedulers say in the environment.
cd "$(dirname "$0")/../.." || exit 3
. tests/interop/lib.bash
lab=$BIN/dw-lab
root=$PWD
cd "$tmp" || exit 3

# Two expectations that fail for some seeds, one test that never does.
cat >dice.lua <<'END'
local net = lab("dice", { needs = { "sim" } })
local s1, s2 = net.switch "s1", net.switch "s2"
net.cable(s1, s2, { loss = "20%" })
local a, b = net.station("a", s1), net.station("b", s2)
net.test("all arrive", function(t)
  local p = net.swarm { count = { 1, 3 } }
  t.expect(a:ping(b, { count = p.count }).lost, "<", 2)
  t.expect(a:ping(b, { count = 2 }).lost, "==", 0)
end)
net.test("none is needed", function(t) t.measure("lost", a:ping(b, { count = 5 }).lost) end)
END

says() { # says CODE PATTERN ARG...: exit code, and a line of stdout or stderr like PATTERN
  local code=$1 pattern=$2
  shift 2
  is_code "$code" "$lab" "$@" || return 1
  grep -qE -- "$pattern" said || { cat said; return 1; }
}
failures() { grep -c '^not ok' "$1"; }
facts() { grep -vE '^TAP|^#   |^#$|^# dice' "$1" | sed 's/ # time=.*//'; }

check "distinct failures have a line each" says 1 '^not ok 2 - all arrive: [0-9]+ of 60 seeds, the smallest is [0-9]+' run dice.lua --seeds 1..60
check "and no more" [ "$(failures said)" = 2 ]
check "what passes has one" grep -q '^ok 3 - none is needed' said
check "and what was measured, from the least to the most" grep -Eq '^    "lost": "0 to [2-5]"' said
check "a failure says what net.swarm chose" grep -q '^    - "count = [13]"' said
repeats() {
  local command
  command=$(sed -n 's/^  repeat: "dw-lab \(.*\)"$/\1/p' said | head -n 1)
  eval "is_code 1 \"\$lab\" $command" && grep -q '^not ok 1 - all arrive' said
}
check "the command repeats just this case" repeats

"$lab" run dice.lua --seeds 1..60 --jobs 1 >one
"$lab" run dice.lua --seeds 1..60 --jobs 3 >three
for i in 1 2 3; do "$lab" run dice.lua --seeds 1..60 --shard "$i/3" --json >"shard$i"; done
"$lab" merge shard3 shard1 shard2 >merged
code=$?
check "any number of jobs finds the same" diff <(facts one) <(facts three)
check "shards together find the same" diff <(facts one) <(facts merged)
check "merge ends as the run would have" [ "$code" = 1 ]
check "merge reads its own JSON" sh -c '"$0" merge shard1 shard2 --json >part; "$0" merge part shard3 --json >all && exit 1
  "$0" merge all | grep -q "^not ok 2"' "$lab"
"$lab" run dice.lua --seed 4 --json >single4
check "merge takes reports of one seed too" says 1 'of 21 seeds|^ok' merge shard1 single4

echo '{"tests": [{"test": 3}]}' >bad1
echo 'no JSON' >bad2
printf '{"tests": %s' "$(printf '[%.0s' $(seq 3000))" >bad3
for f in bad1 bad2 bad3; do
  check "merge refuses $f" says 2 "$f: " merge "$f"
done
check "merge names what is not there" says 2 'nowhere: ' merge nowhere

check "a part is checked" says 2 "'3/2' is no part" run dice.lua --seeds 1..9 --shard 3/2
check "a part of one seed is a part of the tests" says 0 '^ok 1 - none is needed' run dice.lua --seed 3 --shard 2/2

# part VARIABLE=VALUE... EXPECTED: which part the environment makes it
part() {
  local want=${!#}
  is_code 0 env "${@:1:$#-1}" "$lab" run dice.lua --only 'none*' --seeds 1..100 || return 1
  grep -q "part $want, as" said || { cat said; return 1; }
}
check "Slurm" part SLURM_ARRAY_TASK_ID=12 SLURM_ARRAY_TASK_MIN=10 SLURM_ARRAY_TASK_MAX=17 SLURM_ARRAY_TASK_COUNT=8 "3 of 8"
check "Slurm with a step" part SLURM_ARRAY_TASK_ID=4 SLURM_ARRAY_TASK_MIN=0 SLURM_ARRAY_TASK_STEP=2 SLURM_ARRAY_TASK_COUNT=4 "3 of 4"
check "Kubernetes" part JOB_COMPLETION_INDEX=0 DRAHTWERK_SHARDS=5 "1 of 5"
check "GNU parallel" part PARALLEL_SEQ=5 DRAHTWERK_SHARDS=5 "5 of 5"
check "GitLab" part CI_NODE_INDEX=2 CI_NODE_TOTAL=4 "2 of 4"
check "CircleCI" part CIRCLE_NODE_INDEX=3 CIRCLE_NODE_TOTAL=4 "4 of 4"
check "Buildkite" part BUILDKITE_PARALLEL_JOB=0 BUILDKITE_PARALLEL_JOB_COUNT=4 "1 of 4"
check "Semaphore" part SEMAPHORE_JOB_INDEX=4 SEMAPHORE_JOB_COUNT=4 "4 of 4"
check "Azure" part SYSTEM_JOBPOSITIONINPHASE=1 SYSTEM_TOTALJOBSINPHASE=2 "1 of 2"
check "what does not go together is refused" is_code 2 env CI_NODE_INDEX=5 CI_NODE_TOTAL=4 "$lab" run dice.lua --seeds 1..9
check "an index without a number of parts means nothing" sh -c '
  PARALLEL_SEQ=2 "$0" run dice.lua --only "none*" --seeds 1..9 | grep -q "^# 9 passed"' "$lab"
check "--shard wins" sh -c '
  CI_NODE_INDEX=2 CI_NODE_TOTAL=9 "$0" run dice.lua --only "none*" --seeds 1..9 --shard 1/3 | grep -q "^# 3 passed"' "$lab"

# Ctrl-C: what was found so far is told.
cat >slow.lua <<'END'
local net = lab("slow", { needs = { "sim" } })
local ring = net.ring(8, { rstp = true })
net.test("hours", { limit = "100h" }, function(t) t.sleep "10h" end)
END
interrupted() {
  "$lab" run slow.lua --seeds 1..100000 --jobs 2 >out 2>&1 &
  local pid=$!
  until pgrep -P "$pid" >/dev/null; do
    kill -0 "$pid" 2>/dev/null || { cat out; return 1; }
  done
  kill -INT "$pid"
  wait "$pid"
  local code=$?
  [ "$code" = 130 ] || { echo "exit $code"; cat out; return 1; }
  grep -q '^Bail out! stopped' out && ! pgrep -P "$pid" >/dev/null
}
check "Ctrl-C ends all workers and tells what was done" interrupted
cd "$root" || exit 3
plan
