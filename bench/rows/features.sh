# SPDX-License-Identifier: MIT
# features.sh - what a feature costs while it is on: CPU ns a frame of the same switch, otherwise alike.
rig() { # rig NAME [SWITCH ARGS...]: the two plugs on ports 1 and 2
  rig_dw_switch "$@" && put "$1" "vde://$tmp/$1,rings=no,port=1" "vde://$tmp/$1,rings=no,port=2" "$pid"
}
rig plain
rig rstp --rstp
ctl rstp port/set 1-2 edge=yes
rig vlan
ctl vlan port/set 1-2 vlan=10
rig watched
"$BIN/dw-ctl" "$tmp/watched.mgmt" event/watch >/dev/null 2>&1 <&5 &
pids+=($!)
if have script; then
  script -qec "$BIN/dw-console $tmp/watched.mgmt" /dev/null >/dev/null 2>&1 <&5 &
  pids+=($!)
fi
rig captured
ctl captured capture/start all /dev/null
compare "64 B" "time=$TIME,window=128" plain rstp vlan watched captured
