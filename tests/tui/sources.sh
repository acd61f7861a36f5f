#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# sources.sh - dw-console and whom it talks to: labs found by their folders, live frames, VDE's own server,
# servers that misbehave, and very large ones.
cd "$(dirname "$0")/../.." || exit 3
. tests/interop/lib.bash
. tests/tui/lib.bash
command -v tmux >/dev/null || { echo "1..0 # SKIP tmux is missing: apt-get install tmux"; exit 0; }

console=$BIN/dw-console
once() { COLUMNS=120 LINES=20 "$console" --once "$@" >"$tmp/once" 2>"$tmp/words"; }
once_shows() { # once_shows PATTERN ARG...
  local pattern=$1
  shift
  once "$@"
  grep -qE -- "$pattern" "$tmp/once" || { cat "$tmp/once" "$tmp/words"; return 1; }
}

# ---- words on the command line, and discovery ----
switch s1 -n 8
export XDG_RUNTIME_DIR=$tmp/run
mkdir -p "$tmp/run/drahtwerk/demo" "$tmp/run/drahtwerk/other"
chmod 700 "$tmp/run" "$tmp/run/drahtwerk"
ln -s "$tmp/s1.mgmt" "$tmp/run/drahtwerk/demo/s1.mgmt"
ln -s "$tmp/s1.mgmt" "$tmp/run/drahtwerk/other/s1.mgmt"
check "without words every lab that runs is found" once_shows ' 2 sources'
check "equal names are told apart by their labs" once_shows '^other/s1 ' --page lab
check "a lab by name" once_shows ' 1 source$' demo
check "a socket by path" once_shows '^s1 +switch +up|^s1 .* switch +up' --page lab "$tmp/s1.mgmt"
check "a lab that does not run: exit 1" is_code 1 "$console" --once nosuch
check "a socket that is not there: exit 1, and shown as dead" is_code 1 once "$tmp/none.mgmt"
check "its line says why" once_shows 'none .*dead.*No such file' --page lab "$tmp/none.mgmt"
check "a page that is none: exit 2 and the pages" is_code 2 "$console" --once --page wire --page nosuch
check "a delay without unit: exit 2" is_code 2 "$console" --delay 100
check "json holds the model" bash -c "'$console' --json '$tmp/s1.mgmt' | grep -q '\"source\":\"s1\".*\"kind\":\"switch\",\"state\":\"up\"'"
valid() { "$console" --json "$tmp/s1.mgmt" | jq -e '.sources[0].ports | type == "array"' >/dev/null; }
if need "json is JSON" jq; then check "json is JSON" valid; fi
once_narrow() { COLUMNS=40 LINES=8 "$console" --once "$tmp/s1.mgmt" >"$tmp/once" && [ "$(wc -l <"$tmp/once")" = 8 ] && ! grep -q '.\{41\}' "$tmp/once"; }
check "--once keeps to COLUMNS and LINES" once_narrow
terminal 80 24 "$console"
check "a lab that comes up later is found" shows ' 2 sources'
mkdir "$tmp/run/drahtwerk/late"
ln -s "$tmp/s1.mgmt" "$tmp/run/drahtwerk/late/s9.mgmt"
check "within a second or two" shows ' 3 sources'
keys q
unset XDG_RUNTIME_DIR

# ---- frames ----
"$BIN/dw-cable" --name w --loss 50% -M "$tmp/w.mgmt" "$tmp/s1" cmd://cat 2>"$tmp/w.log" &
pids+=("$!")
within 10 has_endpoints s1 1
terminal 120 20 "$console" --page wires "$tmp/s1.mgmt" "$tmp/w.mgmt"
shows '^w +a→b' >/dev/null
pump() { "$TOOLS/framegen" -n 200 -p 200 | "$BIN/dw-plug" "$tmp/s1" >/dev/null 2>&1; }
if "$BIN/dw-ctl" "$tmp/w.mgmt" help capture 2>/dev/null | grep -q capture/start; then
  keys Enter
  check "Enter on a wire shows its frames" shows 'no frame has passed yet|type 0x'
  pump &
  pids+=("$!")
  check "live, one line each" shows ' type 0x[0-9a-f]{4}'
  check "lost ones with the reason" shows 'lost \(loss\): type 0x'
  check "x stops it" do_keys 'stopped' x
  running() { [ "$("$BIN/dw-ctl" -j "$tmp/w.mgmt" capture/list)" != '{"captures":[]}' ]; }
  ended_there() { ! running; }
  check "and the capture in the wire ends" within 10 ended_there
else
  skip "frames of a wire" "this dw-cable has no capture/ commands"
