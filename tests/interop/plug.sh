#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# plug.sh - dw-plug beside vde_plug: on Debian's switch and on ours, in dpipe, on taps, packet sockets,
# stream sockets and commands, and what it says when something goes wrong.
cd "$(dirname "$0")/../.." || exit 3
. tests/interop/lib.bash
plug=$BIN/dw-plug

# ---- Debian's switch ----
if need "dw-plug on vde_switch" vde_switch vde_plug; then
  peer old vde_switch -s "$tmp/old"
  old=$last
  within 10 test -S "$tmp/old/ctl"
  readied o1 "$plug" "$tmp/old"
  readied o2 "$plug" "vde://$tmp/old[5]" -D "the second"
  check "two dw-plugs on vde_switch, both ways" both_ways o1 o2 200
  check "frames of 1500 bytes" both_ways o1 o2 50 -l 1500
  peer o3 vde_plug "$tmp/old"
  said() { printf port/print >"$tmp/old.in"; grep -q -m1 'the second user=' "$tmp/old.out"; }
  check "vde_switch shows the description" within 10 said
  sockets() { [ "$(ls "$tmp/old" | wc -l)" = 4 ]; } # ctl and three plugs
  within 10 sockets
  check "dw-plug and vde_plug on one vde_switch" both_ways o1 o3 100
  stop "$old"
  check "the plug ends when its switch does" within 5 ended "$last"
  check "a switch that ends is named" within 5 grep -q 'old: the switch ended the connection' "$tmp/o1.err"
fi

# ---- our switch ----
switch a
switch b
readied p1 "$plug" "$tmp/a"
readied p2 "$plug" "$tmp/a,port=7"
check "two dw-plugs on dw-switch, both ways" both_ways p1 p2 200
check "frames of 9216 bytes" both_ways p1 p2 20 -l 9216
check "tagged frames" both_ways p1 p2 20 -t 7
check "the wanted port is the one" grep -q '^Port 0007 .* ACTIVE' <(ask a port/print 7)
if need "vde_plug and dw-plug on dw-switch" vde_plug; then
  peer p3 vde_plug "$tmp/a"
  within 5 has_endpoints a 3
  check "vde_plug and dw-plug on dw-switch" both_ways p1 p3 100
  stop "$last"
fi

readied joint "$plug" "$tmp/a" "$tmp/b"
joint=$last
readied p4 "$plug" "$tmp/b"
check "dw-plug joins two switches" both_ways p1 p4 200
stop "$joint"
nobody_joins() { within 5 has_endpoints a 2 && within 5 has_endpoints b 1; }
joins() { within 5 has_endpoints a 3 && within 5 has_endpoints b 2; }
nobody_joins
if need "dpipe dw-plug A = dw-plug B" dpipe; then
  dpipe "$plug" "$tmp/a" = "$plug" "$tmp/b" 2>>"$tmp/dpipe.log" &
  last=$!
  pids+=("$last")
  joins
  check "dpipe dw-plug A = dw-plug B" both_ways p1 p4 200
  pkill -P "$last" 2>/dev/null
  wait "$last" 2>/dev/null
  nobody_joins
fi
"$plug" "$tmp/a" = "$plug" "$tmp/b" 2>>"$tmp/eq.log" &
eq=$!
pids+=("$eq")
joins
check "dw-plug A = dw-plug B" both_ways p1 p4 200
stop "$eq"
check "both ends of it leave" within 5 has_endpoints b 1
check "and on A, too" within 5 has_endpoints a 2

# ---- streams and commands ----
readied s1 "$plug" "cmd://$plug $tmp/a"
check "a dw-plug behind cmd://" both_ways s1 p2 100
mkdir "$tmp/bin"
printf '#!/bin/sh\nfor last; do :; done\nexec sh -c "$last"\n' >"$tmp/bin/ssh" # the far side is here
chmod +x "$tmp/bin/ssh"
readied far env PATH="$tmp/bin:$BIN:$PATH" "$plug" "ssh://me@far:22$tmp/a,port=9,descr=\"it's far\""
within 5 has_endpoints a 4
check "ssh:// runs dw-plug on the far side" both_ways far p2 100
check "with the keys" grep -q "it's far user=" <(ask a port/print 9)
check "a far side without dw-plug is named" is_code 3 env PATH="$tmp/bin:$PATH" "$plug" "ssh://far$tmp/a" "$tmp/b"
check "in words" grep -q 'far side has no dw-plug' "$tmp/said"
for framing in 2 4; do
  "$plug" "$tmp/b" "stream+unix://$tmp/s$framing,listen=yes,framing=$framing" 2>>"$tmp/s.log" &
  pids+=($!)
  within 5 test -S "$tmp/s$framing"
  readied c$framing "$plug" "stream+unix://$tmp/s$framing,framing=$framing"
  check "stream+unix with $framing length bytes" both_ways c$framing p4 200 -l 3000
