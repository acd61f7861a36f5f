#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# capture.sh - our captures before Wireshark's tools: files, rings, pipes and the stdout of dw-ctl; lost frames
# with their reason; filters; readers that go away; and files replayed by file://.
cd "$(dirname "$0")/../.." || exit 3
. tests/interop/lib.bash
need "captures" tshark capinfos editcap mergecap || { plan; exit 0; }
ctl=$BIN/dw-ctl

# sound FILE: three tools of Wireshark read it and have nothing to say against it.
sound() {
  local said
  said=$({ tshark -r "$1" -V >/dev/null && capinfos "$1" >/dev/null && editcap -F pcapng "$1" "$tmp/again.pcapng"; } 2>&1 |
    grep -v 'Running as user') || true
  [ -z "$said" ] || { echo "$1: $said"; return 1; }
  [ "$(count "$1")" = "$(count "$tmp/again.pcapng")" ]
}
fields() { # FILE FIELD...
  local f=$1 args=() w
  shift
  for w; do args+=(-e "$w"); done
  tshark -r "$f" -T fields "${args[@]}" 2>/dev/null
}
count() { # FILE [FILTER]: frames
  tshark -r "$1" ${2:+-Y "$2"} -T fields -e frame.number 2>/dev/null | wc -l
}
has() { # N FILE FILTER
  local got
  got=$(count "$2" "$3")
  [ "$got" = "$1" ] || { echo "$got frames, not $1: $3"; tshark -r "$2" -T fields -e frame.interface_name -e frame.comment; return 1; }
}
listed() { [ "$("$ctl" "$tmp/$1.mgmt" capture/list | wc -l)" = $(($2 + 1)) ]; }
bytes_of() { tshark -r "$1" -x 2>/dev/null | grep -E '^[0-9a-f]{4} '; }
same_frames() {
  bytes_of "$1" >"$tmp/one.txt"
  bytes_of "$2" >"$tmp/two.txt"
  [ -s "$tmp/one.txt" ] && diff "$tmp/one.txt" "$tmp/two.txt" >/dev/null
}

# ---- the switch: files ----
switch s
c() { "$ctl" "$tmp/s.mgmt" "$@"; }
shows() { "$ctl" -j "$tmp/$1.mgmt" capture/list | grep -qE "$2"; }
check "a capture of all ports begins" c capture/start all "$tmp/all.pcapng"
check "and one of a single port, of some frames" c capture/start 1 "$tmp/one.pcapng" filter "ether src 02:00:00:00:00:0a and len >= 200"
peer p1 "$BIN/dw-plug" "$tmp/s,port=1"
within 10 has_endpoints s 1
"$TOOLS/framegen" -n 7 -s 02:00:00:00:00:0a >"$tmp/p1.in"
within 10 shows s '"seen":7,'
peer p2 "$BIN/dw-plug" "$tmp/s,port=2"
peer p3 "$BIN/dw-plug" "$tmp/s,port=3"
within 10 has_endpoints s 3
check "frames cross while they are captured" frames p1 p2 30 -s 02:00:00:00:00:0a -l 300
check "the other way too" frames p2 p1 20 -s 02:00:00:00:00:0b -d 02:00:00:00:00:0a
check "they are listed" listed s 2
check "and stop" c capture/stop all
within 10 listed s 0
check "tshark, capinfos and editcap find no fault" sound "$tmp/all.pcapng"
check "nor with the filtered one" sound "$tmp/one.pcapng"
check "frames came in, and left at each port" has 57 "$tmp/all.pcapng" "frame.packet_flags_direction == 1"
check "a flooded frame leaves twice, an addressed one once" has 80 "$tmp/all.pcapng" "frame.packet_flags_direction == 2"
check "what nobody heard says so" has 7 "$tmp/all.pcapng" 'frame.comment == "dropped: no-destination"'
check "and only that" has 7 "$tmp/all.pcapng" frame.comment
check "the filter chose" has 30 "$tmp/one.pcapng" "eth.src == 02:00:00:00:00:0a && frame.len == 300"
check "and nothing else" has 30 "$tmp/one.pcapng" frame
names() { [ "$(fields "$tmp/all.pcapng" frame.interface_name | sort -u | tr '\n' ,)" = "port 1,port 2,port 3," ]; }
check "interfaces are the ports" names
nanos() { capinfos "$tmp/all.pcapng" | grep -q 'precision: *nanoseconds (9)'; }
check "in nanoseconds" nanos
counted() { grep -aq 'dropped: no-destination 7' "$tmp/all.pcapng" && capinfos "$tmp/all.pcapng" | grep -q 'Number of stat entries = 1'; }
check "drops are counted in the statistics" counted
filtered() { capinfos "$tmp/one.pcapng" | grep -q 'Filter string = ether src 02:00:00:00:00:0a and len >= 200'; }
check "the filter is told" filtered
check "isolated ports" c port/set 1,2 isolated=yes
c capture/start all "$tmp/isolated.pcapng" >/dev/null
"$TOOLS/framegen" -n 5 -s 02:00:00:00:00:0a -d 02:00:00:00:00:0b >"$tmp/p1.in"
within 10 shows s '"dropped":5,'
c capture/stop all
check "a frame that is lost on the way out is shown there" has 5 "$tmp/isolated.pcapng" \
  'frame.comment == "dropped: isolated" && frame.packet_flags_direction == 2 && frame.interface_name == "port 2"'