fi
keys q
terminal 120 20 "$console" "$tmp/s1.mgmt"
shows '^s1 +1 ' >/dev/null
if "$BIN/dw-ctl" "$tmp/s1.mgmt" help capture | grep -q capture/start; then
  keys Enter
  shows 's1 1: 0 frames|no frame' >/dev/null
  pump &
  pids+=("$!")
  check "frames of a port, with their way" shows ' [→←] .* type 0x'
else
  skip "frames of a port" "this dw-switch has no capture/ commands"
fi
# a Wireshark that only takes what it is given
mkdir "$tmp/bin"
printf '#!/bin/sh\necho "$@" >%s/shark.args\nexec cat >%s/shark.pcapng\n' "$tmp" "$tmp" >"$tmp/bin/wireshark"
chmod +x "$tmp/bin/wireshark"
keys q
tui_env="PATH=$tmp/bin:$PATH"
terminal 120 20 "$console" "$tmp/s1.mgmt"
tui_env=""
shows '^s1 +1 ' >/dev/null
if "$BIN/dw-ctl" "$tmp/s1.mgmt" help capture | grep -q capture/start; then
  check "P starts Wireshark" do_keys 'Wireshark is on its way' P
  pump &
  pids+=("$!")
  filled() { [ "$(stat -c %s "$tmp/shark.pcapng" 2>/dev/null || echo 0)" -gt 500 ]; }
  check "which gets the frames" within 10 filled
  magic() { [ "$(od -An -tx4 -N4 "$tmp/shark.pcapng" | tr -d ' ')" = 0a0d0d0a ] && grep -qx -- '-k -i -' "$tmp/shark.args"; }
  check "as pcapng" magic
  keys z Enter
  check "z ends captures" do_keys 'capture/stop all: done' y
  keys p
  shows 'capture to .*s1-1.pcapng' >/dev/null
  keys Enter
  check "p captures to a file" do_keys 'capture/start 1 .*: done|s1: capture/start' y
  there() { [ -s "$tmp/s1-1.pcapng" ]; }
  check "in the folder of the console" within 10 there
else
  skip "captures" "this dw-switch has no capture/ commands"
fi
keys q

# ---- VDE's own ----
if need "VDE's own switch is a source" vde_switch; then
  peer vde_switch vde_switch -s "$tmp/vde" -M "$tmp/vde.mgmt"
  there() { [ -S "$tmp/vde.mgmt" ]; }
  within 10 there
  terminal 100 20 "$console" --page lab "$tmp/vde.mgmt"
  check "VDE's own switch is a source that speaks no JSON" shows '^vde +vde +up'
  keys :
  words "port/pr"
  check "its commands complete" do_keys 'vde: port/print$' Tab
  keys Enter
  check "they are asked about, since it does not tell what writes" shows 'port/print ?[?] y or n'
  check "and answered" do_keys 'vde: port/print ?: done' y
  keys q
fi

# ---- servers that misbehave ----
for mode in mute noise vanish slow lies evil flood; do
  "$TOOLS/mgmt_bad" "$tmp/$mode.mgmt" $mode 2>"$tmp/$mode.log" &
  pids+=("$!")
done
bad_there() { [ -S "$tmp/flood.mgmt" ] && [ -S "$tmp/mute.mgmt" ]; }
within 5 bad_there
terminal 120 24 "$console" --page lab "$tmp"/{mute,noise,vanish,slow,lies,evil,flood,s1}.mgmt
check "good ones are up beside bad ones" shows '^s1 +switch +up'
check "one that hangs up is dead" shows '^vanish .* dead'
check "one that only makes noise is dead" shows '^noise .* dead .*no welcome'
check "one that lies is dead" shows '^lies .* dead .*makes no sense'
check "one that says nothing is slow, then dead" shows '^mute .* (slow|dead)'
check "one that is slow comes up" shows '^slow +switch +(up|slow)'
check "one that floods is up" shows '^flood +switch +(up|slow)'
keys 1
check "names that would steer the terminal are escaped" shows '\\x1b\]0;owned|\\x1b\]'
whole() { # the frame stands where it should, whatever came
  screen | sed -n 1p | grep -q '^1 ports  2 addresses' && screen | tail -n 1 | grep -q 'help'
}
check "and the screen is whole" within 5 whole
title() { ! tm display-message -p '#{pane_title}' | grep -q owned; }
check "the terminal has not been renamed" title
keys 5
check "a flood of events is shown, escaped" shows 'flood .*port.up'
keys Space
check "keys are taken meanwhile" shows 'paused'
check "other pages too" do_keys '^switch +vlan' 2
keys q
check "and it ends clean" ended_clean 0
plan
