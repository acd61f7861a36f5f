#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# rings.sh - shared memory between our programs, to Debian's libvdeplug programs through our module, and
# to DPDK's net_memif in both roles (DPDK=ROOT, where its packages were unpacked; see contrib/dpdk.sh).
cd "$(dirname "$0")/../.." || exit 3
. tests/interop/lib.bash
plug=$BIN/dw-plug
system_modules=/usr/lib/$(gcc -print-multiarch 2>/dev/null)/vdeplug
has() { grep -q -- "$2" <(ask "$1" port/print); }
up_ports() { [ "$(ask "$1" port/stats | grep -c ': up')" = "$2" ]; }

# ---- our own programs ----
switch a
modes() { [ "$(stat -c %a "$tmp/a/memif")" = "$(stat -c %a "$tmp/a/ctl")" ]; }
check "a switch offers rings with the mode of its VDE socket" modes
readied p1 "$plug" "$tmp/a"
readied p2 "$plug" "dw://$tmp/a,port=7,descr=seventh"
readied p3 "$plug" "memif://$tmp/a/memif"
readied p4 "$plug" "$tmp/a,rings=no"
check "the port that was asked for, and the description" has a 'seventh user='
check "frames between rings, both ways" both_ways p1 p2 300
check "a third one hears them, too" both_ways p1 p3 100
check "rings and datagrams on one switch" both_ways p1 p4 100
check "long frames go through several buffers" both_ways p1 p2 50 -l 9000
maps() { [ "$(grep -c drahtwerk-rings "/proc/$last/maps")" = "$1" ]; }
check "rings=no shares no memory" maps 0

refused() { is_code 1 "$plug" "$1" "$tmp/a" && grep -q "$2" "$tmp/said"; }
ask a port/create 9 >/dev/null
ask a port/setuser 9 nobody >/dev/null
check "a port that the switch has not: told why" refused "dw://$tmp/a,port=99" 'port 99: there are only 32'
nobody() { # as somebody who may not use port 9, and somebody who may
  command -v setpriv >/dev/null || return 0
  chmod 755 "$tmp" && chmod 777 "$tmp/a" "$tmp/a/memif" || return 1
  setpriv --reuid=daemon --clear-groups "$plug" "dw://$tmp/a,port=9" - </dev/null >"$tmp/said" 2>&1 || true
  grep -q 'port 9: not for user' "$tmp/said"
}
if [ "$(id -u)" = 0 ] && setpriv --reuid=daemon --clear-groups test -x "$plug"; then
  check "port/setuser holds for rings" nobody
else
  skip "port/setuser holds for rings" "needs root, and a build that others can read"
fi
check "no rings there: 3, in words" is_code 3 "$plug" "dw://$tmp" -
check "which name them" grep -q 'no switch there that offers rings' "$tmp/said"

switch b
cable c "dw://$tmp/a,port=20" "$tmp/b,port=1"
check "a cable on rings" within 5 up_ports b 1
ask a port/down 20 >/dev/null
check "port/down takes the link from the far switch" within 5 up_ports b 0
plugged() { has b 'endpoint ID'; }
check "which stays plugged in" plugged
ask a port/up 20 >/dev/null
check "port/up gives it back" within 5 up_ports b 1

peer p5 "$plug" "dw://$tmp/a,port=12"
within 5 has a '^Port 0012'
kill -9 "$last"
wait "$last" 2>/dev/null
gone() { ! ask a port/print | grep -A4 '^Port 0012' | grep -q 'endpoint ID'; }
check "a plug that was killed leaves its port" within 5 gone
check "and nobody else notices" both_ways p1 p2 100

for how in never always; do
  switch "p-$how" --poll "$how"
  readied q1 "$plug" "$tmp/p-$how" --poll "$how"
  readied q2 "$plug" "$tmp/p-$how" --poll "$how"
  check "--poll $how" both_ways q1 q2 100
  stop "$last"
