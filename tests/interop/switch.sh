#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# switch.sh - dw-switch in the place of vde_switch: Debian's own clients plug in, terminals talk to it,
# and whatever a peer does wrong costs the others nothing.
cd "$(dirname "$0")/../.." || exit 3
. tests/interop/lib.bash

# ---- frames ----
switch a
a=$last
if need "vde_plug to vde_plug through dw-switch" vde_plug; then
  peer p1 vde_plug "vde://$tmp/a"
  within 5 has_endpoints a 1 # so that p1 is on port 1
  peer p2 vde_plug "$tmp/a"
  within 5 has_endpoints a 2
  check "vde_plug to vde_plug through dw-switch" frames p1 p2 200 -s 02:00:00:00:00:01
  check "and back, to a learned address" frames p2 p1 200 -s 02:00:00:00:00:02 -d 02:00:00:00:00:01
  check "frames of 9216 bytes cross whole" frames p1 p2 20 -l 9216 -s 02:00:00:00:00:01
  check "frames of 22 bytes cross without padding" frames p1 p2 20 -l 22 -s 02:00:00:00:00:01
  check "tagged frames cross a port without VLANs" frames p1 p2 20 -t 42 -s 02:00:00:00:00:01
  check "hash/find names the port" grep -q 'to port: 002 ' <(ask a hash/find 02:00:00:00:00:02)
  peer p3 vde_plug "vde://$tmp/a[7]"
  within 5 has_endpoints a 3
  check "a plug asks for its port by number" grep -q '^Port 0007 .* ACTIVE' <(ask a port/print 7)
  peer p4 vde_plug "vde://$tmp/a[7]"
  within 5 has_endpoints a 4
  both() { frames p1 p3 50 -s 02:00:00:00:00:01 && "$TOOLS/frameck" -n 50 -f "$first" -T 10 <"$tmp/p4.out"; }
  check "two endpoints of one port both get its frames" both
  apart() { # p3 is heard by p2; then p4 gets what p1 says and nothing else has come to it before
    frames p3 p2 5 -s 02:00:00:00:00:03 || return 1
    frames p1 p4 5 -s 02:00:00:00:00:01 >"$tmp/heard" || return 1
    grep ' other=0 ' "$tmp/heard"
  }
  check "frames between endpoints of one port are not relayed" apart
  stop "$last"
  within 5 has_endpoints a 3
  check "the one that stays goes on" frames p1 p3 20 -s 02:00:00:00:00:01
fi

if need "dw-plug in both places" "$BIN/dw-plug"; then
  peer p5 "$BIN/dw-plug" "$tmp/a"
  p5=$last
  peer p6 "$BIN/dw-plug" "$tmp/a,port=9,descr=lab nine"
  within 5 has_endpoints a 5
  check "dw-plug to dw-plug through dw-switch" frames p5 p6 100
  check "who has nothing to do sleeps" idles "$a" "$p5" "$last"
  check "port= and descr= of a locator reach the switch" grep -q 'unix prog   : lab nine' <(ask a port/print 9)
  peer p7 "$BIN/dw-plug" "$tmp/a,port=12"
  within 5 has_endpoints a 6
  ask a mirror/add 9 12 in filter vlan 7 and ether src 02:00:00:00:00:61 >/dev/null
  filtered() { # of ten frames five, and nothing else
    "$TOOLS/framegen" -n 5 -f 800 -p 100 -t 7 -s 02:00:00:00:00:62 >"$tmp/p6.in"
    frames p6 p7 5 -t 7 -s 02:00:00:00:00:61 >"$tmp/heard" || return 1
    grep ' other=0 ' "$tmp/heard"
  }
  check "a mirror with a filter copies what it matches" filtered
  ask a mirror/del 1 >/dev/null
  stop "$last"
  within 5 has_endpoints a 5
  if need "dw-plug to dw-plug through Debian's vde_switch" vde_switch; then
    mkfifo "$tmp/hold"
    exec 7<>"$tmp/hold"
    vde_switch -s "$tmp/vde" -M "$tmp/vde.mgmt" <"$tmp/hold" >/dev/null 2>&1 7>&- &
    pids+=($!)
    within 5 test -S "$tmp/vde.mgmt"
    peer v1 "$BIN/dw-plug" "$tmp/vde"
    peer v2 "$BIN/dw-plug" "$tmp/vde"
    within 5 has_endpoints vde 2
    check "dw-plug to dw-plug through Debian's vde_switch" frames v1 v2 100
    check "and back" frames v2 v1 100
  fi
