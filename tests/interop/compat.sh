#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# compat.sh - dw-plug and dw-switch under the names of VDE's own programs: vde_plug's command line as
# vdeplug4 has it (and vde-2's -p and -s), its login shell, its exit codes; and the installed links.
cd "$(dirname "$0")/../.." || exit 3
. tests/interop/lib.bash
BIN=$(realpath "$BIN")
mkdir "$tmp/compat"
ln -s "$BIN/dw-plug" "$tmp/compat/vde_plug"
ln -s "$BIN/dw-switch" "$tmp/compat/vde_switch"
ours=$tmp/compat/vde_plug
theirs=$(command -v vde_plug)
case $(readlink -f "${theirs:-/}") in */dw-*) theirs= ;; esac # not ours under its name

peer s "$tmp/compat/vde_switch" -s "$tmp/s"
within 10 test -S "$tmp/s/ctl"
switch a
switch b

# ---- forms ----
peer p1 "$ours" "$tmp/a"
peer p2 "$ours" "$tmp/b"
within 10 has_endpoints a 1
within 10 has_endpoints b 1
check "the description is vdeplug4's" grep -q 'vdeplug: user=.* pid=' <(ask a port/print 1)
joined() { # WORDS COMMAND...: it joins a and b, and frames cross
  local words=$1
  shift
  "$@" 2>>"$tmp/joined.log" &
  last=$!
  pids+=("$last")
  within 10 has_endpoints a 2 && within 10 has_endpoints b 2
  check "$words" frames p1 p2 50
  stop "$last"
  within 10 has_endpoints a 1 && within 10 has_endpoints b 1
}
joined "vde_plug VNL VNL" "$ours" "$tmp/a" "vde://$tmp/b"
joined "vde_plug VNL = COMMAND" "$ours" "$tmp/a" = "$ours" "$tmp/b"
mkdir -p "$tmp/home/.vde2"
ln -s "$tmp/a" "$tmp/home/.vde2/default.switch"
joined "vde_plug = COMMAND: the default switch" env HOME="$tmp/home" "$ours" = "$ours" "$tmp/b"
joined "vde_plug '' VNL, too" env HOME="$tmp/home" "$ours" '' "$tmp/b"
if [ -n "$theirs" ]; then
  joined "vde_plug VNL = the original" "$ours" "$tmp/a" = "$theirs" "$tmp/b"
  joined "the original = ours" "$theirs" "$tmp/a" = "$ours" "$tmp/b"
else
  skip "together with the original" "vdeplug is missing"
fi
switch 'comma, a'
peer p3 "$ours" "$tmp/comma, a"
check "a comma in the name of a switch is no key" within 10 has_endpoints 'comma, a' 1
stop "$last"

# ---- options ----
on_port() { # PORT DESCRIPTION VDE_PLUG-ARGS...: where it comes to be
  local port=$1 descr=$2 code
  shift 2
  peer opt "$ours" "$@"
  within 10 has_endpoints a 2
  ask a port/print "$port" | grep -q "$descr user="
  code=$?
  stop "$last"
  within 10 has_endpoints a 1
  return "$code"
}
check "-D and DIR[N]" on_port 5 mine -D mine "$tmp/a[5]"
check "vde-2's -p N is the port" on_port 6 vdeplug: -p 6 "$tmp/a"
check "vde-2's -s DIR and one dash before long names" on_port 7 vdeplug: -s "$tmp/a" -port 7
check "--port, abbreviated --descr" on_port 8 d --port 8 --des d "$tmp/a"
check "-m and -g" on_port 9 vdeplug: -m 770 -g "$(id -gn)" "$tmp/a[9]"
check "vdeplug4's -p FILE, with -d" is_code 0 "$ours" -d -p "$tmp/pid" --port2 11 -M 700 "$tmp/a" "$tmp/b"
check "the number is in it" kill -0 "$(cat "$tmp/pid")"
check "the second plug has its own options, and the same description" \
  grep -q 'vdeplug: user=' <(ask b port/print 11)
kill "$(cat "$tmp/pid")"
within 10 has_endpoints b 1
# User-mode Linux's way in: a socket that is there already.
if [ -n "$theirs" ] && command -v python3 >/dev/null; then
  cat >"$tmp/uml.py" <<'EOF'
import os, socket, sys
a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
if os.fork() == 0:
    os.set_inheritable(b.fileno(), True)
    a.close()
    os.execv(sys.argv[1], [sys.argv[1], "--descr", "uml", "seqpacket://%d" % b.fileno(), sys.argv[2]])
b.close()
a.settimeout(10)
frame = bytes.fromhex("ffffffffffff02000000000a88b5") + b"from uml" * 10
a.send(frame)
print(a.recv(9999)[14:17].decode())
EOF
  uml() {
    LSAN_OPTIONS=detect_leaks=0 python3 "$tmp/uml.py" "$1" "$tmp/a" >"$tmp/uml.out" 2>"$tmp/uml.err" &
    local uml=$!
    pids+=("$uml")
    within 10 has_endpoints a 2 || { kill "$uml"; wait "$uml"; cat "$tmp/uml.err"; return 1; }
    ask a port/print | grep -q 'uml user=' || echo "no description"
    local code=1
    printf '\0\36\377\377\377\377\377\377\2\0\0\0\0\13\210\265yes, to uml.....' >"$tmp/p1.in"
    wait "$uml"
    grep -qx yes "$tmp/uml.out" && timeout 5 head -c 90 <"$tmp/p1.out" | grep -q 'from uml' && code=0
    within 10 has_endpoints a 1
    return "$code"
  }
  case $BIN in
    *-address* | *-thread*) skip "--descr D seqpacket://FD VNL" "libvdeplug's modules cannot be loaded under the sanitizer" ;;
    *) check "--descr D seqpacket://FD VNL" uml "$ours" ;;
  esac
