#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# switch_system.sh - dw-switch as the system starts it: the ifupdown hook with the stanzas of Debian's vde2,
# the systemd unit, readiness as a service manager hears it.
cd "$(dirname "$0")/../.." || exit 3
. tests/interop/lib.bash

cat >"$tmp/defaults" <<END
RUNDIR=$tmp/run
GROUP=$(id -gn)
DW_SWITCH=$BIN/dw-switch
DW_PLUG=$BIN/dw-plug
DEBIAN_HOOK=/nonexistent
END
hook() { env DEFAULTS="$tmp/defaults" "$@" contrib/ifupdown/drahtwerk; }
pid_of() { cat "$tmp/run/$1.pid"; }

stanza_up() {
  hook PHASE=pre-up METHOD=manual IFACE=vde0 IF_VDE2_SWITCH="-n 12 --hub" || return 1
  pids+=("$(pid_of vde0)")
  ask_vde0() { echo "$*" | "$TOOLS/vdesay" "$tmp/run/vde0.mgmt"; }
  ask_vde0 port/showinfo | grep -q '^Numports=12' && [ "$(stat -c %a "$tmp/run/vde0.ctl")" = 2770 ]
}
check "ifup: vde2-switch with options starts a switch" stanza_up
stanza_plug() {
  hook PHASE=pre-up METHOD=manual IFACE=vde0 IF_VDE2_PLUG="$BIN/dw-plug $tmp/run/vde0.ctl" || return 1
  pids+=("$(pid_of vde0-plug)")
  two() { [ "$(ask_vde0 port/print | grep -c 'endpoint ID')" = 2 ]; }
  within 5 two
}
check "ifup: vde2-plug joins it to a command" stanza_plug
stanza_down() {
  hook PHASE=post-down METHOD=manual IFACE=vde0 IF_VDE2_SWITCH=- IF_VDE2_PLUG=x || return 1
  [ -z "$(ls "$tmp/run")" ] || { ls -la "$tmp/run"; return 1; }
}
check "ifdown: nothing is left" stanza_down
no_stanza() { hook PHASE=pre-up METHOD=static IFACE=eth0 && [ -z "$(ls "$tmp/run")" ]; }
check "an interface without such a stanza is none of its business" no_stanza

if need "the systemd unit is in order" systemd-analyze; then
  mkdir -p "$tmp/units"
  sed "s|^ExecStart=dw-switch|ExecStart=$BIN/dw-switch|; s|^Documentation=.*||" contrib/systemd/dw-switch@.service \
    >"$tmp/units/dw-switch@.service"
  check "the systemd unit is in order" systemd-analyze verify "$tmp/units/dw-switch@.service"
fi
if need "READY=1 is said when the sockets accept" socat; then
  notified() {
    local unit
    socat -u "UNIX-RECV:$tmp/notify" - >"$tmp/notified" &
    unit=$!
    pids+=("$unit")
    within 5 test -S "$tmp/notify"
    NOTIFY_SOCKET=$tmp/notify "$BIN/dw-switch" -s "$tmp/n" --nostdin &
    pids+=($!)
    within 5 grep -q READY=1 "$tmp/notified" && [ -S "$tmp/n/ctl" ]
  }
  check "READY=1 is said when the sockets accept" notified
fi
plan
