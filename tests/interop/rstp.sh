#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# rstp.sh - the spanning tree of real dw-switch processes: every BPDU as tshark sees it, a ring of dw-cables that
# is cut and mended and loses its root under a numbered flow, and VDE's fstp/ commands on top of it.
#   RING=N   switches in the ring (default 4)      CUTS=N   cuts measured (default 1)     WORST=MS (default 500)
cd "$(dirname "$0")/../.." || exit 3
. tests/interop/lib.bash
. tests/interop/rstp.bash
ring=${RING:-4} cuts=${CUTS:-1} worst=${WORST:-500} # ms

# ---- bytes ----
# A line r--m--l; what crosses is written down both ways. First RSTP, then all three are told to speak STP.
watched() { # A B: a link whose two directions are in A-B.raw and B-A.raw
  "$BIN/dw-wire" "$BIN/dw-plug" "$tmp/$1" =} tee "$tmp/$1-$2.raw" }={ tee "$tmp/$2-$1.raw" {= "$BIN/dw-plug" "$tmp/$2" 2>/dev/null &
  pids+=($!)
}
short="fwddelay=4s maxage=6s"
bpdus() { tshark -n -r "$tmp/all.pcap" -Y "$1" "${@:2}" 2>"$tmp/tshark.err" || cat "$tmp/tshark.err"; }
seen() { # WORDS FILTER: at least one BPDU is like that
  check "tshark reads: $1" grep ' STP ' <(bpdus "$2")
}
none() { # FILTER: no frame is like that, and tshark understands the filter
  ! bpdus "$1" -V | grep .
}
tcn='stp.type == 0x80' config='stp.type == 0' rst='stp.type == 2'
if need "tshark decodes every BPDU" tshark "$BIN/dw-wire"; then
  for s in r:4096 m:8192 l:32768; do
    switch "${s%:*}" --rstp --priority "${s#*:}" --macaddr "02:00:00:00:00:$((${s#*:} / 4096 + 10))"
    ask "${s%:*}" rstp/set $short >/dev/null
  done
  watched r m
  within 5 has_endpoints m 1 # so that r is on its port 1
  watched m l
  within 10 has_port m "root forwarding" && within 10 has_port l "root forwarding"
  opened=$?
  check "a line of three opens by proposal and agreement" test "$opened" = 0
  for s in r m l; do ask $s rstp/set version=0 >/dev/null; done
  told() { json l rstp/stats | grep -q '"tx_tcn":[1-9]' && has_port l "root forwarding"; }
  check "told to speak STP, it opens by two forward delays and tells a change" within 20 told
  acked() { # a Config with TCA has reached l
    "$TOOLS/pcapof" <"$tmp/m-l.raw" >"$tmp/acked.pcap"
    tshark -n -r "$tmp/acked.pcap" -Y "stp.flags.tcack == 1" 2>/dev/null | grep -q .
  }
  check "and the bridge above it acknowledges" within 10 acked
  cat "$tmp"/{r-m,m-r,m-l,l-m}.raw >"$tmp/all.raw"
  "$TOOLS/pcapof" <"$tmp/all.raw" >"$tmp/all.pcap"
  all=$(bpdus 'eth.dst == 01:80:c2:00:00:00' | wc -l)
  echo "# $all BPDUs: $(bpdus "$rst" | wc -l) RST, $(bpdus "$config" | wc -l) Config, $(bpdus "$tcn" | wc -l) TCN"
  check "every frame to the bridge group address is a BPDU to tshark" test "$all" = "$(bpdus stp | wc -l)"
  check "none is malformed or draws a remark" none "_ws.malformed || _ws.expert || _ws.short"
  check "802.3 lengths are 39, 38 and 7" none "stp && !($rst && eth.len == 39) && !($config && eth.len == 38) && !($tcn && eth.len == 7)"
  check "versions are 2 for RST, 0 for the others" none "($rst && stp.version != 2) || (!$rst && stp.version != 0)"
  check "no Config carries RSTP's flags, no RST acknowledges" none "($config && stp.flags & 0x7e) || ($rst && stp.flags.tcack == 1)"
  seen "a Proposal of a Designated port" "$rst && stp.flags.proposal == 1 && stp.flags.port_role == 3"
  seen "the Agreement of a Root port" "$rst && stp.flags.agreement == 1 && stp.flags.port_role == 2"
  seen "a topology change in RST" "$rst && stp.flags.tc == 1"
  seen "a Designated port that forwards" "$rst && stp.flags.forwarding == 1 && stp.flags.learning == 1 && stp.flags.port_role == 3"
  seen "a topology change in Config" "$config && stp.flags.tc == 1"
  seen "its acknowledgement" "$config && stp.flags.tcack == 1"
  seen "a TCN" "$tcn"
  seen "root, cost, age, times, bridge and port behind two hops" "$config && stp.root.prio == 4096 && stp.root.hw == 02:00:00:00:00:11 && \
    stp.root.cost == 20000 && stp.msg_age == 1 && stp.max_age == 6 && stp.hello == 2 && stp.forward == 4 && \
    stp.bridge.prio == 8192 && stp.bridge.hw == 02:00:00:00:00:12 && stp.port == 0x8002"
  for p in "${pids[@]}"; do kill "$p" 2>/dev/null; wait "$p" 2>/dev/null; done
  pids=()
fi

# ---- a ring ----
# s1 is the root, the flow runs from s2 by s1 to the last. Its blocked port is half-way round.
names=()
for ((i = 1; i <= ring; i++)); do
  names+=("s$i")
  case $i in 1) p=0 ;; 2) p=4096 ;; "$ring") p=8192 ;; *) p=32768 ;; esac
  switch "s$i" --rstp --priority "$p"
  [ "$i" = 1 ] && root=$last