done
check "--poll: another word is misuse" is_code 2 "$plug" --poll often "$tmp/a" -

# ---- programs of libvdeplug ----
module=$BIN/../lib/libvdeplug_dw.so
export VDEPLUGIN_PATH=$BIN/../lib:$system_modules
if ! [ -e "$module" ]; then
  skip "vde_plug dw://" "no module was built"
elif grep -q __asan_init "$module"; then
  skip "vde_plug dw://" "libvdeplug's modules cannot be loaded under the sanitizer"
elif need "vde_plug dw://" vde_plug vde_switch; then
  peer v1 vde_plug "dw://$tmp/a"
  peer v2 vde_plug "dw://$tmp/a[port=15]"
  check "an unmodified vde_plug gets the port it wants" within 5 has a '^Port 0015'
  on_rings() { grep -q drahtwerk-rings "/proc/$last/maps"; }
  check "on rings" within 5 on_rings
  check "frames between two of them" both_ways v1 v2 200
  check "and to one of ours" both_ways v1 p2 200
  mkfifo "$tmp/vde.stdin"
  exec 8<>"$tmp/vde.stdin"
  vde_switch -s "$tmp/old" <&8 >/dev/null 2>&1 8>&- &
  pids+=("$!")
  within 5 test -S "$tmp/old/ctl"
  peer v3 vde_plug "dw://$tmp/old"
  peer v4 vde_plug "vde://$tmp/old"
  old() { frames v4 v3 100 || frames v4 v3 100; } # the plug says nothing when it is plugged in
  check "on vde_switch it falls back to the VDE protocol" old
fi

# ---- DPDK ----
testpmd=${DPDK:-build/dpdk}/usr/bin/dpdk-testpmd
libs=$(dirname "$(dirname "$testpmd")")/lib/$(gcc -print-multiarch 2>/dev/null)
driver() { find "$libs" -name "librte_$1.so.*" -path '*pmds*' | sort | head -n 1; }
pmd() { # NAME ROLE FORWARD: testpmd on one memif; its pid in $last
  mkfifo "$tmp/$1.stdin"
  exec {held}<>"$tmp/$1.stdin"
  LD_LIBRARY_PATH=$libs "$testpmd" --no-huge -m 256 --no-pci --no-telemetry --file-prefix="dw$$$1" --lcores '0@0,1@1' \
    -d "$(driver net_memif)" -d "$(driver mempool_ring)" \
    --vdev "net_memif0,$2,socket-abstract=no" -- -i --total-num-mbufs=4096 --forward-mode="$3" --auto-start \
    --port-topology=loop <"$tmp/$1.stdin" >"$tmp/$1.log" 2>&1 {held}>&- &
  last=$!
  pids+=("$last")
}
if ! [ -x "$testpmd" ]; then
  skip "DPDK's net_memif" "no $testpmd (contrib/dpdk.sh unpacks it there)"
elif LD_LIBRARY_PATH=$libs ldd "$testpmd" | grep -q 'not found'; then
  skip "DPDK's net_memif" "libraries of testpmd are missing"
else
  pmd client "role=client,socket=$tmp/b/memif" macswap
  if ! within 20 has b DPDK; then
    skip "DPDK's net_memif" "$(grep -m 1 -E 'insecure|Cannot|Error' "$tmp/client.log")"
  else
    readied d1 "$plug" "$tmp/b"
    returned() { frames d1 d1 100 -d 02:00:00:00:00:77; }
    check "testpmd as client sends back what it gets" returned
    stop "$last"
    pmd server "role=server,socket=$tmp/dpdk.sock" macswap
    within 20 grep -q "TX RS bit" "$tmp/server.log" # its socket is there before it knows its own id
    readied d2 "$plug" "memif://$tmp/dpdk.sock"
    served() { frames d2 d2 100; }
    check "and as server" served
  fi
fi
plan