done
# QEMU without a machine: its hub joins its own VDE client to its own stream socket.
if need "QEMU's vde and stream netdevs" qemu-system-x86_64; then
  peer qs "$plug" "stream+unix://$tmp/q,listen=yes,framing=4"
  within 5 test -S "$tmp/q"
  qemu-system-x86_64 -machine none -nodefaults -display none -monitor none \
    -netdev "vde,id=v,sock=$tmp/b" -netdev "stream,id=s,server=off,addr.type=unix,addr.path=$tmp/q" \
    -netdev hubport,id=h1,hubid=0,netdev=v -netdev hubport,id=h2,hubid=0,netdev=s 2>"$tmp/qemu.err" &
  qemu=$!
  pids+=("$qemu")
  joined_qemu() { ask b port/print | grep -q QEMU; }
  if within 20 joined_qemu; then
    check "QEMU's vde and stream netdevs, both ways" both_ways qs p4 100
    stop "$qemu"
  else
    skip "QEMU's vde and stream netdevs" "this QEMU has not both: $(head -n 1 "$tmp/qemu.err")"
  fi
fi
peer second "$plug" "stream+unix://$tmp/s2"
check "a second peer of a stream socket is turned away" within 5 ended "$last"
many() { "$TOOLS/framegen" -n 20000 -l 900 | "$plug" - "cmd://$TOOLS/frameck -n 20000 -l 900 -o $tmp/many"; cat "$tmp/many"; grep -q "received=20000 missing=0" "$tmp/many"; }
check "a fast writer and a slow reader lose nothing" many
few() { "$TOOLS/framegen" -n 9 | "$plug" - "cmd://$TOOLS/frameck -n 10 -o $tmp/few"; }
check "a command that fails after the end of stdin is named" is_code 1 few

# ---- datagrams ----
peer d1 "$plug" "dgram+unix://$tmp/d1.sock,listen=yes" -M "$tmp/d1.mgmt"
within 5 test -S "$tmp/d1.sock"
readied d2 "$plug" "dgram+unix://$tmp/d1.sock,local=$tmp/d2.sock"
check "dgram+unix: to who listens" frames d2 d1 100 -l 9000
check "and back to who sent last" frames d1 d2 100 -l 9000
stop "$last"
readied d3 "$plug" "dgram+unix://$tmp/d1.sock" # without a path of its own
check "another peer takes over" both_ways d3 d1 100
stop "$last"
"$TOOLS/framegen" -n 5 >"$tmp/d1.in"
check "frames for a peer that left are counted" within 5 grep -q '"tx_frames":[0-9]*,"drops":{.*"queue-full":5}' <(
  within 5 eval 'ask d1 json stats | tee "$tmp/d1.stats" | grep -q "queue-full\":5"'; cat "$tmp/d1.stats")
echo >"$tmp/file"
check "a path that is no socket is left alone: 3" is_code 3 "$plug" "dgram+unix://$tmp/file,listen=yes" "$tmp/a"
check "and named" grep -q 'file: is no socket' "$tmp/said"
check "listen=yes and local= contradict each other: 2" is_code 2 "$plug" "dgram+unix://$tmp/x,listen=yes,local=$tmp/y" "$tmp/a"
if need "QEMU's dgram netdev" qemu-system-x86_64; then
  peer qd "$plug" "dgram+unix://$tmp/qd,listen=yes"
  within 5 test -S "$tmp/qd"
  qemu-system-x86_64 -machine none -nodefaults -display none -monitor none -netdev "vde,id=v,sock=$tmp/b[20]" \
    -netdev "dgram,id=d,local.type=unix,local.path=$tmp/qemu.d,remote.type=unix,remote.path=$tmp/qd" \
    -netdev hubport,id=h1,hubid=0,netdev=v -netdev hubport,id=h2,hubid=0,netdev=d 2>"$tmp/qemu.err" &
  qemu=$!
  pids+=("$qemu")
  qemu_there() { ask b port/print 20 | grep -q QEMU; }
  if within 20 qemu_there; then
    # paced: in QEMU's hub a frame may overtake those that wait for a busy peer
    check "QEMU's dgram netdev, both ways" both_ways p4 qd 100 -p 2000
    stop "$qemu"
  else
    skip "QEMU's dgram netdev" "this QEMU has none: $(head -n 1 "$tmp/qemu.err")"
  fi
fi

