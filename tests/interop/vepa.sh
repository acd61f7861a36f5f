#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# vepa.sh - edge relay and adjacent bridge, cell by cell, against the kernel's: macvlan and macvtap in VEPA mode
# behind our switch with reflective relay on and off; our VEPA behind the kernel's bridge with hairpin on and off.
cd "$(dirname "$0")/../.." || exit 3
if [ -z "${DW_VEPA_INSIDE:-}" ]; then
  alone=(unshare -rn)
  [ "$(id -u)" = 0 ] && alone=(unshare -n)
  why=
  command -v unshare >/dev/null || why="unshare is missing"
  command -v ip >/dev/null && command -v bridge >/dev/null || why="ip and bridge are missing: apt-get install iproute2"
  [ -n "$why" ] || "${alone[@]}" true 2>/dev/null || why="needs a network namespace"
  [ -w /dev/net/tun ] || why="needs /dev/net/tun"
  [ -z "$why" ] || { echo "ok 1 - VEPA against the kernel # SKIP $why"; echo 1..1; exit 0; }
  DW_VEPA_INSIDE=1 exec "${alone[@]}" bash "$0"
fi
. tests/interop/lib.bash
plug=$BIN/dw-plug
A=02:00:00:00:00:0a B=02:00:00:00:00:0b E=02:00:00:00:00:0e
echo 1 2>/dev/null >/proc/sys/net/ipv6/conf/default/disable_ipv6 # no frames but ours
ip link set lo up

readied() { # NAME COMMAND...
  local name=$1
  shift
  rm -f "$tmp/$name.ready"
  mkfifo "$tmp/$name.ready"
  peer "$name" bash -c 'exec 9>"$1"; shift; exec "$@"' - "$tmp/$name.ready" "$@" --ready-fd 9
  read -r -t 20 _ <"$tmp/$name.ready"
}

# counter NAME PORT KEY: a counter of a port.
counter() { ask "$1" json port/stats "$2" | grep -o "\"$3\":[0-9]*" | head -1 | cut -d: -f2; }

# What a listener heard of the five frames from FIRST on: yes (all, once each), no (none), or the count.
heard() { # NAME FIRST
  local line
  line=$("$TOOLS/frameck" -n 5 -f "$2" -T 2 <"$tmp/$1.heard")
  case $line in
    "received=5 missing=0 duplicated=0 reordered=0 corrupt=0 "*) echo yes ;;
    "received=0 "*) echo no ;;
    *) echo "$line" ;;
  esac
}

# arrived NAME NUMBER: NAME has heard that frame.
arrived() { "$TOOLS/frameck" -n 1 -f "$2" -T 2 <"$tmp/$1.heard" >/dev/null; }

# barrier: a broadcast of A is heard by E, then one of E by A and B, each by the way that all frames take: what
# was sent before has come to where it goes.
mark=500000
barrier() {
  mark=$((mark + 2))
  "$TOOLS/framegen" -n 1 -f $mark -s "$A" -d ff:ff:ff:ff:ff:ff >"$tmp/a.in"
  within 20 arrived e $mark || return 1
  "$TOOLS/framegen" -n 1 -f $((mark + 1)) -s "$E" -d ff:ff:ff:ff:ff:ff >"$tmp/e.in"
  within 20 arrived a $((mark + 1)) && within 20 arrived b $((mark + 1))
}

