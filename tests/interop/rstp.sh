#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# rstp.sh - the spanning tree of real dw-switch processes: every BPDU as tshark sees it, and VDE's fstp/ commands on
# top of it. Rings: rstp_ring.sh; peers: rstp_ovs.sh, rstp_kernel.sh.
cd "$(dirname "$0")/../.." || exit 3
. tests/interop/lib.bash
. tests/interop/rstp.bash

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
