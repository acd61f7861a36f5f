# SPDX-License-Identifier: MIT
# table.awk - results.csv as tables in Markdown, one a group: medians of the rounds, and the ratio to the case's first
# subject (of Mbit/s where there are some, else of frames/s, else of processor time: how many times less).
BEGIN { FS = "," }
function median(list,   v, n, i, j, t) {
  n = split(list, v, " ")
  if (!n) return ""
  for (i = 2; i <= n; i++) { t = v[i]; for (j = i - 1; j && v[j] + 0 > t + 0; j--) v[j + 1] = v[j]; v[j + 1] = t }
  return n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
}
function big(x) { return x == "" ? "" : x >= 1e6 ? sprintf("%.2f M", x / 1e6) : x >= 1e4 ? sprintf("%.0f k", x / 1e3) : sprintf("%.0f", x) }
NR == 1 { for (i = 1; i <= NF; i++) name[i] = $i; next }
{
  if (!($1 in seen)) { seen[$1]; groups[++ng] = $1 }
  k = $1 SUBSEP $2 SUBSEP $3
  if (!(k in there)) { there[k]; keys[$1, ++nk[$1]] = k; if (!(($1, $2) in first)) first[$1, $2] = k }
  for (i = 5; i <= NF; i++) if ($i != "") v[k, name[i]] = v[k, name[i]] " " $i
}
END {
  for (g = 1; g <= ng; g++) {
    printf "\n**%s**\n\n| case | subject | frames/s | CPU ns/frame | lost %% | p50 us | p99 us | Mbit/s | ratio | line ns |\n", groups[g]
    print "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|"
    for (i = 1; i <= nk[groups[g]]; i++) {
      k = keys[groups[g], i]; split(k, p, SUBSEP); f = first[p[1], p[2]]
      pps = median(v[k, "pps"]); cpu = median(v[k, "cpu_ns"]); mbps = median(v[k, "mbps"])
      if (mbps != "" && median(v[f, "mbps"]) > 0) ratio = mbps / median(v[f, "mbps"])
      else if (pps != "" && median(v[f, "pps"]) > 0) ratio = pps / median(v[f, "pps"])
      else if (cpu > 0 && median(v[f, "cpu_ns"]) > 0) ratio = median(v[f, "cpu_ns"]) / cpu
      else ratio = ""
      printf "| %s | %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", p[2], p[3], big(pps), cpu, median(v[k, "loss_percent"]),
        median(v[k, "p50_us"]), median(v[k, "p99_us"]), mbps, ratio == "" ? "" : sprintf("%.2f", ratio), median(v[k, "line_ns"])
    }
  }
}