c port/set 1,2 isolated=no

# ---- rings ----
check "a ring begins" c capture/start all "$tmp/ring.pcapng" ring 8kB 3
for _ in 1 2 3 4 5; do frames p1 p3 60 -s 02:00:00:00:00:0a -l 1000 >/dev/null; done
c capture/stop all
ring() { [ "$(ls "$tmp" | grep -c '^ring_[0-9]*.pcapng$')" = 3 ]; }
check "three files are kept" ring
merged() {
  for f in "$tmp"/ring_*; do sound "$f" || return 1; done
  mergecap -w "$tmp/merged.pcapng" "$tmp"/ring_* && [ "$(count "$tmp/merged.pcapng")" -ge 14 ]
}
check "each of them whole" merged

# ---- the stdout of dw-ctl ----
live() { timeout 30 "$ctl" "$tmp/s.mgmt" capture/start all - | timeout 30 tshark -l -r - -c 12 2>"$tmp/live.err" >"$tmp/live.txt"; }
live &
reader=$!
pids+=("$reader")
within 10 listed s 1
check "frames cross under a live capture" frames p1 p2 30 -s 02:00:00:00:00:0a
wait "$reader"
lines() { [ "$(wc -l <"$tmp/live.txt")" = 12 ] && ! grep -v 'Running as' "$tmp/live.err"; }
check "dw-ctl capture/start all - | tshark -r -" lines
check "a capture whose reader has gone is over" within 10 listed s 0
"$ctl" "$tmp/s.mgmt" capture/start 2 - filter arp >"$tmp/kept.pcapng" 2>"$tmp/kept.err" &
kept=$!
pids+=("$kept")
within 10 listed s 1
check "dw-ctl stays while it captures" kill -0 "$kept"
check "the capture stops from elsewhere" c capture/stop all
wait "$kept"
check "then dw-ctl ends well" test $? = 0
check "the file is whole" sound "$tmp/kept.pcapng"
"$ctl" "$tmp/s.mgmt" capture/start all - >"$tmp/killed.pcapng" &
killed=$!
pids+=("$killed")
within 10 listed s 1
frames p1 p2 10 -s 02:00:00:00:00:0a >/dev/null
stop "$killed"
check "a capture ends with the dw-ctl that asked for it" within 10 listed s 0
check "and its file is whole" sound "$tmp/killed.pcapng"
check "with the frames in it" has 30 "$tmp/killed.pcapng" frame

