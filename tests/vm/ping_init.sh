#!/bin/busybox sh
# SPDX-License-Identifier: MIT
# ping_init.sh - /init of a test machine: brings up eth0 as 10.9.0.$id and pings 10.9.0.$peer until it answers.
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
for m in virtio_ring virtio virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci failover net_failover virtio_net; do
  [ -f /mod/$m.ko ] && insmod /mod/$m.ko
done
for word in $(cat /proc/cmdline); do
  case $word in id=*) id=${word#id=} ;; peer=*) peer=${word#peer=} ;; esac
done
ip link set lo up
ip link set eth0 up
ip addr add 10.9.0.$id/24 dev eth0
echo "machine $id: up"
tries=0
while [ $tries -lt 60 ]; do
  if ping -c 3 -w 4 10.9.0.$peer >/tmp/ping 2>&1 && grep -q ' 0% packet loss' /tmp/ping; then
    echo "machine $id: PING-OK $(tail -n 1 /tmp/ping)"
    break
  fi
  tries=$((tries + 1))
done
read -r _ # stays up until the test has heard both
poweroff -f
