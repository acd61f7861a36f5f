# SPDX-License-Identifier: MIT
# vde.sh - unchanged VDE clients: datagrams through vde_switch and through dw-switch.
rig_vde_switch || left_out "vde_switch: apt-get install vde-switch"
rig_dw_switch dw-switch
for size in 64 512 1514; do compare "$size B" "size=${size}B,time=$TIME,window=128" vde_switch dw-switch; done
compare "9000 B" "size=9000B,time=$TIME,window=8" dw-switch # vde_switch takes no frames of this length
