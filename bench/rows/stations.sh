# SPDX-License-Identifier: MIT
# stations.sh - the address table: frames between so many pairs of stations, in an order no cache can guess.
rig_vde_switch || left_out "vde_switch: apt-get install vde-switch"
rig_dw_switch dw-switch
rig_rings dw-switch/memif --poll always || left_out "no rings in this build"
for n in 1 1000 100000; do compare "$n" "time=$TIME,window=128,addresses=$n" vde_switch dw-switch dw-switch/memif; done
ROUNDS=1 compare 1000000 "time=$TIME,window=128,addresses=1000000" dw-switch dw-switch/memif