# ---- taps and packet sockets ----
taps() { # WORDS PID NSENTER-OPTIONS...
  local words=$1 pid=$2
  shift 2
  readied tap "$plug" "tap://dwt0,netns=/proc/$pid/ns/net"
  inside "$pid" "$@" ip link set dwt0 mtu 9000 up
  readied raw "$plug" "packet://dwt0,netns=/proc/$pid/ns/net"
  check "$words: tap to packet socket" frames tap raw 100
  check "$words: packet socket to tap" frames raw tap 100
  check "$words: the kernel's stripped tags are put back" frames tap raw 50 -t 42
  check "$words: tagged frames the other way" frames raw tap 50 -t 42
  check "$words: jumbo frames" frames tap raw 20 -l 9000
  inside "$pid" "$@" ip link del dwt0
  check "$words: a removed interface is named (tap)" within 5 grep -q 'dwt0.*: the interface was removed' "$tmp/tap.err"
  check "$words: a removed interface is named (packet)" within 5 grep -q 'dwt0.*: the interface was removed' "$tmp/raw.err"
}
if need "tap and packet socket in a namespace" ip unshare nsenter; then
  if [ -c /dev/net/tun ] && namespace plain; then
    taps "in a network namespace" "$last" -n
  else
    skip "tap and packet socket in a network namespace" "needs root and /dev/net/tun"
  fi
  if [ -c /dev/net/tun ] && namespace user -Ur; then
    taps "in a namespace of a user" "$last" -U -n --preserve-credentials
  else
    skip "tap and packet socket in a namespace of a user" "user namespaces are not allowed here"
  fi
fi

