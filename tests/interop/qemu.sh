#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# qemu.sh - two machines under QEMU's software emulation ping through dw-switch by QEMU's own
# `-netdev vde` client: untagged, then from a trunk port, where the machine tags, to an access port.
set -u
cd "$(dirname "$0")/../.." || exit 3
command -v qemu-system-x86_64 >/dev/null || { echo "1..0 # SKIP qemu-system-x86_64 is missing: apt-get install qemu-system-x86"; exit 0; }
tmp=$(mktemp -d)
pids=()
cleanup() {
  for p in "${pids[@]}"; do kill "$p" 2>/dev/null; done
  wait 2>/dev/null
  rm -rf "$tmp"
}
trap cleanup EXIT
why=$(bash tests/vm/image.sh "$tmp/vm" tests/vm/ping_init.sh 2>&1) || { echo "1..0 # SKIP $why"; exit 0; }

# Waits until FILE has a line like PATTERN, at most SECONDS.
heard() { grep -a -q -m 1 -E "$2" < <(timeout "$3" tail -n +1 -F "$1" 2>/dev/null); }

mkfifo "$tmp/ready"
"${SWITCH:-$BIN/dw-switch}" -s "$tmp/sw" -M "$tmp/sw.mgmt" --nostdin --ready-fd 9 9>"$tmp/ready" &
pids+=($!)
read -r -t 10 _ <"$tmp/ready"
[ -S "$tmp/sw/ctl" ]
echo "$([ -S "$tmp/sw/ctl" ] && echo ok || echo not ok) 1 - the switch is ready"

machine() { # machine ID PEER
  : >"$tmp/log$1"
  qemu-system-x86_64 -accel tcg -m 96 -nographic -no-reboot -kernel "$tmp/vm/vmlinuz" -initrd "$tmp/vm/initrd" \
    -append "console=ttyS0 quiet panic=-1 tsc=unstable id=$1 peer=$2" \
    -netdev "vde,id=n,sock=$tmp/sw,port=$1" -device "virtio-net-pci,netdev=n,mac=52:54:00:00:00:0$1,romfile=" \
    <"$tmp/in$1" >"$tmp/log$1" 2>&1 &
  pids+=($!)
}
mkfifo "$tmp/in1" "$tmp/in2"
exec 7<>"$tmp/in1" 8<>"$tmp/in2"
machine 1 2
machine 2 1
n=1
answered() { # WORD
  local id
  for id in 1 2; do
    n=$((n + 1))
    if heard "$tmp/log$id" "machine $id: $1" 120; then
      echo "ok $n - machine $id: $(grep -ao "$1.*" "$tmp/log$id" | tr -d '\r')"
    else
      echo "not ok $n - machine $id got no answer"
      tail -n 20 "$tmp/log$id" | tr -d '\r' | sed 's/^/# /'
    fi
  done
}
answered PING-OK
ctl() { "$BIN/dw-ctl" "$tmp/sw.mgmt" "$@"; }
if [ -e "$tmp/vm/tree/mod/8021q.ko" ]; then
  ctl port/set 1 trunk=10 && ctl port/set 2 vlan=10
  answered VLAN-OK
else
  n=$((n + 1))
  echo "ok $n - a machine tags its frames # SKIP this kernel has no module 8021q"
fi
plugs=$(ctl port/print | grep -c 'QEMU')
n=$((n + 1))
echo "$([ "$plugs" = 2 ] && echo ok || echo not ok) $n - port/print names both QEMU plugs"
echo "1..$n"