else
  skip "--descr D seqpacket://FD VNL" "vdeplug or python3 is missing"
fi

# ---- the login shell and the exit codes, held against the original's ----
same() { # ARG...: exit code and stdout
  local a b
  a=$(: | timeout 10 "$ours" "$@" 2>"$tmp/ours.err"; echo "exit $?")
  b=$(: | timeout 10 "$theirs" "$@" 2>"$tmp/theirs.err"; echo "exit $?")
  [ "$a" = "$b" ] || { printf 'ours:\n%s\ntheirs:\n%s\n' "$a" "$b"; cat "$tmp/ours.err"; return 1; }
}
if [ -n "$theirs" ]; then
  check "another command in the login shell is refused, as by the original" same -c 'sh -i'
  check "a plug that ends is 0" same "$tmp/a"
  check "so is one whose command fails" same "$tmp/a" = false
  check "the one allowed word goes on" same -c vde_plug "$tmp/a"
  check "no such switch is 1" same "$tmp/none"
  check "misuse is 255" same --no-such-option
  check "three networks are misuse" same a b c
else
  skip "exit codes as the original's" "vdeplug is missing"
fi
login() { (exec -a -vde_plug "$ours"); }
check "a login without a command is refused" is_code 255 login
check "in VDE's words" grep -q 'This is not a login shell, only vde_plug can be executed' "$tmp/said"
check "--help is vde_plug's" grep -q -- '--iplog' <("$ours" --help)
check "and offers none of dw-plug's own" bash -c "! '$ours' --help | grep -qE -- '--(reconnect|capture|list)'"

# ---- what syslog hears ----
hears() { # -c vde_plug in a mount namespace whose /dev/log is ours; then an IPv4 frame from the user
  mkdir "$tmp/dev"
  touch "$tmp/dev/null"
  unshare "$@" -m bash -c '
    mount -t tmpfs t "$1/dev" && touch "$1/dev/null" "$1/dev/urandom" && mount --bind /dev/null "$1/dev/null" &&
      mount --bind /dev/urandom "$1/dev/urandom" && mount --rbind "$1/dev" /dev || exit 99
    socat -u UNIX-RECV:/dev/log,mode=666 "OPEN:$1/heard,creat,append" & socat=$!
    until [ -S /dev/log ]; do :; done
    { printf "\0\52\377\377\377\377\377\377\2\0\0\0\0\13\201\0\0\7\10\0\105\0\0\30\0\0\0\0\100\21\0\0\12\0\0\1\12\0\0\2"
      printf "....\0\42\377\377\377\377\377\377\2\0\0\0\0\13\10\0\105\0\0\24\0\0\0\0\100\21\0\0\12\0\0\1\12\0\0\2"; } |
      SSH_CLIENT="192.0.2.7 99 22" "$2" -L -c vde_plug "$1/a" >/dev/null
    SSH_CLIENT="192.0.2.8 99 22" "$2" -c sh
    until grep -q FAILED "$1/heard" || [ "$SECONDS" -gt 5 ]; do :; done
    kill $socat' - "$tmp" "$ours" >"$tmp/hears.out" 2>&1
  [ $? != 99 ]
}
if need "syslog hears of it" socat unshare; then
  if hears || hears -r; then
    check "START, with user and address" grep -q "vde_plug: START: user $(id -un) IP 192.0.2.7" "$tmp/heard"
    check "each new address with its VLAN" grep -q 'Real-IP 192.0.2.7 has got VDE-IP4 10.0.0.1 on vlan 7' "$tmp/heard"
    check "and untagged" grep -q 'Real-IP 192.0.2.7 has got VDE-IP4 10.0.0.1 on vlan 0' "$tmp/heard"
    check "STOP" grep -q 'vde_plug: STOP: user .* IP 192.0.2.7' "$tmp/heard"
    check "FAILED for another command" grep -q 'vde_plug: FAILED: user .* IP 192.0.2.8' "$tmp/heard"
  else
    skip "syslog hears of it" "no mount namespace here"
  fi
fi

# ---- the links that make install puts in place ----
# The programs are there: O says where, and -o that they are not to be built again.
inst() { env -u MAKEFLAGS -u MAKELEVEL make -s "$1" -o programs O="${BIN%/bin}" PROGRAMS="dw-plug dw-switch" DESTDIR="$tmp/root" PREFIX=/usr; }
check "make install links the names" inst install
links=$tmp/root/usr/lib/drahtwerk/compat
check "vde_plug is dw-plug" test "$(readlink -f "$links/vde_plug")" = "$tmp/root/usr/bin/dw-plug"
check "vde_switch is dw-switch" test "$(readlink -f "$links/vde_switch")" = "$tmp/root/usr/bin/dw-switch"
check "completion is there for each" grep -q dw-plug "$tmp/root/usr/share/bash-completion/completions/dw-plug"
check "make uninstall leaves none behind" eval 'inst uninstall && ! find "$tmp/root" -name "dw-*" -o -name "vde_*" | grep .'
plan
