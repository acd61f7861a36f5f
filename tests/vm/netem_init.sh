#!/bin/busybox sh
# SPDX-License-Identifier: MIT
# netem_init.sh - /init of a test machine: the laws of /laws, one a line as tc writes them, on a veth pair, each with
# the frames that dw-plug sends and counts; what it says goes to the console, one line a law.
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
for m in veth sch_netem; do [ -f /mod/$m.ko ] && insmod /mod/$m.ko; done
ip=/tools/ip tc=/tools/tc plug=/tools/dw-plug
$ip link add v0 type veth peer name v1
for f in v0 v1; do
  echo 1 >/proc/sys/net/ipv6/conf/$f/disable_ipv6
  $ip link set $f up
done
if ! $tc qdisc add dev v0 root netem limit 100000; then
  echo "NETEM-NONE"
  poweroff -f
fi
while IFS='|' read -r law load; do
  $tc qdisc del dev v0 root # a changed one keeps the loss model it had
  $tc qdisc add dev v0 root netem limit 100000 $law || continue
  echo "NETEM|$law|$($plug -j --generate="$load" packet://v0 packet://v1 2>&1)"
done </laws
echo NETEM-END
poweroff -f