fi

# ---- taps and namespaces ----
alone=(unshare -rn)
[ "$(id -u)" = 0 ] && alone=(unshare -n)
tap_carries() { # the kernel asks for 10.9.9.2 on the tap; the plug hears a broadcast
  "${alone[@]}" bash -c '
    . tests/interop/lib.bash
    switch t -t dwt0 || exit 1
    ip addr add 10.9.9.1/24 dev dwt0 && ip link set dwt0 up || exit 1
    peer p "$BIN/dw-plug" "$tmp/t"
    within 5 has_endpoints t 2
    ping -c 1 -W 1 10.9.9.2 >/dev/null
    timeout 5 grep -q -m 1 -a "dwt0" <(ask t port/print 1) || exit 1
    head -c 2 "$tmp/p.out" >/dev/null
    ask t port/down 1 && grep -q NO-CARRIER <(ip link show dwt0) || exit 1
    ask t port/up 1 && within 5 grep -q LOWER_UP <(ip link show dwt0)'
}
if ! "${alone[@]}" true 2>/dev/null || ! [ -c /dev/net/tun ]; then
  skip "a tap carries frames and loses its carrier with port/down" "no network namespaces or no /dev/net/tun here"
elif need "a tap carries frames and loses its carrier with port/down" ip ping; then
  check "a tap carries frames and loses its carrier with port/down" tap_carries
fi

vdens_pings() {
  switch u
  mkfifo "$tmp/u.hold" && exec 8<>"$tmp/u.hold"
  vdens "vde://$tmp/u" sh -c "ip addr add 10.7.0.1/24 dev vde0; ip link set vde0 up; read -r _" <"$tmp/u.hold" 8>&- &
  pids+=($!)
  within 5 has_endpoints u 1
  timeout 20 vdens "vde://$tmp/u" sh -c 'ip addr add 10.7.0.2/24 dev vde0; ip link set vde0 up
    ping -c 1 -w 10 10.7.0.1' | grep ' 0% packet loss' # vdens does not always hand on the exit code
}
if need "two vdens namespaces ping through dw-switch" vdens ip ping; then
  if vdens no true 2>/dev/null; then
    check "two vdens namespaces ping through dw-switch" vdens_pings
  else
    skip "two vdens namespaces ping through dw-switch" "no user namespaces here"
  fi
fi

# ---- refusals and abuse ----
poke() { "$TOOLS/vdepoke" "$tmp/$1" "$2" "${3:-1}" </dev/null; }
is() { [ "$1" = "$2" ] || { echo "'$1' is not '$2'"; return 1; }; }
check "a v1 request is answered" grep -q "^answer $tmp/a/" <(poke a v1)
check "an abstract client socket is answered" grep -q "^answer $tmp/a/" <(poke a abstract)
check "port 0 is given to who asks for it" grep -q "^answer $tmp/a/000\." <(poke a v3:0)
check "a port beyond the last sees end of file at once" is "$(poke a v3:99)" eof
for how in v0 v2 garbage; do
  check "a request that is $how sees end of file" is "$(poke a $how)" eof
done
count=$(endpoints a)
check "ports came and went" within 5 has_endpoints a "$count"
fds() { ls "/proc/$a/fd" | wc -l; }
before=$(fds)
same_fds() { is "$(fds)" "$before"; }
for how in silent garbage short gone v3; do
  poke a "$how" 1000 >/dev/null
  check "a thousand clients that are '$how' cost no descriptor" within 10 same_fds
done
"$TOOLS/vdepoke" -s "$tmp/a" v3 1000 </dev/null >/dev/null
check "a thousand that are plugged in, speak and never read neither" within 10 same_fds
mkdir "$tmp/mgmt" && ln -s "$tmp/a.mgmt" "$tmp/mgmt/ctl" # the same clients at the management socket
for how in silent garbage short gone v3 deaf torn; do
  poke mgmt $how 1000 >/dev/null
  check "nor do a thousand management sessions that are '$how'" within 10 same_fds
