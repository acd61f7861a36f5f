# SPDX-License-Identifier: MIT
# ports.sh - many ports of which two are busy, and floods to many ports. vde_switch has at most 300 here.
crowd() { # crowd RIG COUNT: idle plugs
  [ "$2" -gt 2 ] || return 0
  mkfifo "$tmp/crowd.$1.$2"
  "$TOOLS/plugs" $(($2 - 2)) "${rig_a[$1]}" <&5 >"$tmp/crowd.$1.$2" 2>>"$tmp/log" &
  pids+=($!)
  crowd_pid=$!
  read -r -t 60 _ <"$tmp/crowd.$1.$2"
}
ulimit -n "$(ulimit -Hn)"
rig_vde_switch || left_out "vde_switch: apt-get install vde-switch"
rig_dw_switch dw-switch
for n in 2 16 256 4095; do
  declare -A crowds=()
  for r in vde_switch dw-switch; do
    if [ -z "${rig_a[$r]:-}" ] || { [ $r = vde_switch ] && [ $n -gt 256 ]; }; then continue; fi
    crowd_pid=
    crowd $r $n && crowds[$r]=$crowd_pid
  done
  compare "2 busy of $n" "time=$TIME,window=128" ${crowds[vde_switch]+vde_switch} dw-switch
  for p in "${crowds[@]}"; do [ -z "$p" ] || { kill "$p"; wait "$p"; } 2>/dev/null; done
done
for n in 16 256; do
  compare "flood to $n" "time=$TIME,window=4,to=all,sinks=$n" vde_switch dw-switch
done