# Two namespaces joined over the far ends of veth pairs, all offloads as the kernel sets them: bundles must
# be cut and checksums finished.
if need "two namespaces over packet://" ip unshare nsenter socat ping; then
  if namespace left && left=$last && namespace right && right=$last; then
    for side in "$left:1" "$right:2"; do
      pid=${side%:*}
      inside "$pid" -n sh -c "ip link add v0 type veth peer name v1 && ip link set v1 up && ip link set v0 up &&
        ip addr add 10.77.0.${side#*:}/24 dev v0"
    done
    readied veths "$plug" "packet://v1,netns=/proc/$left/ns/net" "packet://v1,netns=/proc/$right/ns/net"
    check "two namespaces over packet://: ping" inside "$left" -n ping -c 3 -i 0.05 -W 5 10.77.0.2
    head -c 4000000 /dev/urandom >"$tmp/bulk"
    bulk() {
      inside "$right" -n socat -u TCP-LISTEN:7007 "CREATE:$tmp/bulk.got" &
      local got=$!
      within 5 inside "$right" -n grep -q ':1B5F .* 0A ' /proc/net/tcp # 7007 listens
      inside "$left" -n timeout 30 socat -u "$tmp/bulk" TCP:10.77.0.2:7007
      wait "$got"
      cmp "$tmp/bulk" "$tmp/bulk.got"
    }
    check "and 4 MB of TCP with the kernel's offloads on" bulk
  else
    skip "two namespaces over packet://" "needs root"
  fi
fi

# ---- libvdeplug's schemes ----
if grep -qa __asan_init "$plug"; then
  skip "libvdeplug's schemes" "its modules cannot be loaded under the sanitizer"
elif need "libvdeplug's schemes" vde_plug; then
  readied x1 "$plug" "ptp://$tmp/ptp"
  peer x2 vde_plug "ptp://$tmp/ptp"
  within 10 test -S "$tmp/ptp+" # the second one is there, too
  check "a scheme of libvdeplug, with vde_plug on the other side" both_ways x1 x2 100
  check "an unknown scheme is said to be unknown" is_code 3 "$plug" nosuch://x null://
  check "and named" grep -q '^dw-plug: nosuch://: no such scheme here' "$tmp/said"
fi

# ---- ends and errors ----
check "end of stdin is the end, 0" is_code 0 bash -c "$TOOLS/framegen | $plug $tmp/a | cat"
check "no switch: 3" is_code 3 "$plug" "$tmp/none" "$tmp/a"
check "and the words" grep -q "^dw-plug: $tmp/none: No such file or directory" "$tmp/said"
check "a port that the switch has not: refused, 1" is_code 1 "$plug" "$tmp/a,port=99" "$tmp/b"
check "and the words" grep -q "refused the plug" "$tmp/said"
check "a wrong key: 2" is_code 2 "$plug" "$tmp/a,prt=9" -
check "with the nearest right one" grep -q "no key 'prt' here (port?)" "$tmp/said"
check "no locator: 2" is_code 2 "$plug"
check "three locators: 2" is_code 2 "$plug" a b c
rows() { # each scheme in schemes.c's table, one with the right word in front of its line
  local s
  "$plug" --list >"$tmp/list"
  for s in $(sed -nE 's/^\t\{ "([a-z+-]{2,})", .*/\1/p' lib/io/ep/schemes.c) SCHEME; do
    grep -q "^$s://" "$tmp/list" || { echo "$s"; return 1; }
  done
}
check "--list has a row for each scheme" rows
check "--list in JSON" grep -q '^{"locators":\[{"scheme":""' <("$plug" --list -j)
cut() { printf '\0\100cut off' | "$plug" - "$tmp/a"; }
check "a stream cut in mid-frame: 3" is_code 3 cut
check "and the words" grep -q 'end of file in mid-frame' "$tmp/said"
oversize() { { printf '\377\377'; head -c 65535 /dev/zero; "$TOOLS/framegen" -n 20 -f 5000 -k 1; } | "$plug" - "$tmp/a" -v; }
first=5000
oversize >/dev/null 2>"$tmp/over.err" &
over=$!
check "an over-long frame is skipped, what follows is in step" "$TOOLS/frameck" -n 20 -f 5000 <"$tmp/p1.out"
wait "$over"
check "and counted" grep -q ' 1 oversize' "$tmp/over.err"
check "a command's failure is named" is_code 1 "$plug" "$tmp/a" = sh -c 'exit 7'
check "with its status" grep -q 'sh: the command ended with status 7' "$tmp/said"

# ---- staying ----
check "-d returns when both sides are up" is_code 0 "$plug" -d -p "$tmp/d.pid" "$tmp/a" "$tmp/b"
check "and they are joined" both_ways p1 p4 50
kill "$(cat "$tmp/d.pid")"
check "the pid file goes with it" within 5 test ! -e "$tmp/d.pid"
switch c
c=$last
readied r1 "$plug" "$tmp/c" --reconnect -M "$tmp/r1.mgmt" --name r1
kill -9 "$c"
wait "$c" 2>/dev/null
check "--reconnect says that the switch has gone" within 5 grep -q 'c: the switch ended the connection' "$tmp/r1.err"
check "showinfo knows it, too" grep -q "^$tmp/c: away, came back 0 times" <(ask r1 showinfo)
read -r -t 1.5 _ <>"$tmp/clock" # long enough for its waits to have grown
switch c
last_c=$last
back=$(date +%s%N)
within 10 has_endpoints c 1
took=$((($(date +%s%N) - back) / 1000000))
echo "# the plug is back $took ms after its switch"
check "and plugs in again, within 2 s" test "$took" -le 2000
readied r2 "$plug" "$tmp/c"
check "and frames flow" both_ways r1 r2 100

# ---- the management socket ----
check "showinfo: both sides" grep -q "^$tmp/c: up (.*), port 1, came back 1 times" <(ask r1 showinfo)
check "in JSON" grep -q '^{"name":"r1",.*"up":true,.*"port":1,"returns":1},{"locator":"-",' <(ask r1 json showinfo)
check "stats count the frames" grep -q '"rx_frames":100,"tx_frames":100,"drops":{"runt":0,' <(ask r1 json stats)
check "a command with words too many is an error reply" grep -q '^1022 ' <(echo stats x | "$TOOLS/vdesay" "$tmp/r1.mgmt")
mkfifo "$tmp/watch"
exec {watch}<>"$tmp/watch"
"$TOOLS/vdesay" "$tmp/r1.mgmt" <"$tmp/watch" >"$tmp/events" {watch}>&- &
pids+=($!)
echo event/watch >&"$watch"
within 5 grep -q '^1000 Success' "$tmp/events"
stop "$last_c"
told() { echo showinfo >&"$watch"; grep -q "$1" "$tmp/events"; } # vdesay reads on with the next line only
check "who watches is told that the switch has gone" within 5 told "^3.* unplug.*$tmp/c"
switch c
check "and that it is back" within 5 told "^3.* plug.*$tmp/c"
echo showinfo >"$tmp/rc"
"$plug" "$tmp/a" "$tmp/b" -M "$tmp/both.mgmt" -f "$tmp/rc" 2>"$tmp/both.err" &
both=$!
pids+=("$both")
within 5 test -S "$tmp/both.mgmt"
check "a plug without a name has that of its ends" grep -q "^plug $tmp/a--$tmp/b" <(ask both showinfo)
echo shutdown | "$TOOLS/vdesay" "$tmp/both.mgmt" >/dev/null
check "shutdown ends it" within 5 ended "$both"
check "with 0" wait "$both"
check "and its socket" test ! -e "$tmp/both.mgmt"
echo nonsense >"$tmp/rc"
check "an rc file with an unknown command: 2" is_code 2 "$plug" "$tmp/a" "$tmp/b" -M "$tmp/both.mgmt" -f "$tmp/rc"
check "with its line" grep -q "rc:1: " "$tmp/said"
check "--rcfile without --mgmt: 2" is_code 2 "$plug" "$tmp/a" "$tmp/b" -f "$tmp/rc"
plan
