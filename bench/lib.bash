# SPDX-License-Identifier: MIT
# lib.bash - what the rows of the benchmark share. A rig is one switch with two places to plug in; rig_NAME starts
# it and says where (A, B) and which process to charge (pid; 0: none, the work is done in the sender's time).
tmp=$(mktemp -d)
pids=()
declare -A rig_a rig_b rig_pid
group=$1
mkfifo "$tmp/never"
exec 5<>"$tmp/never"
cleanup() {
  for p in "${pids[@]}"; do kill "$p" 2>/dev/null; done
  wait 2>/dev/null
  rm -rf "$tmp"
}
trap cleanup EXIT
have() { command -v "$1" >/dev/null; }
left_out() { echo "   left out: $*"; }
until_() { # until_ COMMAND...: waits for it, 10 s at most
  local end=$((SECONDS + 10))
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || { echo "   never: $*"; return 1; }
    read -r -t 0.02 _ <&5
  done
  true
}
# The tester has the first processor, what is measured the last one.
cpus=$(nproc)
near() { if [ "$cpus" -gt 1 ]; then taskset -c 0 "$@"; else "$@"; fi; }
far() { if [ "$cpus" -gt 1 ]; then exec taskset -c $((cpus - 1)) "$@"; else exec "$@"; fi; }

