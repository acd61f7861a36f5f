#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# lab_up.sh - labs that stay: built, listed, spoken to, entered, captured, saved and ended, as this user and
# as one without any privilege; killed, they leave nothing.
cd "$(dirname "$0")/../.." || exit 3
. tests/interop/lib.bash
# A folder that anybody may pass, so that another user can use a copy of the programs.
chmod 755 "$tmp"
export XDG_RUNTIME_DIR=$tmp/run
mkdir -m 700 "$XDG_RUNTIME_DIR"
lab=$(realpath "$BIN/dw-lab")
backend=$("$lab" doctor --best)
[ "$backend" != sim ] || { skip "labs that stay" "neither processes nor namespaces on this machine"; plan; exit 0; }

down_all() { local l; for l in "$XDG_RUNTIME_DIR"/drahtwerk/*/; do [ -d "$l" ] && "$lab" down -l "$(basename "$l")"; done; cleanup; }
trap down_all EXIT

cat >"$tmp/duo.lua" <<'END'
local net = lab("two switches")
local s1, s2 = net.switch("s1", { rstp = true }), net.switch("s2", { rstp = true })
net.cable(s1, s2, { delay = "1ms", ab = { rate = "10Mbit" } })
local a, b = net.host("a", s1), net.station("b", s2)
net.cable(s1, s2, { name = "spare" })
local c = net.host("c", s2, { port = { vlan = 20 } })
net.cable(s2, net.station("d"), { delay = "2ms" })
END
says() { # says CODE PATTERN ARG...: exit code, and a line of stdout or stderr like PATTERN
  local code=$1 pattern=$2
  shift 2
  is_code "$code" "$lab" "$@" || return 1
  grep -qE -- "$pattern" "$tmp/said" || { cat "$tmp/said"; return 1; }
}
dir=$XDG_RUNTIME_DIR/drahtwerk/duo
empty() { [ -z "$(ls -A "$XDG_RUNTIME_DIR/drahtwerk")" ]; }

# ---- what is there, and what is not ----
check "nothing is up" says 1 'no lab is up' down
check "a lab that cannot be read is misuse" says 2 'none.lua: No such file' up none.lua
check "a scenario with an error is not built" says 2 'syntax.lua:' up tests/scenarios/bad/syntax.lua
check "a name is checked" says 2 'is no name' up --name 'a b' "$tmp/duo.lua"
check "a name too long for its sockets is refused" says 2 'too long' up --name "$(printf 'x%.0s' {1..60})" "$tmp/duo.lua"
check "up returns when it stands" says 0 '^duo: up on .* \(switches 2, cables 3, ends 4\) in ' up "$tmp/duo.lua"
check "two labs of one name say so" says 1 'called duo is up already' up "$tmp/duo.lua"
check "ps lists nodes and cables" says 0 '^spare +cable +up +[0-9]+  s1 port 3 to s2 port 3$' ps
check "ps --json is one object" says 0 '^\{"labs":\[\{"lab":"duo".*"cables":.*\]\}$' ps --json
check "path is what others plug into" says 0 "^$dir/s1\$" path s1
check "a station has no such path" says 1 'b is a station' path b
check "ctl speaks to a switch" says 0 '^vlan|^Port 0001' ctl s1 port/print
check "ctl speaks to a cable" says 0 'delay="1ms"' ctl s1--s2 config/show
check "ctl gives the switch's own refusal" says 1 'Function not implemented' ctl s1 no/such
check "an unknown name gets the nearest" says 1 'did you mean spare' ctl spar stats
plugged() { timeout 60 "$BIN/dw-plug" "$("$lab" path s2)" = true; }
check "a plug finds a switch by its path" plugged
check "the console finds it by its name" eval '"$BIN/dw-console" duo --once >"$tmp/said" && grep -q "^s2 " "$tmp/said"'

# ---- inside ----
if [ "$backend" = ns ] && need "exec runs on a host" ping ip; then
  check "exec gives the program's exit code" is_code 7 "$lab" exec a -- sh -c 'exit 7'
  check "exec is in the host's network" says 0 'eth0 .*10\.0\.0\.1/' exec a ip -br addr
  check "exec keeps our folder" eval '(cd "$tmp" && [ "$("$lab" exec a pwd)" = "$tmp" ])'
  check "hosts reach stations" within 60 says 0 ' 1 received' exec a -- ping -c1 -W2 10.0.0.2
  check "VLANs are apart" says 1 ' 0 received' exec c -- ping -c1 -W1 10.0.0.2
  check "a program that is not there is 127" is_code 127 "$lab" exec a no-such-program
  check "shell runs a shell there" eval 'echo "ip -br addr; exit 3" | SHELL=/bin/sh "$lab" shell a >"$tmp/said"; [ $? = 3 ] && grep -q 10.0.0.1 "$tmp/said"'
  check "exec is for hosts" says 1 'b is a station' exec b true
  captured() {
    "$lab" capture s1--s2 >"$tmp/cap" 2>"$tmp/cap.err" &
    local pid=$!
    pids+=("$pid")
    within 20 eval '"$lab" ctl s1--s2 capture/list | grep -q .' || return 1
    "$lab" exec a -- ping -c2 -i0.2 -W10 10.0.0.2 >/dev/null
    within 20 eval 'grep -c "" "$tmp/cap" >/dev/null && [ "$(stat -c %s "$tmp/cap")" -gt 300 ]'
    local code=$?
    stop "$pid"
    return "$code"
  }
  check "capture writes what crosses a cable" captured
  if need "tshark reads the capture" tshark; then
    check "tshark reads the capture" eval '[ "$(tshark -r "$tmp/cap" -Y icmp 2>/dev/null | wc -l)" -ge 2 ]'
  fi
fi

# ---- changed, saved, and made again ----
"$BIN/dw-switch" -s "$tmp/outside" --nostdin --ready-fd 9 9>"$tmp/clock" &
pids+=($!)
within 20 test -S "$tmp/outside/ctl"
check "attach plugs something in" says 0 '^4$' attach out s1 "$tmp/outside"
check "attach wants a free name" says 1 'out: the name is taken' attach out s1 "$tmp/outside"
check "attach wants a switch" says 1 'b is a station' attach out2 b "$tmp/outside"
check "ps shows it" says 0 '^out +attachment .* s1 port 4' ps
"$lab" ctl s1--s2 set ba.delay=3ms
"$lab" ctl s2 vlan/create 30
check "save writes Lua" is_code 0 "$lab" save "$tmp/saved.lua"
check "what was changed is in it" grep -q 'ba = { delay = "3ms" }' "$tmp/saved.lua"
check "down takes all of it away" eval '"$lab" down && empty'
again() { "$lab" up --name again "$tmp/saved.lua" && "$lab" save - | diff "$tmp/saved.lua" -; }
check "what was saved can be made again, and says the same" again
check "with two labs -l chooses" eval '"$lab" up "$tmp/duo.lua" && says 2 "which lab\? again, duo" path s1 && says 0 "again/s1" path -l again s1'
"$lab" down -l duo
"$lab" down
sed -i '/net.attach/d; /port\/set 4 name=out/d' "$tmp/saved.lua"
check "and runs in virtual time" says 0 '^ok 1 - every cable is plugged in' run "$tmp/saved.lua"

# ---- what dies ----
"$lab" up "$tmp/duo.lua" >/dev/null
pid_of() { "$lab" ps --json | grep -oE "$1" | grep -oE '[0-9]+$'; }
kill -9 "$(pid_of '"name":"s2","kind":"switch","state":"up","pid":[0-9]+')"
check "a switch that was killed is down, the lab stays" within 20 says 0 '^s2 +switch +down' ps
check "commands to it say so" says 1 's2 is down' ctl s2 port/print
check "power gives it back" eval '"$lab" power s2 restart && within 20 says 0 "^s2 +switch +up" ps'
check "with all that was plugged in" within 20 eval '"$lab" ctl s2 port/print | grep -c "endpoint ID" | grep -qx 5'
check "power has four words" says 1 'did you mean resume' power s2 resme
check "and is for switches" says 1 'b is a station' power b kill
server=$(pid_of '"backend":"[a-z]*","pid":[0-9]+')
keeper=$(pgrep -P "$server")
kill -9 "$server"
check "a lab whose process is killed leaves nothing" within 20 empty
check "its keeper ends" within 20 ended "$keeper"
"$lab" up "$tmp/duo.lua" >/dev/null
server=$(pid_of '"backend":"[a-z]*","pid":[0-9]+')
kill -9 "$(pgrep -P "$server")"
check "a lab whose keeper is killed leaves nothing" within 20 empty
check "and its process ends" within 20 ended "$server"
held() { # who reads what dw-lab up prints sees its end while the lab stays
  timeout 60 cat < <("$lab" up "$tmp/duo.lua" 2>&1) >/dev/null && "$lab" down
}
check "up lets go of its caller's pipes" held

# ---- without any privilege ----
words="a user without privileges has a lab of its own"
if [ "$(id -u)" != 0 ]; then
  skip "$words" "not root: all above was without privileges"
elif need "$words" setpriv; then
  mkdir -m 755 "$tmp/bin" && cp "$BIN"/dw-{lab,ctl,switch,cable} "$tmp/bin" && chmod 644 "$tmp/duo.lua"
  mkdir -m 700 "$tmp/nobody" && chown 65534:65534 "$tmp/nobody"
  as_nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups env -u XDG_RUNTIME_DIR HOME=/ "$@"; }
  mine() {
    as_nobody XDG_RUNTIME_DIR="$tmp/nobody" "$tmp/bin/dw-lab" "$@"
  }
  theirs() {
    local best
    best=$(mine doctor --best)
    mine up "$tmp/duo.lua" || return 1
    "$lab" ps | grep -q . && { echo "root sees it"; return 1; }
    mine ps && mine ctl s1 showinfo && { [ "$best" != ns ] || mine exec a -- sh -c 'exit 0'; } && mine down
  }
  check "$words" theirs
  unset_dir() { # no XDG_RUNTIME_DIR: /tmp/drahtwerk-UID
    as_nobody "$tmp/bin/dw-lab" up --name "t$$" "$tmp/duo.lua" | grep -q "in /tmp/drahtwerk-65534/t$$\$" &&
      as_nobody "$tmp/bin/dw-lab" down -l "t$$"
  }
  check "without XDG_RUNTIME_DIR it is in /tmp" unset_dir
  rmdir /tmp/drahtwerk-65534 2>/dev/null
fi
plan
