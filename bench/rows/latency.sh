# SPDX-License-Identifier: MIT
# latency.sh - one frame at a time, and half of what dw-switch carries in datagrams: from before the sender's call to after the
# receiver's, one thread, so both halves of the path are in it.
rig_vde_switch || left_out "vde_switch: apt-get install vde-switch"
rig_dw_switch dw-switch
rig_rings dw-switch/memif || left_out "no rings in this build"
rigs=(vde_switch dw-switch dw-switch/memif)
compare "light: 1000 frames/s" "time=$TIME,rate=1kpps" "${rigs[@]}"
load dw-switch "time=$TIME,window=128"
half=$(($(fact rx_pps) / 2))
compare "half load" "time=$TIME,rate=${half}pps" "${rigs[@]}"