done
check "and the next one is answered" ask a showinfo
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
  chmod 755 "$tmp"
  switch open -m 666 --dirmode 777
  ask open port/create 6 >/dev/null
  ask open port/setuser 6 root >/dev/null
  ask open port/create 5 >/dev/null
  ask open port/setuser 5 nobody >/dev/null
  as_nobody() { setpriv --reuid nobody --regid nogroup --clear-groups "$@" </dev/null; }
  cp "$TOOLS/vdepoke" "$tmp/vdepoke"
  check "a user who may not use a port sees end of file" is "$(as_nobody "$tmp/vdepoke" "$tmp/open" v3:6)" eof
  check "the user it belongs to gets it" grep -q '^answer' <(as_nobody "$tmp/vdepoke" "$tmp/open" v3:5)
  stop "$last"
else
  skip "a user who may not use a port sees end of file" "needs root and setpriv"
fi

# ---- management ----
showinfo() { grep -q "^1000 Success" "$1" && grep -q "^VDE switch V\." "$1"; }
if need "unixterm holds a session" unixterm; then
  peer term unixterm "$tmp/a.mgmt"
  echo showinfo >"$tmp/term.in"
  timeout 10 sed '/^1000 Success/q' <"$tmp/term.out" >"$tmp/term.txt"
  check "unixterm holds a session" showinfo "$tmp/term.txt"
fi
if need "vdeterm holds a session" vdeterm script; then
  peer vdeterm script -qec "vdeterm $tmp/a.mgmt" /dev/null
  read -r -d : -t 10 _ <"$tmp/vdeterm.out" # its prompt
  echo showinfo >"$tmp/vdeterm.in"
  timeout 10 sed '/Success/q' <"$tmp/vdeterm.out" >"$tmp/vdeterm.txt"
  check "vdeterm reads help, sends a command without newline, shows the answer" grep -q "VDE switch V\." "$tmp/vdeterm.txt"
fi
if need "unixcmd brings an answer" unixcmd && [ -r /etc/vde2/vdecmd ]; then
  check "unixcmd brings an answer" grep -q "^Numports=32" <(unixcmd -s "$tmp/a.mgmt" -f /etc/vde2/vdecmd port/showinfo)
fi
printf 'port/showinfo\nnosuch\nshowinfo\n' | "$TOOLS/vdesay" -b "$tmp/a.mgmt" >"$tmp/burst"
check "three commands in one write are three commands" is "$(grep -c -e '1000 Success' -e '1038 ' "$tmp/burst")" 3
printf 'port/showinfo\nshowinfo\n' | "$TOOLS/vdesay" -n "$tmp/a.mgmt" >"$tmp/bare"
check "commands without a newline run" is "$(grep -c '^1000 Success' "$tmp/bare")" 2

events() { # what a session that asked for them hears of one plug
  peer dbg "$TOOLS/vdesay" "$tmp/a.mgmt"
  echo debug/add >"$tmp/dbg.in"
  timeout 10 sed '/^1000 Success/q' <"$tmp/dbg.out" >/dev/null
  "$TOOLS/vdepoke" -s "$tmp/a" v3:21 </dev/null >/dev/null
  within 5 grep -q INACTIVE <(ask a port/allprint 21)
  echo nosuch >"$tmp/dbg.in"
  timeout 10 sed '/1038 /q' <"$tmp/dbg.out" | sed -E 's/FD +[0-9]+/FD N/' | grep ^3 >"$tmp/events"
  diff "$tmp/events" - <<'END'
3021 port/+ 21
3031 port/ep/+ Port 21 FD N
3023 port/descr Port 21 FD N -> "vdepoke"
3011 hash/+ 02:00:00:00:00:15 VLAN 00:00 Port 21
3032 port/ep/- Port 21 FD N
3022 port/- 21
END
}
check "debug/add brings VDE's lines of a plug" events

