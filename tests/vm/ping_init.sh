#!/bin/busybox sh
# SPDX-License-Identifier: MIT
# ping_init.sh - /init of a test machine: brings up eth0 as 10.9.0.$id and pings 10.9.0.$peer until it answers; then
# the same in 10.9.10.0, where machine 1 tags its frames for VLAN 10 and machine 2 does not.
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
for m in virtio_ring virtio virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci failover net_failover virtio_net \
  llc stp garp mrp 8021q; do
  [ -f /mod/$m.ko ] && insmod /mod/$m.ko
done
for word in $(cat /proc/cmdline); do
  case $word in id=*) id=${word#id=} ;; peer=*) peer=${word#peer=} ;; esac
done
ip link set lo up
ip link set eth0 up
ip addr add 10.9.0.$id/24 dev eth0
echo "machine $id: up"
if [ $id = 1 ]; then
  ip link add link eth0 name eth0.10 type vlan id 10
  ip link set eth0.10 up
  ip addr add 10.9.10.1/24 dev eth0.10
else
  ip addr add 10.9.10.$id/24 dev eth0
fi
pings() { # WORD ADDRESS
  tries=0
  while [ $tries -lt 60 ]; do
    if ping -c 3 -w 4 $2 >/tmp/ping 2>&1 && grep -q ' 0% packet loss' /tmp/ping; then
      echo "machine $id: $1 $(tail -n 1 /tmp/ping)"
      return
    fi
    tries=$((tries + 1))
  done
}
pings PING-OK 10.9.0.$peer
pings VLAN-OK 10.9.10.$peer
read -r _ # stays up until the test has heard both
poweroff -f
