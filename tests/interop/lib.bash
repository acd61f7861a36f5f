# SPDX-License-Identifier: MIT
# lib.bash - what interop tests share: TAP lines, a folder of their own, processes that are ended by pid,
# and waiting for a condition with a deadline. Sourced; needs BIN and TOOLS.
set -u
: "${BIN:?the folder of the programs}" "${TOOLS:?the folder of the test tools}"
tmp=$(mktemp -d)
pids=()
n=0

cleanup() {
  local p
  for p in "${pids[@]}"; do kill "$p" 2>/dev/null; done
  for p in "${pids[@]}"; do wait "$p" 2>/dev/null; done
  rm -rf "$tmp"
}
trap cleanup EXIT

ok() { n=$((n + 1)); echo "ok $n - $1"; }
not_ok() { n=$((n + 1)); echo "not ok $n - $1"; }
skip() { n=$((n + 1)); echo "ok $n - $1 # SKIP $2"; }
plan() { echo "1..$n"; }

# check WORDS COMMAND...: ok when the command says 0; else what it printed, as a comment.
check() {
  local words=$1
  shift
  if "$@" >"$tmp/check.out" 2>&1; then
    ok "$words"
  else
    not_ok "$words"
    tail -n 400 "$tmp/check.out" | sed 's/^/# /'
  fi
}

# need WORDS PROGRAM...: false (and a skip line) when one is missing.
need() {
  local words=$1 p
  shift
  for p in "$@"; do
    command -v "$p" >/dev/null || { skip "$words" "$p is missing"; return 1; }
  done
}

# within SECONDS COMMAND...: asks until it says 0.
within() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || return 1
    read -r -t 0.02 _ <>"$tmp/clock"
  done
  return 0
}
mkfifo "$tmp/clock"

# is_code N COMMAND...: its exit code is N; what it said is in $tmp/said.
is_code() {
  local want=$1 got
  shift
  "$@" >"$tmp/said" 2>&1
  got=$?
  [ "$got" = "$want" ] || { echo "exit $got, not $want: $*"; cat "$tmp/said"; return 1; }
}

ended() { ! kill -0 "$1" 2>/dev/null || grep -q '^State:.Z' "/proc/$1/status"; }
# idles PID...: in half a second none of them uses the processor for more than 50 ms (5 ticks).
ticks() { awk '{ print $14 + $15 }' "/proc/$1/stat"; }
idles() {
  local p before=()
  for p; do before+=("$(ticks "$p")"); done
  read -r -t 0.5 _ <>"$tmp/clock"
  for p; do
    [ $(($(ticks "$p") - before[0])) -le 5 ] || { echo "$p is busy"; return 1; }
    before=("${before[@]:1}")
  done
}
stop() { kill "$1"; wait "$1" 2>/dev/null; }

# switch NAME [ARG...]: dw-switch on $tmp/NAME with management on $tmp/NAME.mgmt; its pid in $last.
switch() {
  local name=$1
  shift
  rm -f "$tmp/ready"
  mkfifo "$tmp/ready"
  "$BIN/dw-switch" -s "$tmp/$name" -M "$tmp/$name.mgmt" --nostdin --ready-fd 9 "$@" \
    9>"$tmp/ready" 2>>"$tmp/$name.log" &
  last=$!
  pids+=("$last")
  read -r -t 20 _ <"$tmp/ready"
}

# cable NAME ARG...: dw-cable with management on $tmp/NAME.mgmt; its pid in $last.
cable() {
  local name=$1
  shift
  rm -f "$tmp/ready"
  mkfifo "$tmp/ready"
  "$BIN/dw-cable" -M "$tmp/$name.mgmt" --ready-fd 9 "$@" 9>"$tmp/ready" 2>>"$tmp/$name.log" &
  last=$!
  pids+=("$last")
  read -r -t 20 _ <"$tmp/ready"
}

# ask NAME COMMAND...: on one line, the reply on stdout, 0 for 1000.
ask() {
  local sock=$tmp/$1.mgmt reply
  shift
  reply=$(echo "$*" | "$TOOLS/vdesay" "$sock") || return 1
  echo "$reply" | sed '1,/^vde\$/d'
  echo "$reply" | grep -q '^1000 Success'
}

# peer NAME COMMAND...: COMMAND with its stdin and stdout on the fifos NAME.in and NAME.out of $tmp, both
# held open here; its pid in $last.
peer() {
  local name=$1 in out
  shift
  rm -f "$tmp/$name.in" "$tmp/$name.out"
  mkfifo "$tmp/$name.in" "$tmp/$name.out"
  exec {in}<>"$tmp/$name.in" {out}<>"$tmp/$name.out"
  "$@" <"$tmp/$name.in" >"$tmp/$name.out" 2>"$tmp/$name.err" {in}>&- {out}>&- &
  last=$!
  pids+=("$last")
}

# frames FROM TO COUNT [framegen option...]: COUNT frames written into FROM come out at TO. Their numbers
# begin at $first, which moves on, so that what else waits at TO is not mistaken for them.
first=0
frames() {
  local from=$1 to=$2 count=$3
  shift 3
  first=$((first + 1000))
  "$TOOLS/framegen" -n "$count" -f "$first" -p 100 "$@" >"$tmp/$from.in" &
  local gen=$!
  "$TOOLS/frameck" -n "$count" -f "$first" -T 10 <"$tmp/$to.out"
  local code=$?
  wait "$gen"
  return "$code"
}

# both_ways A B COUNT [framegen option...]: COUNT frames each way.
both_ways() {
  local a=$1 b=$2
  shift 2
  frames "$a" "$b" "$@" -s 02:00:00:00:00:0a && frames "$b" "$a" "$@" -s 02:00:00:00:00:0b -d 02:00:00:00:00:0a
}

# readied NAME COMMAND...: peer, and wait until it says that it is ready.
readied() {
  local name=$1
  shift
  rm -f "$tmp/$name.ready"
  mkfifo "$tmp/$name.ready"
  peer "$name" bash -c 'exec 9>"$1"; shift; exec "$@"' - "$tmp/$name.ready" "$@" --ready-fd 9
  read -r -t 20 _ <"$tmp/$name.ready"
}

# namespace NAME [unshare option...]: a network namespace held by a process; its pid in $last.
namespace() {
  local name=$1
  shift
  rm -f "$tmp/$name.ns"
  mkfifo "$tmp/$name.ns"
  unshare "$@" -n bash -c 'echo up >"$1"; exec sleep 1000' - "$tmp/$name.ns" 2>/dev/null &
  last=$!
  pids+=("$last")
  read -r -t 5 _ <>"$tmp/$name.ns"
}

# inside PID NSENTER-OPTION... COMMAND...
inside() {
  local pid=$1
  shift
  nsenter -t "$pid" "$@"
}

endpoints() { ask "$1" port/print | grep -c 'endpoint ID'; }
has_endpoints() { [ "$(endpoints "$1")" = "$2" ]; }