# ---- changes beside a stream ----
if need "a stream through ports that nobody touches" "$BIN/dw-plug"; then
  switch quiet -n 40
  peer q5 "$BIN/dw-plug" "$tmp/quiet,port=5"
  peer q6 "$BIN/dw-plug" "$tmp/quiet,port=6"
  within 5 has_endpoints quiet 2
  ask quiet config/save "$tmp/quiet.conf" >/dev/null
  change() { # every kind of setting, and whole configurations, over and over
    local i=1
    while [ -e "$tmp/streams" ]; do
      i=$((i + 1))
      printf '%s\n' "port/set 10-20 trunk=$i,9" "vlan/fid 9 $i" "vepa/uplink 9" "vepa/mode vepa vlan 9" "mirror/add 10 11" \
        "port/set 12 mode=hybrid pvid=9 untagged=9" "switch/set age=${i}s drop-alarm=$i" "fdb/add 02:00:00:00:00:aa 9 10" \
        "fdb/flush port 12" "port/down 13" "port/up 13" "rstp/set hello=1s" "config/load $tmp/quiet.conf"
    done | "$TOOLS/vdesay" "$tmp/quiet.mgmt" >"$tmp/changes"
  }
  undisturbed() {
    touch "$tmp/streams"
    change &
    local changes=$!
    frames q5 q6 3000 -s 02:00:00:00:00:05
    local code=$?
    rm "$tmp/streams"
    wait "$changes"
    [ "$code" = 0 ] && [ "$(grep -c '^1000 Success' "$tmp/changes")" -gt 26 ] && ! grep '^1[^0]\|^10[^0]' "$tmp/changes"
  }
  check "a stream through ports that nobody touches is whole while all else changes" undisturbed
fi

# ---- two switches ----
if need "frames cross two switches joined by dpipe" dpipe vde_plug; then
  switch b
  peer q1 vde_plug "$tmp/b"
  dpipe vde_plug "$tmp/a" = vde_plug "$tmp/b" &
  pids+=($!)
  within 5 has_endpoints b 2
  check "frames cross two switches joined by dpipe vde_plug = vde_plug" frames p1 q1 100 -s 02:00:00:00:00:01
  check "and back" frames q1 p1 100 -s 02:00:00:00:00:09
fi
switch c --plug "$tmp/b,name=up"
within 5 has_endpoints b 3
check "--plug with a port key joins two of ours" grep -q '^Port 0001' <(ask c port/print up)