# ---- a reader that does not read ----
mkfifo "$tmp/slow"
exec {slow}<>"$tmp/slow"
check "a capture into a named pipe" c capture/start all "$tmp/slow"
unmoved() { # 7.5 MB are captured: more than the pipe and the buffer hold
  local _
  for _ in 1 2 3; do frames p1 p2 900 -s 02:00:00:00:00:0a -d 02:00:00:00:00:0b -l 1400 || return 1; done
}
check "a reader that does not read holds up nobody" unmoved
check "it loses frames, which are counted" shows s '"lost":[1-9]'
c capture/stop all
exec {slow}>&-
check "and goes with its reader" within 10 listed s 0

# ---- what is refused ----
check "no such port" is_code 1 "$ctl" "$tmp/s.mgmt" capture/start 99 "$tmp/x"
check "no such folder" is_code 1 "$ctl" "$tmp/s.mgmt" capture/start all "$tmp/no/x"
named() { is_code 1 "$ctl" "$tmp/s.mgmt" capture/start all "$tmp/x" filter "udp prot 53" && grep -q "syntax error" "$tmp/said"; }
check "a filter that is none" named
check "a ring on stdout" is_code 1 bash -c '"$0" "$1" capture/start all - ring 1MB 3 | cat; exit ${PIPESTATUS[0]}' "$ctl" "$tmp/s.mgmt"
check "'-' without a stdout" test "$(echo 'capture/start all -' | "$TOOLS/vdesay" "$tmp/s.mgmt" | grep -c '^1009 ')" = 1
check "nothing runs after all that" listed s 0

# ---- wires ----
switch a
switch b
rm -f "$tmp/ready"
mkfifo "$tmp/ready"
"$BIN/dw-cable" --seed 7 --delay 2ms --loss 20% --dup 20% --corrupt 20% --name w --capture "$tmp/wire.pcapng" -M "$tmp/w.mgmt" \
  --ready-fd 9 "$tmp/a" "$tmp/b" 9>"$tmp/ready" 2>>"$tmp/w.log" &
cable=$!
pids+=("$cable")
read -r -t 20 _ <"$tmp/ready"
peer q1 "$BIN/dw-plug" "$tmp/a"
peer q2 "$BIN/dw-plug" "$tmp/b"
within 10 has_endpoints a 2
within 10 has_endpoints b 2
"$TOOLS/framegen" -n 200 -s 02:00:00:00:00:0a >"$tmp/q1.in"
all_told() { # every frame of the 200 has met its fate
  "$ctl" -j "$tmp/w.mgmt" stats | grep -q '"rx_frames":200,' && "$ctl" -j "$tmp/w.mgmt" stats | grep -q '^{.*"ab":{[^}]*"held":0,'
}
within 10 all_told
check "one direction of a wire, too" "$ctl" "$tmp/w.mgmt" capture/start ba "$tmp/ba.pcapng"
"$TOOLS/framegen" -n 9 -s 02:00:00:00:00:0b >"$tmp/q2.in"
nine() { "$ctl" -j "$tmp/w.mgmt" stats | grep -q '"ba":{"rx_frames":9,'; }
within 10 nine
stop "$cable"
check "a wire's capture is sound" sound "$tmp/wire.pcapng"
dirs() { [ "$(fields "$tmp/wire.pcapng" frame.interface_name | sort -u | tr '\n' ,)" = "w/ab,w/ba," ]; }
check "one interface a direction" dirs
check "only the one that was asked for" test "$(fields "$tmp/ba.pcapng" frame.interface_name | sort -u)" = w/ba
fates() {
  local f=$tmp/wire.pcapng ab='frame.interface_name == "w/ab"' lost passed copies
  lost=$(count "$f" "$ab && frame.comment contains \"dropped: loss\"")
  copies=$(count "$f" "$ab && frame.comment contains \"duplicate 1\"")
  passed=$(count "$f" "$ab && !(frame.comment contains \"dropped\")")
  echo "lost $lost passed $passed of which copies $copies"
  [ "$lost" -gt 15 ] && [ "$copies" -gt 15 ] && [ $((lost + passed - copies)) = 200 ] &&
    [ "$(count "$f" "$ab && frame.comment contains \"corrupted\"")" -gt 15 ] &&
    [ "$(count "$f" "$ab && frame.comment matches \"delayed [0-9.]+ms\"")" = "$passed" ]
}
check "each frame and copy once, with what befell it" fates
pipe() {
  "$BIN/dw-wire" --delay 1ms --capture - "$TOOLS/framegen" -n 5 = cat 2>"$tmp/dw-wire.err" |
    tshark -r - -Y 'frame.interface_name == "framegen--cat/ab"' -T fields -e frame.len 2>/dev/null >"$tmp/pipe.txt"
  [ "$(sort "$tmp/pipe.txt" | uniq -c | tr -s ' ')" = " 5 100" ]
}
check "dw-wire --capture - | tshark" pipe
check "not where stdout carries frames" is_code 2 "$BIN/dw-cable" --capture - - "$tmp/a"
check "nor behind -d" is_code 2 "$BIN/dw-cable" -d --capture - "$tmp/a" "$tmp/b"

