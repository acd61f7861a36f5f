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

# The same machine in a lab, plugged into a switch and joined to a station by a cable.
for p in "${pids[@]:1}"; do kill "$p"; done
cat >"$tmp/vm.lua" <<'END'
local net = lab("machines", { limit = "5m" })
local s1 = net.switch("s1")
local a, b = net.station("a", s1, { ip = "10.9.0.2/24" }), net.station("b", { ip = "10.9.0.3/24" })
local function machine(name, sw, id, peer)
  local opts = { ip = "10.9.0." .. id .. "/24", kernel = "vm/vmlinuz", initrd = "vm/initrd", memory = "96MB",
    append = ("console=ttyS0 quiet panic=-1 tsc=unstable id=%d peer=%d"):format(id, peer), args = { "-smp", "1" } }
  return sw and net.vm(name, sw, opts) or net.vm(name, opts)
end
local m, n = machine("m", s1, 1, 2), machine("n", nil, 4, 3)
net.cable(n, b, { delay = "5ms" })
net.test("machines and stations ping each other", function(t)
  t.eventually("150s", function() return m:console():find("PING%-OK") end, "the machine's ping")
  t.expect(a:ping(m, { within = "5s" }).received, "==", 1)
  t.eventually("150s", function() return n:console():find("PING%-OK") end, "the other's ping")
  t.expect(b:ping(n, { within = "5s" }).rtt_min_ns, ">=", "10ms")
end)
END
n=$((n + 1))
if "$BIN/dw-lab" run --backend proc "$tmp/vm.lua" >"$tmp/lab" 2>&1; then
  echo "ok $n - net.vm: at a switch and on a cable"
else
  echo "not ok $n - net.vm: at a switch and on a cable"
  sed 's/^/# /' "$tmp/lab"
fi
echo "1..$n"