# ---- rigs ----
begin() { # begin PROGRAM ARGS...: in the background on the far processor; its pid in $pid
  (far "$@") >>"$tmp/log" 2>&1 <&5 &
  pid=$!
  pids+=("$pid")
}
put() { # put NAME A B PID
  rig_a[$1]=$2 rig_b[$1]=$3 rig_pid[$1]=$4
}
rig_vde_switch() {
  have vde_switch || return 1
  begin vde_switch -s "$tmp/vde" -n 300 "$@"
  until_ test -S "$tmp/vde/ctl" && put vde_switch "$tmp/vde" "$tmp/vde" "$pid"
}
rig_dw_switch() { # NAME [ARGS...]: VDE's datagrams
  local name=$1 dir=$tmp/${1//\//-}
  shift
  begin "$BIN/dw-switch" -s "$dir" -M "$dir.mgmt" -n 5000 --nostdin "$@"
  until_ test -S "$dir/ctl" -a -S "$dir.mgmt" && put "$name" "vde://$dir,rings=no" "vde://$dir,rings=no" "$pid"
}
has_scheme() { "$BIN/dw-plug" --list | grep -q "^$1://"; }
rig_rings() { # NAME [ARGS...]
  local at=memif://$tmp/${1//\//-}/memif
  has_scheme memif && rig_dw_switch "$@" && put "$1" "$at" "$at" "$pid"
}
rig_stream() {
  begin "$BIN/dw-switch" -s "$tmp/s" --nostdin -P "stream+unix://$tmp/s1,listen=yes" -P "stream+unix://$tmp/s2,listen=yes"
  until_ test -S "$tmp/s2" && put dw-switch/stream "stream+unix://$tmp/s1" "stream+unix://$tmp/s2" "$pid"
}
link_up() { for i; do ip link set "$i" mtu 9000 up 2>/dev/null || ip link set "$i" up; done; }
veth() { ip link add "$1" type veth peer name "$2" && link_up "$1" "$2"; }
quiet() { sysctl -qw net.ipv6.conf.default.disable_ipv6=1 net.ipv6.conf.all.disable_ipv6=1; }
rig_bridge_veth() {
  ip link add brv type bridge && veth bv1 bv1x && veth bv2 bv2x || return 1
  ip link set bv1x master brv && ip link set bv2x master brv && link_up brv
  put bridge/veth packet://bv1 packet://bv2 0
}
rig_bridge_tap() {
  ip link add brt type bridge && ip tuntap add bt1 mode tap && ip tuntap add bt2 mode tap || return 1
  ip link set bt1 master brt && ip link set bt2 master brt && link_up bt1 bt2 brt
  put bridge/tap tap://bt1 tap://bt2 0
}
rig_dw_veth() {
  veth dv1 dv1x && veth dv2 dv2x || return 1
  begin "$BIN/dw-switch" -s "$tmp/dv" --nostdin -P packet://dv1x -P packet://dv2x
  until_ test -S "$tmp/dv/ctl" && put dw-switch/veth packet://dv1 packet://dv2 "$pid"
}
rig_dw_tap() {
  begin "$BIN/dw-switch" -s "$tmp/dt" --nostdin -P tap://dt1 -P tap://dt2
  until_ test -S "$tmp/dt/ctl" && link_up dt1 dt2 && put dw-switch/tap packet://dt1 packet://dt2 "$pid"
}
rig_vde_tap() {
  have vde_switch || return 1
  begin vde_switch -s "$tmp/vt" -t vt1 -t vt2
  until_ test -S "$tmp/vt/ctl" && until_ ip link show vt2 && link_up vt1 vt2 && put vde_switch/tap packet://vt1 packet://vt2 "$pid"
}
rig_ovs() { # userspace datapath of an Open vSwitch of our own, over veth
  local d=$tmp/ovs schema=/usr/share/openvswitch/vswitch.ovsschema
  have ovs-vswitchd && [ -e $schema ] && mkdir "$d" || return 1
  export OVS_RUNDIR=$d OVS_LOGDIR=$d OVS_DBDIR=$d OVS_SYSCONFDIR=$d
  ovsdb-tool create "$d/conf.db" $schema && veth ov1 ov1x && veth ov2 ov2x || return 1
  begin ovsdb-server "$d/conf.db" --remote="punix:$d/db.sock" --unixctl="$d/db.ctl" --pidfile="$d/db.pid"
  until_ test -S "$d/db.sock" && ovs-vsctl --db="unix:$d/db.sock" --no-wait init || return 1
  begin ovs-vswitchd "unix:$d/db.sock" --disable-system --unixctl="$d/vsw.ctl" --pidfile="$d/vsw.pid"
  until_ test -S "$d/vsw.ctl" && ovs-vsctl --timeout=10 --db="unix:$d/db.sock" add-br ob -- set bridge ob datapath_type=netdev \
    -- add-port ob ov1x -- add-port ob ov2x >>"$tmp/log" 2>&1 && put ovs-netdev/veth packet://ov1 packet://ov2 "$pid"
}

# ---- measuring ----
probe() { line_ns=$("$BENCH/probe"); }
record() { # record CASE SUBJECT ROUND [metric=value...]
  local what=$1 subject=$2 round=$3 pps='' cpu_ns='' loss='' p50='' p99='' mbps='' kv
  shift 3
  for kv; do local "$kv"; done
  echo "$group,$what,$subject,$round,${line_ns:-},$pps,$cpu_ns,$loss,$p50,$p99,$mbps" >>"$OUT/results.csv"
  printf '   %-22s %-22s %12s frames/s %8s ns CPU  %6s %% lost  p50 %8s us  p99 %8s us %8s Mbit/s  line %s ns\n' \
    "$what" "$subject" "${pps:--}" "${cpu_ns:--}" "${loss:--}" "${p50:--}" "${p99:--}" "${mbps:--}" "${line_ns:--}"
}
ctl() { "$BIN/dw-ctl" "$tmp/$1.mgmt" "${@:2}" >>"$tmp/log"; } # RIG COMMAND...
fact() { sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p" "$tmp/json"; }
us() { awk -v n="$1" 'BEGIN { printf "%.1f", n / 1000 }'; }
load() { # load RIG LOAD: its JSON in $tmp/json
  local extra=''
  [ "${rig_pid[$1]}" = 0 ] || extra=,pid=${rig_pid[$1]}
  near timeout 60 "$BIN/dw-plug" -j "--generate=$2$extra" "${rig_a[$1]}" "${rig_b[$1]}" >"$tmp/json" 2>>"$tmp/log"
  [ -s "$tmp/json" ]
}
measure() { # measure CASE RIG ROUND LOAD
  load "$2" "$4" || { record "$1" "$2" "$3" loss=100; return; }
  local sent received lost
  sent=$(fact sent) received=$(fact received) lost=$(fact lost)
  record "$1" "$2" "$3" "pps=$(fact rx_pps)" "cpu_ns=$(fact cpu_ns_per_frame)" "p50=$(us "$(fact p50_ns)")" \
    "p99=$(us "$(fact p99_ns)")" "loss=$(awk -v l="${lost:-0}" -v n=$((received + lost)) 'BEGIN { printf "%.2f", n ? 100 * l / n : 0 }')"
}
# compare CASE LOAD RIG...: all rigs that run, in turns, with the probe before each turn.
compare() {
  local what=$1 load=$2 round r
  shift 2
  for round in $(seq "$ROUNDS"); do
    probe
    for r; do [ -z "${rig_a[$r]:-}" ] || measure "$what" "$r" "$round" "$load"; done
  done
}
