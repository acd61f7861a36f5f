# SPDX-License-Identifier: MIT
# kernel.sh - ports that are kernel interfaces: taps and veths, beside the kernel's own bridge and Open vSwitch in user space.
# The bridge's work is done in the sender's time, so it has no processor time of its own here.
quiet
rig_vde_tap || left_out "vde_switch: apt-get install vde-switch"
rig_dw_tap
rig_bridge_tap
rig_bridge_veth
rig_dw_veth
rig_ovs || left_out "Open vSwitch: apt-get install openvswitch-switch"
for size in 64 1514; do
  compare "$size B" "size=${size}B,time=$TIME,window=64" vde_switch/tap dw-switch/tap bridge/tap bridge/veth dw-switch/veth ovs-netdev/veth
done
