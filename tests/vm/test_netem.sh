#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# test_netem.sh - our laws beside those of a real netem, in a machine with Debian's kernel under QEMU's software
# emulation: the same law on both, as many frames, and shares that differ no more than chance makes them.
cd "$(dirname "$0")/../.." || exit 3
. tests/interop/lib.bash
for p in qemu-system-x86_64 tc ip; do
  command -v $p >/dev/null || PATH=$PATH:/usr/sbin:/sbin command -v $p >/dev/null || { echo "1..0 # SKIP $p is missing"; exit 0; }
done
PATH=$PATH:/usr/sbin:/sbin
dists=$(dirname "$(find /usr/lib -name paretonormal.dist 2>/dev/null | head -n 1)")

# WORDS | netem's law | ours | load | which count is compared | how much wider chance is by correlation
laws=$(cat <<'L'
loss|loss 10%|loss=10%|count=20000,rate=20kpps|lost|1
correlated loss|loss 30% 50%|loss=30% loss-corr=50%|count=20000,rate=20kpps|lost|3
Gilbert-Elliott|loss gemodel 5% 20% 80% 1%|ge=5%,20%,80%,1%|count=20000,rate=20kpps|lost|7
four states|loss state 5% 30% 20% 10% 1%|loss-state=5%,30%,20%,10%,1%|count=20000,rate=20kpps|lost|9
duplication|duplicate 10%|dup=10%|count=20000,rate=20kpps|duplicated|1
duplication and loss|duplicate 50% loss 20%|dup=50% loss=20%|count=20000,rate=20kpps|duplicated|1
L
)
quantiles='delay 100ms 20ms distribution normal
delay 100ms 20ms distribution pareto
delay 100ms 20ms distribution paretonormal'
{
  cut -d'|' -f2,4 <<<"$laws"
  for _ in 1 2 3; do sed 's/$/|count=3000,rate=1kpps/' <<<"$quantiles"; done
} >"$tmp/laws"
files=()
for f in "$dists"/*.dist; do files+=("$f:$f"); done
why=$(bash tests/vm/image.sh "$tmp/vm" tests/vm/netem_init.sh veth sch_netem -- "$(command -v ip)" "$(command -v tc)" \
  "$BIN/dw-plug" "$tmp/laws:/laws" "${files[@]}" 2>&1) || { echo "1..0 # SKIP $why"; exit 0; }
timeout 240 qemu-system-x86_64 -accel tcg -m 192 -nographic -no-reboot -kernel "$tmp/vm/vmlinuz" -initrd "$tmp/vm/initrd" \
  -append "console=ttyS0 quiet panic=-1 tsc=unstable" -nic none </dev/null 2>&1 | tr -d '\r' >"$tmp/log"
if grep -q NETEM-NONE "$tmp/log"; then echo "1..0 # SKIP this kernel has no netem"; exit 0; fi
check "the machine came to its end" grep -q NETEM-END "$tmp/log"

fact() { grep -o "\"$1\":[0-9]*" | head -n 1 | cut -d: -f2; }
of_netem() { grep -F "NETEM|$1|" "$tmp/log" | head -n 1; }
# ours LAW...: the report's counts of a wire that does as netem does
ours() {
  "$BIN/dw-wire" -q --seed 1 --compat netem --limit 1000000p "${@/#/--}" "$TOOLS/framegen" -n 200000 = \
    "$TOOLS/frameck" -n 200000 -m 200000 -o "$tmp/ours" 2>/dev/null
  cat "$tmp/ours"
}
alike() { # LAW OURS FIELD SPREAD: shares of what was sent, five standard deviations apart at most
  local netem mine
  netem=$(of_netem "$1" | fact "$3")
  [ -n "$netem" ] || { grep -F "NETEM|$1" "$tmp/log"; return 1; }
  # shellcheck disable=SC2086
  case $3 in
    lost) mine=$(ours $2 | grep -o 'missing=[0-9]*' | cut -d= -f2) ;;
    *) mine=$(ours $2 | grep -o 'duplicated=[0-9]*' | cut -d= -f2) ;;
  esac
  awk -v a="$netem" -v b="$mine" -v s="$4" 'BEGIN {
    p = a / 20000; q = b / 200000; m = (p + q) / 2; d = 5 * sqrt(s * m * (1 - m) * (1 / 20000 + 1 / 200000))
    printf "netem %.4f, ours %.4f, %.4f is chance\n", p, q, d
    exit !(p > 0 && p - q < d && q - p < d) }'
}
while IFS='|' read -r words law mine _ field spread; do
  check "$words: as netem's" alike "$law" "$mine" "$field" "$spread"
  sed 's/^/# /' "$tmp/check.out"
done <<<"$laws"

# Delays: the machine adds its own, a few ms; distances between quantiles are the law's, in one of three tries at least.
near() { # LINE WANT_P90-P50 WANT_P99-P50 (ms)
  awk -v a="$(fact p50_ns <<<"$1")" -v b="$(fact p90_ns <<<"$1")" -v c="$(fact p99_ns <<<"$1")" -v x="$2" -v y="$3" 'BEGIN {
    b = (b - a) / 1e6; c = (c - a) / 1e6
    printf "p90 is %.1f ms behind the median (%.1f by the table), p99 %.1f (%.1f)\n", b, x, c, y
    exit !(a > 0 && b > x - 4 && b < x + 4 && c > y - 8 && c < y + 8) }'
}
apart() { # LAW AND BOTH
  local line
  while read -r line; do near "$line" "$2" "$3" && return; done < <(grep -F "NETEM|$1|" "$tmp/log")
  return 1
}
table() { # LAW: those distances by tc's file
  awk '!/^#/ { for (i = 1; i <= NF; i++) v[n++] = $i + 0 }
    END { for (i = 1; i < n; i++) { t = v[i]; for (j = i - 1; j >= 0 && v[j] > t; j--) v[j + 1] = v[j]; v[j + 1] = t }
      m = v[int(n / 2)]; print (v[int(n * 0.9)] - m) * 20 / 8192, (v[int(n * 0.99)] - m) * 20 / 8192 }' "$1"
}
while read -r law; do
  name=${law##* }
  words="a delay by $name is the table's, in netem as it is here"
  # shellcheck disable=SC2046
  if apart "$law" $(table "$dists/$name.dist") >"$tmp/apart"; then ok "$words"
  elif [ "$(cut -d. -f1 /proc/loadavg)" -ge "$(nproc)" ]; then skip "$words" "no idle processor here, load $(cut -d' ' -f1 /proc/loadavg)"
  else not_ok "$words"; fi
  sed 's/^/# /' "$tmp/apart"
done <<<"$quantiles"
plan
