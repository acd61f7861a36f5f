#!/bin/bash
# SPDX-License-Identifier: MIT
# lab-real.sh - labs of real processes: what scenarios ask is done on proc and ns, and nothing is left behind
# however dw-lab ends: processes, namespaces, sockets, folders.
# shellcheck source=tests/interop/lib.bash
. "$(dirname "$0")/lib.bash"

run=$tmp/run # labs of this test have their folders, and their environment, in here
mkdir -m 700 "$run"
lab() { XDG_RUNTIME_DIR=$run "$BIN/dw-lab" "$@"; }

cat >"$tmp/all.lua" <<'EOF'
local net = lab("all of it")
local s1, s2 = net.switch("s1"), net.switch("s2")
local c = net.cable(s1, s2, { delay = "5ms" })
local a, b, st = net.host("a", s1), net.host("b", s2), net.station("st", s1)
local t1, t2 = net.station("t1", s1, { tag = 7 }), net.station("t2", s2, { tag = 7 })
local pairs_of_ends = { { a, b }, { a, st }, { st, a }, { st, b }, { b, st }, { t1, t2 }, { t2, t1 } }

net.test("ping", function(t)
  for _, p in ipairs(pairs_of_ends) do
    local r = p[1]:ping(p[2], { count = p[1] == a and 2 or 1 })
    t.expect(r.lost, "==", 0, p[1].name .. " to " .. p[2].name)
    if p[1] == a and p[2] == b then t.expect(r.rtt_min_ns, ">=", "10ms") end
  end
end)
net.test("tcp", function(t)
  for _, p in ipairs(pairs_of_ends) do
    t.expect(p[1]:tcp(p[2], { bytes = "300kB" }).bytes, "==", "300kB", p[1].name .. " to " .. p[2].name)
  end
end)
net.test("flow", function(t)
  for _, p in ipairs(pairs_of_ends) do
    local f <close> = p[1]:flow(p[2], { rate = "1000pps", size = "100B" })
    t.eventually("5s", function() return f:stats().received >= 50 end, p[1].name .. " to " .. p[2].name)
    t.expect(f:stats().duplicated, "==", 0)
  end
end)
net.test("cut", function(t)
  local f <close> = a:flow(b, { rate = "1000pps", size = "100B" })
  local told
  t.spawn(function() told = c:await("wire.cut", "5s") end)
  t.sleep("50ms")
  c:cut()
  t.sleep("200ms")
  c:mend()
  t.expect(told ~= nil, "==", true, "the cable's event")
  local gap = f:outage("5s")
  t.expect(gap, ">=", "200ms")
  t.expect(gap, "<", "3s")
end)
net.test("a switch is killed and comes back", function(t)
  s1:kill()
  t.expect((pcall(function() return s1:cmd("port/print") end)), "==", false)
  s1:restart()
  t.expect(#s1:cmd("port/print").ports, "==", 4)
  t.expect(a:ping(b, { within = "5s" }).received, "==", 1)
  t.expect(st:ping(b, { within = "5s" }).received, "==", 1)
end)
net.test("a switch stands still", function(t)
  t.expect(a:ping(b, { within = "2s" }).received, "==", 1)
  s2:pause()
  t.expect(a:ping(b, { within = "100ms" }).received, "==", 0)
  s2:resume()
  t.expect(a:ping(b, { within = "5s" }).received, "==", 1)
end)
net.test("raw frames", function(t)
  for _, p in ipairs { { st, b }, { b, st } } do
    t.spawn(function() t.sleep("50ms"); p[1]:send { dst = p[2].mac, type = 0x88b5, data = "c0ffee" } end)
    t.expect(p[2]:await({ src = p[1].mac, type = 0x88b5 }, "5s") ~= nil, "==", true)
  end
end)
net.test("programs", function(t)
  local r = a:exec { "sh", "-c", "echo out; echo err >&2; exit 3" }
  t.expect(r.code .. r.out .. r.err, "==", "3out\nerr\n")
  local s = b:spawn { "sh", "-c", "echo is ready; exec sleep 1000" }
  t.expect(s:await("is (%w+)", "5s"), "==", "ready")
end)
EOF

# A lab that stands and waits, to be ended from outside.
cat >"$tmp/wait.lua" <<'EOF'
local net = lab("waits")
local s1, s2 = net.switch("s1"), net.switch("s2")
local cable = net.cable(s1, s2, {})
local a, b = net.host("a", s1), net.host("b", s2)
net.test("waits", function(t)
  cable:capture("STANDS")
  if a.exec and pcall(function() return a:exec { "true" } end) then
    a:exec { "sh", "-c", "(setsid sh -c 'exec sleep 1000' &) >/dev/null 2>&1 </dev/null" } -- hides well
  end
  t.sleep("1000s")
end)
EOF
sed -i "s|STANDS|$tmp/stands.pcapng|" "$tmp/wait.lua"
sed 's/ and pcall.*then/ and false then/' "$tmp/wait.lua" >"$tmp/wait-proc.lua"

# survivors: processes of these labs, by their environment; keepers and holders are forks and have it too.
survivors() {
  local p
  for p in /proc/[0-9]*; do
    grep -qsF "XDG_RUNTIME_DIR=$run" "$p/environ" || continue
    grep -q '^State:.Z' "$p/status" 2>/dev/null || echo "${p#/proc/}"
  done
}
nobody_left() { [ -z "$(survivors)" ]; }
no_folders() { [ -z "$(ls "$run/drahtwerk" 2>/dev/null)" ]; }
nothing_left() {
  within 20 nobody_left || { echo "left:"; for p in $(survivors); do tr '\0' ' ' <"/proc/$p/cmdline"; echo; done; return 1; }
  within 20 no_folders || { ls -R "$run"; return 1; }
}

passes() { lab run "$1" --backend "$2" "${@:3}" >"$tmp/tap" 2>&1 || { cat "$tmp/tap"; return 1; }; }

# It stands when its test has begun, which captures; with namespaces when the hidden one runs.
is_running() { grep -qsx "$1" $(survivors | sed 's|.*|/proc/&/comm|'); }
stands() {
  [ -e "$tmp/stands.pcapng" ] || return 1
  [ "$1" = proc ] || is_running sleep
}

# start_waiting FILE BACKEND: a lab in the background; $last, once it stands.
start_waiting() {
  rm -f "$tmp/stands.pcapng"
  XDG_RUNTIME_DIR=$run "$BIN/dw-lab" run "$1" --backend "$2" >"$tmp/waits" 2>&1 &
  last=$!
  pids+=("$last")
  within 40 stands "$2" || { cat "$tmp/waits"; survivors; return 1; }
}

killed() { # FILE BACKEND SIGNAL CODE
  start_waiting "$1" "$2" || return 1
  [ "$(survivors | wc -l)" -ge 5 ] || { echo "only $(survivors | wc -l) processes"; return 1; }
  kill "-$3" "$last"
  wait "$last"
  local code=$?
  [ "$code" = "$4" ] || { echo "exit code $code, not $4"; cat "$tmp/waits"; return 1; }
  nothing_left
}

keeper_of() { cat "/proc/$1/task/$1/children"; } # the only child

both_killed() { # dw-lab and its keeper at once: what is left is one folder, and the next lab removes it
  start_waiting "$1" "$2" || return 1
  local keeper
  keeper=$(keeper_of "$last")
  kill -STOP "$keeper" # it must not see the other's death before its own
  kill -9 "$last" "$keeper"
  wait "$last" 2>/dev/null
  within 20 nobody_left || { ps axf; return 1; }
  ! no_folders || { echo "no folder was left: this test proves nothing"; return 1; }
  passes "$tmp/small.lua" "$2" && nothing_left
}

keeper_killed() {
  start_waiting "$1" "$2" || return 1
  kill -9 "$(keeper_of "$last")"
  wait "$last"
  local code=$?
  [ "$code" = 3 ] || { echo "exit code $code"; cat "$tmp/waits"; return 1; }
  grep -qE "keeper|nobody serves" "$tmp/waits" || { cat "$tmp/waits"; return 1; }
  within 20 nobody_left
}

switch_dies() {
  start_waiting "$1" "$2" || return 1
  local p
  for p in $(survivors); do
    grep -qs -- "--name=s2" <(tr '\0' '\n' <"/proc/$p/cmdline") && grep -q '^Name:.dw-switch' "/proc/$p/status" && kill -9 "$p"
  done
  wait "$last"
  local code=$?
  [ "$code" = 3 ] && grep -q "s2 ended (signal 9)" "$tmp/waits" || { echo "exit code $code"; cat "$tmp/waits"; return 1; }
  nothing_left
}

cat >"$tmp/small.lua" <<'EOF'
local net = lab("small")
local s = net.switch("s")
local a, b = net.host("a", s), net.host("b", s)
net.test("ping", function(t) t.expect(a:ping(b, { within = "5s" }).received, "==", 1) end)
EOF

cat >"$tmp/vlan.lua" <<'EOF'
local net = lab("hosts that tag")
local s = net.switch("s")
local a, b, c = net.host("a", s, { tag = 9 }), net.host("b", s, { tag = 9 }), net.station("c", s, { tag = 9 })
net.test("ping", function(t)
  t.expect(a:ping(b, { within = "5s" }).received, "==", 1)
  t.expect(c:ping(a, { within = "5s" }).received, "==", 1)
  t.expect(a:tcp(c, { bytes = "100kB" }).bytes, "==", "100kB")
end)
EOF

# ---- proc ----
check "proc: all that a scenario asks" passes "$tmp/all.lua" proc
check "proc: cables join anything" passes tests/scenarios/joins.lua proc
check "proc: nothing is left of it" nothing_left
check "proc: dw-lab killed with -9 leaves nothing" killed "$tmp/wait-proc.lua" proc KILL 137
check "proc: Ctrl-C ends by that signal and leaves nothing" killed "$tmp/wait-proc.lua" proc INT 130
check "proc: SIGTERM likewise" killed "$tmp/wait-proc.lua" proc TERM 143
check "proc: the keeper killed: said, exit 3, no process left" keeper_killed "$tmp/wait-proc.lua" proc
check "proc: both killed: no process left, the folder is swept by the next lab" both_killed "$tmp/wait-proc.lua" proc
check "proc: a switch that dies by itself ends the run with its name" switch_dies "$tmp/wait-proc.lua" proc

# ---- ns ----
if ! lab run "$tmp/small.lua" --backend ns >"$tmp/probe" 2>&1 && grep -q "SKIP\|not available\|refused" "$tmp/probe"; then
  skip "ns" "$(tail -n 1 "$tmp/probe")"
  plan
  exit 0
fi
check "ns: all that a scenario asks" passes "$tmp/all.lua" ns
check "ns: cables join anything" passes tests/scenarios/joins.lua ns
check "ns: nothing is left of it" nothing_left
kernel_tcp() { passes tests/scenarios/shares.lua ns --only "*kernel sends*"; }
check "ns: a station's TCP and the kernel's fill a slow cable, either way" kernel_tcp
check "ns: a kernel finds a station by IPv6" passes tests/scenarios/ipv6.lua ns
veth_passes() { DRAHTWERK_HOST_LINK=veth passes "$tmp/all.lua" ns; }
check "ns: the same over veth pairs" veth_passes
check "ns: hosts on a VLAN (skipped inside where the kernel has none)" passes "$tmp/vlan.lua" ns
check "ns: dw-lab killed with -9 leaves nothing, not even what hid" killed "$tmp/wait.lua" ns KILL 137
check "ns: Ctrl-C ends by that signal and leaves nothing" killed "$tmp/wait.lua" ns INT 130
check "ns: the keeper killed: said, exit 3, no process left" keeper_killed "$tmp/wait.lua" ns
check "ns: both killed: no process left, the folder is swept by the next lab" both_killed "$tmp/wait.lua" ns
check "ns: a switch that dies by itself ends the run with its name" switch_dies "$tmp/wait.lua" ns

refused_in_words() {
  XDG_RUNTIME_DIR=$run unshare -Ur sh -c 'echo 0 >/proc/sys/user/max_user_namespaces && exec "$@"' - \
    "$BIN/dw-lab" run "$tmp/small.lua" --backend ns >"$tmp/said" 2>&1
  grep -q "max_user_namespaces" "$tmp/said" || { cat "$tmp/said"; return 1; }
  nothing_left
}
need "ns: no user namespaces: what is missing is named" unshare &&
  check "ns: no user namespaces: what is missing is named" refused_in_words

as_nobody() {
  local dir=$tmp/nobody
  chmod 711 "$tmp"
  mkdir -p "$dir" && cp "$tmp/all.lua" "$dir" && cp -r "$BIN" "$dir/bin" && chown -R 65534:65534 "$dir" && chmod 700 "$dir"
  (cd "$dir" && setpriv --reuid=65534 --regid=65534 --clear-groups env HOME="$dir" XDG_RUNTIME_DIR="$dir" \
    bin/dw-lab run all.lua --backend ns) >"$tmp/said" 2>&1 || { cat "$tmp/said"; return 1; }
  within 20 test -z "$(ls "$dir/drahtwerk")"
}
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
  check "ns: for a user without any privilege" as_nobody
fi
plan
