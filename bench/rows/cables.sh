# SPDX-License-Identifier: MIT
# cables.sh - what joins two switches: VDE's own pair of plugs, and what of ours takes its place. The switches are
# alike in all of them, and all work of one rig is done on one processor.
both_plugged() { "$BIN/dw-ctl" "$tmp/$1.2.mgmt" port/print 2>/dev/null | grep -q 'endpoint ID'; }
join() { # join NAME COMMAND...: S1 and S2 stand for the two switches
  local name=$1 s
  shift
  for s in 1 2; do rig_dw_switch "$name.$s" || return 1; done
  set -- "${@//S1/$tmp/$name.1}"
  begin "${@//S2/$tmp/$name.2}"
  until_ both_plugged "$name" && put "$name" "vde://$tmp/$name.1" "vde://$tmp/$name.2" "$pid"
}
if have dpipe && have vde_plug; then join dpipe+vde_plug dpipe vde_plug S1 = vde_plug S2
else left_out "VDE's plugs: apt-get install vde2 vdeplug"; fi
join dw-cable "$BIN/dw-cable" -q S1 S2
join dw-plug "$BIN/dw-plug" -q S1 S2
join dw-wire+dw-plug "$BIN/dw-wire" -q "$BIN/dw-plug" -q S1 = "$BIN/dw-plug" -q S2
rig_pid[dpipe+vde_plug]=0 rig_pid[dw-wire+dw-plug]=0 # the work is in the processes that these start
for size in 64 1514; do compare "$size B" "size=${size}B,time=$TIME,window=64" dpipe+vde_plug dw-cable dw-plug dw-wire+dw-plug; done