# ---- plugs ----
"$BIN/dw-plug" --reconnect --capture "$tmp/plug.pcapng" -M "$tmp/plug.mgmt" --name p "$tmp/a,port=9" "$tmp/later" 2>>"$tmp/plug.log" &
plug=$!
pids+=("$plug")
within 10 has_endpoints a 2
"$TOOLS/framegen" -n 5 -s 02:00:00:00:00:0c -k 1 | "$BIN/dw-plug" "$tmp/a,port=10" >/dev/null
within 10 shows plug '"dropped":5,'
switch later
within 10 has_endpoints later 1
"$TOOLS/framegen" -n 6 -s 02:00:00:00:00:0c -k 1 | "$BIN/dw-plug" "$tmp/later,port=10" >/dev/null
within 10 shows plug '"seen":11,'
stop "$plug"
check "a plug's capture is sound" sound "$tmp/plug.pcapng"
check "frames for a side that was away say so" has 5 "$tmp/plug.pcapng" 'frame.comment == "dropped: down" && frame.interface_name == "p/ab"'
check "the others passed" has 6 "$tmp/plug.pcapng" '!frame.comment && frame.interface_name == "p/ba"'
check "a plug whose stdout carries frames refuses it" is_code 2 "$BIN/dw-plug" --capture - "$tmp/a"

# ---- replay ----
replayed() { # FILE: into the switch and out of it again, then compare
  rm -f "$tmp/replayed.pcapng"
  "$BIN/dw-plug" "file://$1,speed=0" "file://$tmp/replayed.pcapng,write=yes" && sound "$tmp/replayed.pcapng" &&
    same_frames "$1" "$tmp/replayed.pcapng"
}
check "file:// gives the frames of a capture" replayed "$tmp/all.pcapng"
editcap -F pcap "$tmp/all.pcapng" "$tmp/classic.pcap" 2>/dev/null
check "of a classic one too" replayed "$tmp/classic.pcap"
switch r
peer r1 "$BIN/dw-plug" "$tmp/r,port=1"
within 10 has_endpoints r 1
"$ctl" "$tmp/r.mgmt" capture/start 1 "$tmp/through.pcapng" >/dev/null
"$BIN/dw-plug" -q "file://$tmp/one.pcapng" "$tmp/r,port=2"
within 10 shows r '"frames":30,'
"$ctl" "$tmp/r.mgmt" capture/stop all
check "a replay through a switch arrives as it was" same_frames "$tmp/one.pcapng" "$tmp/through.pcapng"
broken() { head -c 1000 "$tmp/all.pcapng" >"$tmp/cut.pcapng" && is_code 3 "$BIN/dw-plug" "file://$tmp/cut.pcapng,speed=0" = cat && grep -q 'in the middle of a block' "$tmp/said"; }
check "a capture that is cut is said so" broken
plan
