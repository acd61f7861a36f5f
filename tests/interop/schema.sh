#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# schema.sh - every command that `help` lists, with json before it, prints what switch/dw-switch.json says: on an empty
# switch and on one where everything is set, plugged and captured.
cd "$(dirname "$0")/../.." || exit 3
. tests/interop/lib.bash
if ! need "every command against the schema" python3; then
  plan
  exit
elif ! python3 -c 'import jsonschema' 2>/dev/null; then
  skip "every command against the schema" "python3-jsonschema is missing"
  plan
  exit
fi

switch s -n 40
peer a "$BIN/dw-plug" "$tmp/s,descr=one of ours"
within 10 has_endpoints s 1
printf 'port/up 1\nnosuch\n' >"$tmp/script"
python3 tests/interop/schema.py "$tmp/s.mgmt" switch/dw-switch.json <<END
event/watch
# nothing is set
help
help port
showinfo
ds/showinfo
config/show
vlan/print
vlan/table
hash/print
rstp/print
!rstp/port 1
fstp/print
vepa/print
mirror/print
capture/list
fdb/print
port/print
port/stats
# all is set
switch/set age=200s persist=2s drop-alarm=50
switch/config
port/create 2
port/createauto
port/set 1 name=one vlan=10 edge=yes
port/set 2 trunk=10,20-30 descr="a b" reserved=0E:peer,CC:drop
port/set 4 mode=dot1q-tunnel pvid=20 cvlans=all tpid=8100 queue=4 limit=3 limit-action=shutdown
port/set 5 mode=native-untagged pvid=30 allow=all priotags=always
port/create 6
port/create 8
port/name 6 six
port/down 6
port/up 6
port/create 7
port/remove 7
port/allocatable 6 0
port/setuser 6 root
port/setgroup 6 root
port/setvlan 8 10
port/add cmd://cat,name=ours 9
port/showinfo
port/print
port/allprint
port/config
port/config 1-3,six
port/resetcounter
port/resetcounter 1
vlan/create 40
vlan/addport 40 2
vlan/delport 40 2
vlan/remove 40
vlan/mode 8 hybrid
vlan/pvid 8 20
vlan/allow 8 30
vlan/untagged 8 10,20
vlan/priotags 8 if-nonzero
vlan/accept 8 tagged
vlan/cvlans 4 1-9
vlan/tpid 4 88a8
vlan/fid 30 20
vlan/flood 20 no
vlan/print
vlan/allprint
vlan/allprint 10
vlan/table
fdb/add 02:00:00:00:00:01 10 1
fdb/add 02:00:00:00:00:02 10 2 sticky
fdb/print
fdb/print port 1 vlan 10
fdb/find 02:00:00:00:00:01 10
hash/find 02:00:00:00:00:01 10
!hash/find 02:00:00:00:00:99
hash/print
fdb/del 02:00:00:00:00:02 10
fdb/flush
fdb/age 100s
fdb/age
fdb/stats
hash/showinfo
hash/setsize 256
hash/setgcint 3
hash/setexpire 300
hash/setminper 0
rstp/set enabled=yes priority=4096
rstp/print
rstp/port 1
rstp/stats
rstp/why 1
rstp/mcheck 1
fstp/showinfo
fstp/print
fstp/setedge 0 1 1
fstp/bonus 0 1 5
fstp/setfstp 0
vepa/uplink 2
vepa/mode vepa vlan 10
vepa/mode veb
vepa/reflect 2 on
vepa/print
mirror/add 1 11 in filter arp or udp port 53
mirror/add 1 12 vlan 10
mirror/print
mirror/del 1
trace 1 dst=ff:ff:ff:ff:ff:ff,src=02:00:00:00:00:09
trace 9 dst=02:00:00:00:00:01,src=02:00:00:00:00:09,vlan=10,pcp=5
trace 9 0180c2000000
capture/start all $tmp/all.pcapng filter "not arp"
capture/start 1 $tmp/one.pcapng ring 1MB 3
capture/list
capture/stop all
port/stats
port/stats one
switch/stats
config/show
config/save $tmp/saved
config/check $tmp/saved
config/load $tmp/saved
load $tmp/script
debug/list
debug/add hash/+
debug/del
plugin/list
!plugin/add dump
!plugin/del dump
event/list
!port/epclose 9 99
port/epclose 9 2
!port/setnumports 1
port/setnumports 64
vepa/mode off
port/sethub 1
fstp/print
port/sethub 0
event/unwatch drop
~logout
~shutdown
END
