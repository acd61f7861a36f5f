#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# man.sh - the manual is true: mandoc finds no fault, every option and scheme is named, and every
# example runs. In EXAMPLES each literal block is a script of its own, run in an empty folder with our
# programs first in PATH: lines with "$ " or "> " are typed, other lines are what the screen must show ("..."
# stands for anything). A block after `.\" not run: WHY` is a SKIP.
set -u
cd "$(dirname "$0")/../.." || exit 3
root=$PWD
n=0
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
say() { # say STATUS WORDS [FILE]
  n=$((n + 1))
  if [ "$1" = 0 ]; then echo "ok $n - $2"; else
    echo "not ok $n - $2"
    [ -n "${3:-}" ] && head -n 30 "$3" | sed 's/^/# /'
  fi
}
command -v mandoc >/dev/null || { echo "1..0 # SKIP mandoc is missing: apt-get install mandoc"; exit 0; }

for page in man/*.[17]; do
  mandoc -T lint -W warning "$page" >"$tmp/found" 2>&1
  [ ! -s "$tmp/found" ]
  say $? "$page is good mdoc" "$tmp/found"
done

for program in "$BIN"/dw-*; do
  name=${program##*/}
  page=man/$name.1
  [ -f "$page" ]
  say $? "$name has a manual page"
  [ -f "$page" ] || continue
  mandoc -T utf8 "$page" | col -b | sed 's/[‐−]/-/g' >"$tmp/text"
  # A program of several commands ("Usage: dw-lab run|draw|doctor") has the options of each.
  verbs=$("$program" --help 2>/dev/null | sed -nE '1s/^Usage: [^ ]+ ([a-z]+(\|[a-z]+)+) .*/\1/p' | tr '|' ' ')
  { "$program" --help; for v in $verbs; do "$program" "$v" --help; done; } 2>/dev/null |
    grep -oE '(^|[ ,])--[a-z][a-z-]*[a-z]' | tr -d ' ,' | sort -u >"$tmp/options"
  : >"$tmp/found"
  [ -s "$tmp/options" ] || echo "--help names no option" >"$tmp/found"
  while IFS= read -r o; do
    grep -qE -- "$o([^a-z-]|\$)" "$tmp/text" || echo "$o is not in $page" >>"$tmp/found"
  done <"$tmp/options"
  [ ! -s "$tmp/found" ]
  say $? "$page names every option of $name" "$tmp/found"
done

# Cuts the EXAMPLES of a page into $tmp/ex.1, ex.2 ...; the reason of a block not run goes to ex.N.skip.
cut_examples() {
  rm -f "$tmp"/ex.*
  awk -v out="$tmp/ex." '
    /^\.Sh/ { inside = ($2 == "EXAMPLES") }
    !inside { next }
    /^\.\\" not run: / { why = substr($0, index($0, ": ") + 2); next }
    /^\.Bd -literal/ { k++; block = 1; printf "" > (out k); if (why) print why > (out k ".skip"); why = ""; next }
    /^\.Ed/ { block = 0; next }
    block {
      gsub(/\\&/, ""); gsub(/\\-/, "-"); gsub(/\\\(aq/, "\047"); gsub(/\\\(dq/, "\""); gsub(/\\e/, "\\")
      print > (out k)
    }' "$1"
}

for page in man/*.[17]; do
  cut_examples "$page"
  for ex in $(ls "$tmp" | grep -E '^ex\.[0-9]+$' | sort -t. -k2 -n); do
    ex=$tmp/$ex
    label="$page example ${ex##*.}: $(head -n 1 "$ex" | cut -c1-70)"
    if [ -f "$ex.skip" ]; then
      n=$((n + 1))
      echo "ok $n - $label # SKIP $(cat "$ex.skip")"
      continue
    fi
    rm -rf "$tmp/place"
    mkdir "$tmp/place"
    ln -s "$root/scenarios" "$tmp/place/scenarios"
    sed -nE 's/^(\$|>)( |$)//p' "$ex" >"$tmp/script"
    (cd "$tmp/place" && HOME=$tmp/place PATH=$BIN:$PATH setsid timeout 60 bash -e "$tmp/script" >"$tmp/got" 2>&1 </dev/null)
    code=$?
    # What an example leaves running lives in its folder: end it by its working directory.
    for p in /proc/[0-9]*; do
      [ "$(readlink "$p/cwd" 2>/dev/null)" = "$tmp/place" ] && kill "${p#/proc/}" 2>/dev/null
    done
    grep -vE '^(\$|>)( |$)' "$ex" >"$tmp/want"
    awk '
      function pattern(l) { gsub(/[][\\.^$*+?(){}|]/, "\\\\&", l); gsub(/(\\\.){3}/, ".*", l); return "^" l "$" }
      FILENAME == ARGV[1] { if ($0 != "") want[++w] = $0; next }
      { if (i < w && $0 ~ pattern(want[i + 1])) i++ }
      END { if (i < w) { print "the screen does not show: " want[i + 1]; exit 1 } }' "$tmp/want" "$tmp/got" >"$tmp/found" || code=1
    { [ $code = 0 ] || echo "exit $code"; echo "--- got"; cat "$tmp/got"; } >>"$tmp/found"
    say $code "$label" "$tmp/found"
  done
done
echo "1..$n"
