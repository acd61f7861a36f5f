#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# test_vhost_user.sh - two machines under QEMU's software emulation whose network cards are queues in shared memory: one
# waits for the switch and one is waited for. They ping each other, and again when another switch has taken its place.
set -u
cd "$(dirname "$0")/../.." || exit 3
command -v qemu-system-x86_64 >/dev/null || { echo "1..0 # SKIP qemu-system-x86_64 is missing: apt-get install qemu-system-x86"; exit 0; }
. tests/interop/lib.bash
why=$(bash tests/vm/image.sh "$tmp/vm" tests/vm/ping_init.sh 2>&1) || { echo "1..0 # SKIP $why"; exit 0; }
heard() { grep -a -q -m 1 -E "$2" < <(timeout "$3" tail -n +1 -F "$1" 2>/dev/null); }
answered() { # ID WORD
  heard "$tmp/log$1" "machine $1: $2" 150 || { tail -n 20 "$tmp/log$1" | tr -d '\r'; return 1; }
}
# vectors=0: Debian's QEMU 7.2 reads a null pointer when such a card with MSI-X is emulated without KVM.
machine() { # machine ID PEER CHARDEV
  : >"$tmp/log$1"
  qemu-system-x86_64 -accel tcg -m 96 -nographic -no-reboot -kernel "$tmp/vm/vmlinuz" -initrd "$tmp/vm/initrd" \
    -append "console=ttyS0 quiet panic=-1 tsc=unstable id=$1 peer=$2" \
    -object memory-backend-memfd,id=m,size=96M,share=on -numa node,memdev=m -chardev "socket,id=c,$3" \
    -netdev vhost-user,id=n,chardev=c -device "virtio-net-pci,netdev=n,mac=52:54:00:00:00:0$1,romfile=,vectors=0" \
    <"$tmp/in$1" >"$tmp/log$1" 2>&1 &
  pids+=($!)
}
start() { switch s -P "vhost-user://$tmp/v1" -P "vhost-user://$tmp/v2,listen=no"; }
counted() { ask s json port/stats "$1" | grep -q '"rx_frames":[1-9].*"tx_frames":[1-9]'; }
mkfifo "$tmp/in1" "$tmp/in2"
exec 7<>"$tmp/in1" 8<>"$tmp/in2"
start
sw=$last
machine 1 2 "path=$tmp/v1,reconnect=1"
machine 2 1 "path=$tmp/v2,server=on,wait=off"
for id in 1 2; do check "machine $id has an answer" answered "$id" PING-OK; done
for id in 1 2; do check "port $id counts both ways" within 5 counted "$id"; done
stop "$sw"
start
for id in 1 2; do check "machine $id is at the next switch" within 60 counted "$id"; done
if [ -e "$tmp/vm/tree/mod/8021q.ko" ]; then
  ask s port/set 1 trunk=10 >/dev/null && ask s port/set 2 vlan=10 >/dev/null
  for id in 1 2; do check "machine $id has an answer there, over a trunk" answered "$id" VLAN-OK; done
else
  skip "a machine tags its frames" "this kernel has no module 8021q"
fi
plan
