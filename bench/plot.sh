#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# plot.sh OUT - a bar chart a group from OUT/results.csv: frames/s, or Mbit/s, or CPU ns where those are all there is.
out=$1
command -v gnuplot >/dev/null || { echo "bench: no plots: gnuplot is missing"; exit 0; }
for group in $(awk -F, 'NR > 1 { print $1 }' "$out/results.csv" | sort -u); do
  awk -F, -v group="$group" '
    NR > 1 && $1 == group {
      if ($11 != "") column["Mbit/s"]; if ($6 != "") column["frames/s"]; if ($7 != "") column["CPU ns a frame"]
      if (!($2 in c)) { c[$2]; cases[++nc] = $2 }
      if (!($3 in s)) { s[$3]; subjects[++ns] = $3 }
      for (k in column) { x = k == "Mbit/s" ? $11 : k == "frames/s" ? $6 : $7; if (x > best[k, $2, $3]) best[k, $2, $3] = x }
    }
    END {
      k = "Mbit/s" in column ? "Mbit/s" : "frames/s" in column ? "frames/s" : "CPU ns a frame"
      print k; printf "case"; for (j = 1; j <= ns; j++) printf "\t%s", subjects[j]; print ""
      for (i = 1; i <= nc; i++) {
        printf "%s", cases[i]; for (j = 1; j <= ns; j++) printf "\t%s", best[k, cases[i], subjects[j]] + 0; print ""
      }
    }' "$out/results.csv" >"$out/$group.tsv"
  unit=$(head -1 "$out/$group.tsv")
  sed -i 1d "$out/$group.tsv"
  gnuplot <<G
set terminal svg size 900,420 noenhanced background "white"
set output "$out/$group.svg"
set datafile separator "\t"
set style data histogram
set style fill solid 0.8 noborder
set ylabel "$unit"
set yrange [0:*]
set key outside top horizontal autotitle columnheader
set title "$group"
plot for [i=2:$(awk -F'\t' 'NR == 1 { print NF }' "$out/$group.tsv")] "$out/$group.tsv" using i:xtic(1)
G
  rm -f "$out/$group.tsv"
done