# ---- its own life ----
stop "$a"
gone() {
  local f
  for f; do [ ! -e "$f" ] || { ls -la "$f"; return 1; }; done
}
check "SIGTERM leaves neither directory nor management socket" gone "$tmp/a" "$tmp/a.mgmt"
switch hup
kill -HUP "$last"
wait "$last" 2>/dev/null
check "nor does a terminal that hangs up" gone "$tmp/hup" "$tmp/hup.mgmt"
trap '' HUP
switch nohup
trap - HUP
kill -HUP "$last"
check "under nohup it stays" ask nohup showinfo
stop "$last"
switch d
mkfifo "$tmp/d.hold" && exec 9<>"$tmp/d.hold"
"$TOOLS/vdepoke" "$tmp/d" v3 3 <"$tmp/d.hold" >/dev/null 9>&- &
pids+=($!)
within 5 has_endpoints d 3
kill -9 "$last"
wait "$last" 2>/dev/null
check "kill -9 leaves the directory" test -S "$tmp/d/ctl"
switch d
d=$last
check "a new one takes it over" grep -q '^answer' <(poke d v3)
check "a second one on a living directory ends with 3" is_code 3 "$BIN/dw-switch" -s "$tmp/d" --nostdin
check "and takes nothing away" grep -q '^answer' <(poke d v3)
stop "$d"
check "and leaves nothing of the dead one behind either" gone "$tmp/d" "$tmp/d.mgmt"
daemon_lives() {
  (cd "$tmp" && "$BIN/dw-switch" -d -s e -M e.mgmt -p e.pid </dev/null) || return 1
  [ -S "$tmp/e/ctl" ] && [ -S "$tmp/e.mgmt" ] && kill -0 "$(cat "$tmp/e.pid")"
}
check "-d returns when the sockets accept and the pid file is written" daemon_lives
daemon_ends() {
  local pid
  pid=$(cat "$tmp/e.pid") || return 1
  kill "$pid" && within 5 ended "$pid" && [ ! -e "$tmp/e" ] && [ ! -e "$tmp/e.mgmt" ] && [ ! -e "$tmp/e.pid" ]
}
check "and leaves nothing when it ends" daemon_ends
printf 'port/create 4\nport/create 99\n' >"$tmp/rc"
rc_refused() {
  is_code 2 "$BIN/dw-switch" -s "$tmp/f" --nostdin -f "$tmp/rc" && grep -q "rc:2: " "$tmp/said" && gone "$tmp/f"
}
check "an error in the rc file names file and line, ends with 2, starts nothing" rc_refused
check "a missing rc file ends with 2" is_code 2 "$BIN/dw-switch" -s "$tmp/f" --nostdin -f "$tmp/norc"
printf '# ports\nport/create 4\n\nport/setuser 4 root\n' >"$tmp/rc"
switch g -f "$tmp/rc"
check "an rc file without errors is run" grep -q '(User: root - Group: NONE)' <(ask g port/allprint 4)
check "config/save writes a file" ask g config/save "$tmp/saved"
switch h -f "$tmp/saved"
check "from which another switch starts alike" diff <(ask g port/allprint) <(ask h port/allprint)
[ -S "$tmp/h.mgmt" ] || cat "$tmp/h.log" "$tmp/saved"
modes() { is "$(stat -c %a "$tmp/$1") $(stat -c %a "$tmp/$1/ctl")" "$2"; }
check "modes by default" modes g "2700 600"
switch i -m 0660
check "-m alone gives the directory's mode" modes i "2770 660"
switch j --dirmode 0700
check "--dirmode alone gives the sockets'" modes j "700 600"
console() { printf 'port/showinfo\n' | "$BIN/dw-switch" -s "$tmp/k" >"$tmp/said"; }
check "the console answers and its end of file ends the switch" console
check "with the answer" grep -q '^Numports=32' "$tmp/said"
"$BIN/dw-switch" -s "$tmp/l" </dev/null 2>"$tmp/l.err" &
pids+=($!)
check "a stdin that is /dev/null does not end it" within 5 test -S "$tmp/l/ctl"

shut() {
  switch n
  echo shutdown | "$TOOLS/vdesay" "$tmp/n.mgmt" | grep -q '9999 END OF SESSION' || return 1
  wait "$last" || { cat "$tmp/n.log"; return 1; }
  gone "$tmp/n" "$tmp/n.mgmt"
}
check "shutdown ends it with 0 and leaves nothing" shut

# ---- under VDE's name ----
ln -s "$BIN/dw-switch" "$tmp/vde_switch"
check "as vde_switch: -h ends with 1" is_code 1 "$tmp/vde_switch" -h
check "-v with 0" is_code 0 "$tmp/vde_switch" -v
check "one-dash long forms and prefixes" is_code 0 "$tmp/vde_switch" -sock "$tmp/m" -hub -mod 600 -numport 4 -macaddr 00:ff:00:00:00:01 < <(:)
check "a word that is no option with 1" is_code 1 "$tmp/vde_switch" word
eof_words() { printf 'showinfo\n' | "$tmp/vde_switch" -s "$tmp/m" 2>&1 >/dev/null | grep -q '^vde_switch: EOF on stdin, cleaning up and exiting$'; }
check "the words at the end of stdin" eof_words
mkfifo "$tmp/nix.in" "$tmp/nix.out"
exec 5<>"$tmp/nix.in" 6<>"$tmp/nix.out"
"$tmp/vde_switch" --sock "$tmp/nix" --dirmode 0700 --hub <&5 >&6 5>&- 6>&- &
nix=$!
pids+=($nix)
echo showinfo >&5
check "NixOS's test driver: 1000 Success on a piped console" timeout 10 sed -n '/^1000 Success/q' <"$tmp/nix.out"
kill "$nix"
wait "$nix"
check "SIGTERM ends vde_switch with 0" is $? 0
check "no sanitizer had anything to say" is "$(cat "$tmp"/*.log | grep -cE 'Sanitizer|runtime error')" 0
plan
