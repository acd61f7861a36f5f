# SPDX-License-Identifier: MIT
# rings.sh - rings in shared memory beside VDE's datagrams: the same generator, two ways to plug in.
rig_vde_switch || left_out "vde_switch: apt-get install vde-switch"
rig_rings dw-switch/memif --poll always || { left_out "no rings in this build"; return 0; }
for size in 64 512 1514; do compare "$size B" "size=${size}B,time=$TIME,window=128" vde_switch dw-switch/memif; done