rows=("unicast $B" "broadcast ff:ff:ff:ff:ff:ff" "multicast 01:00:5e:00:00:05" "unknown 02:00:00:00:00:99")
# matrix WORDS SWITCH UPLINK-PORT COUNTER-OF-WHAT-COMES-BACK ITS-SHARE-OF-A-BARRIER CELLS...: A sends five frames of
# each kind; CELLS are four words "A B E back", each yes or no.
matrix() {
  local words=$1 switch=$2 port=$3 key=$4 share=$5 row dst cell got l begin back before f=0 readers=()
  shift 5
  begin=$((first += 1000))
  for l in a b e; do
    cat "$tmp/$l.out" >"$tmp/$l.heard" &
    readers+=($!)
  done
  back=()
  barrier
  for row in "${rows[@]}"; do
    dst=${row#* }
    before=$(counter "$switch" "$port" "$key")
    "$TOOLS/framegen" -n 5 -f $((begin + f)) -p 100 -s "$A" -d "$dst" >"$tmp/a.in"
    f=$((f + 10))
    barrier
    back+=($(($(counter "$switch" "$port" "$key") - before - share)))
  done
  kill "${readers[@]}"
  wait "${readers[@]}" 2>/dev/null
  f=0
  for row in "${rows[@]}"; do
    got="$(heard a $((begin + f))) $(heard b $((begin + f))) $(heard e $((begin + f)))"
    case ${back[$((f / 10))]} in 0) got+=" no" ;; 5) got+=" yes" ;; *) got+=" ${back[$((f / 10))]}" ;; esac
    cell=$1
    shift
    check "$words: ${row% *} is heard by A, B, E, comes back: ${cell//-/ }" [ "$got" = "${cell//-/ }" ]
    [ "$got" = "${cell//-/ }" ] || echo "# $got"
    f=$((f + 10))
  done
}
# Of a barrier, what is heard from E comes back once; with reflection what A said does, too.
kept=(1 no-no-no-no no-no-yes-no no-no-yes-no no-no-yes-no)
reflected=(2 no-yes-no-yes no-yes-yes-yes no-yes-yes-yes no-no-yes-yes)

# greet: every station is heard once, so that the bridges know who is where.
greet() {
  local l s
  for l in a b e; do
    case $l in a) s=$A ;; b) s=$B ;; e) s=$E ;; esac
    "$TOOLS/framegen" -n 1 -f 999999 -s "$s" -d 02:00:00:00:00:77 >"$tmp/$l.in"
  done
  within 20 known "$1"
}

# ---- stations of the kernel, our switch the adjacent bridge ----
for kind in macvlan macvtap; do
  switch "s$kind" --tap "t$kind"
  if ! ip link add link "t$kind" name mv0 address $A type $kind mode vepa 2>"$tmp/why" ||
    ! ip link add link "t$kind" name mv1 address $B type $kind mode vepa 2>>"$tmp/why"; then
    skip "$kind stations behind our switch" "$(head -1 "$tmp/why")"
    stop "$last"
    continue
  fi
  sw=$last
  ip link set "t$kind" up
  ip link set mv0 up
  ip link set mv1 up
  readied a "$plug" packet://mv0
  readied b "$plug" packet://mv1
  readied e "$plug" "$tmp/s$kind,port=9"
  known() { [ "$(ask "$1" fdb/print | grep -cE "$A|$B|$E")" = 3 ]; }
  check "$kind: our switch hears both stations" greet "s$kind"
  matrix "$kind, reflect off" "s$kind" 1 tx_frames "${kept[@]}"
  ask "s$kind" vepa/reflect 1 on >/dev/null
  matrix "$kind, reflect on" "s$kind" 1 tx_frames "${reflected[@]}"
  stop "$sw"
  ip link del mv0 2>/dev/null
  ip link del mv1 2>/dev/null
done

# ---- our VEPA, the kernel's bridge beside it ----
switch v --tap tv
sw=$last
# Without snooping: its reports of its own groups would be counted as coming back.
if ip link add br0 type bridge ageing_time 30000 mcast_snooping 0 2>"$tmp/why" && ip link add ve0 type veth peer name ve1 2>>"$tmp/why" &&
  ip link set tv master br0 2>>"$tmp/why" && ip link set ve0 master br0 2>>"$tmp/why"; then
  for i in tv ve0 ve1 br0; do ip link set "$i" up; done
  ask v vepa/uplink 1 >/dev/null
  ask v vepa/mode vepa >/dev/null
  readied a "$plug" "$tmp/v,port=5"
  readied b "$plug" "$tmp/v,port=6"
  readied e "$plug" packet://ve1
  known() { [ "$(bridge fdb show br br0 | grep -cE "^($A|$B|$E) ")" = 3 ]; }
  check "the kernel's bridge hears the stations of our VEPA" greet v
  matrix "our VEPA, hairpin off" v 1 rx_frames "${kept[@]}"
  bridge link set dev tv hairpin on
  matrix "our VEPA, hairpin on" v 1 rx_frames "${reflected[@]}"
  own() { ask v fdb/print | grep -q "$A.*[^0-9]5\b" && ! ask v fdb/print | grep -q "$E"; }
  check "what came back moved no address to the uplink" own
else
  skip "our VEPA beside the kernel's bridge" "$(head -1 "$tmp/why")"
fi
stop "$sw"
plan