done
for ((i = 1; i <= ring; i++)); do cable "c$i" "$tmp/s$i" "$tmp/s$((i % ring + 1))"; done
peer from "$BIN/dw-plug" "$tmp/s2"
peer to "$BIN/dw-plug" "$tmp/s$ring"

is_tree() { # BLOCKED NAME...: all have one root, nothing but BLOCKED ports is closed
  local blocked=$1 s
  shift
  [ "$(for s; do json "$s" rstp/print | grep -o '"root":"[^"]*"'; done | sort -u | wc -l)" = 1 ] &&
    [ "$(total "root forwarding" "$@")" = $(($# - 1)) ] && [ "$(total "alternate discarding" "$@")" = "$blocked" ] &&
    [ "$(total "[^d][a-z]* discarding" "$@")" = "$blocked" ] && [ "$(total "designated discarding" "$@")" = 0 ] && [ "$(total "[a-z]* learning" "$@")" = 0 ]
}
tree_or_show() { is_tree "$@" || { show "${names[@]}"; false; }; }
check_tree() { # WORDS BLOCKED NAME...
  local words=$1
  shift
  within 20 is_tree "$@"
  check "$words" tree_or_show "$@"
}
check_tree "a ring of $ring settles with exactly one blocked port" 1 "${names[@]}"

gaps=()
for ((k = 1; k <= cuts; k++)); do
  flow "cut $k" ask c1 cut
  check "a cut heals within $worst ms and no frame comes twice" good
  check_tree "every port is open then" 0 "${names[@]}"
  back=${gaps[*]}
  flow "mend $k" ask c1 mend
  check "so does its mend" good
  check_tree "and one port is blocked again" 1 "${names[@]}"
  read -r -a gaps <<<"$back"
done
echo "# outages of the cuts in ms: $(printf '%s\n' "${gaps[@]}" | sort -n | tr '\n' ' ')"

dies() { kill -9 "$root"; wait "$root" 2>/dev/null; }
flow "death of the root" dies
check "the death of the root is healed within $worst ms and no frame comes twice" good
check_tree "the others agree on the next root" 0 "${names[@]:1}"
next() { json s3 rstp/print | grep -o '"root":"4096\.'; }
check "which is the best of them" next

# ---- VDE's commands ----
switch v
peer v1 "$BIN/dw-plug" "$tmp/v"
within 5 has_endpoints v 1
quiet() { ! "$BIN/dw-ctl" "$tmp/v.mgmt" fstp/print | grep .; }
check "fstp/print says nothing while it is off" quiet
check "fstp/showinfo says so" grep -q '^FSTP=false' <(ask v fstp/showinfo)
check "fstp/setfstp 1 turns RSTP on" ask v fstp/setfstp 1
check "fstp/showinfo says so too" grep -q '^FSTP=true' <(ask v fstp/showinfo)
check "fstp/print names the root and the port" grep -q '++ROOT++' <(ask v fstp/print)
opened() { ask v fstp/print | grep -q 'Port 0001 .*role=designated forwarding edge'; }
check "a port where nobody speaks is an edge after three seconds" within 6 opened
check "fstp/bonus lowers the cost" ask v fstp/bonus 0 1 15000
check "fstp/print shows it" grep -q 'Port 0001 tagged=0 portcost=5000 ' <(ask v fstp/print)
check "so does rstp/print" grep -q '"cost":5000' <(json v rstp/print)
check "fstp/setedge makes an edge by decree" ask v fstp/setedge 0 1 1
check "port/config knows it" grep -q 'edge=yes' <(ask v port/config 1)
gone() { ! ask v fstp/bonus 0 99 1; }
check "a port that is not there is refused" gone
check "fstp/setfstp 0 turns it off, and every port is open" ask v fstp/setfstp 0
check "fstp/print is quiet again" quiet
plan
