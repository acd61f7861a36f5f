# SPDX-License-Identifier: MIT
# ovs.bash - an Open vSwitch of our own for interop tests: dummy devices, no privileges, no kernel (unless asked for),
# its sockets and logs in $tmp/ovs; no system service is touched. Sourced after lib.bash.
ovs=$tmp/ovs
schema=/usr/share/openvswitch/vswitch.ovsschema
PATH=$PATH:/usr/sbin

need_ovs() { # WORDS
  need "$1" ovsdb-tool ovsdb-server ovs-vswitchd ovs-vsctl ovs-appctl || return 1
  [ -e $schema ] || { skip "$1" "$schema is missing"; return 1; }
  mkdir -p "$ovs"
  export OVS_RUNDIR=$ovs OVS_LOGDIR=$ovs OVS_DBDIR=$ovs OVS_SYSCONFDIR=$ovs
}
vsctl() { ovs-vsctl --timeout=30 --db="unix:$ovs/db.sock" "$@"; }
appctl() { ovs-appctl --timeout=30 -t "$ovs/vsw.ctl" "$@"; }
daemon() { # PROGRAM ARGS...: in the foreground, its log in a file
  "$@" --pidfile="$ovs/${1##*/}.pid" --log-file="$ovs/${1##*/}.log" >/dev/null 2>&1 &
  pids+=($!)
}
ovs_up() { # OPTION...: of ovs-vswitchd; none: every device is a dummy
  [ $# -gt 0 ] || set -- --enable-dummy=override --disable-system-route
  ovsdb-tool create "$ovs/conf.db" $schema &&
    daemon ovsdb-server "$ovs/conf.db" --remote="punix:$ovs/db.sock" --unixctl="$ovs/ovsdb.ctl" &&
    within 20 test -S "$ovs/db.sock" && vsctl --no-wait init &&
    daemon ovs-vswitchd "unix:$ovs/db.sock" --disable-system --unixctl="$ovs/vsw.ctl" "$@" && within 20 test -S "$ovs/vsw.ctl"
}

# Its bridge `br` as the peer of rstp.bash: what its spanning tree says.
peer_is() { appctl rstp/show br | tr -s ' ' | tr 'A-Z' 'a-z' | grep -Eq "^ $1 $2 20000 "; } # PORT "ROLE STATE"
peer_show() { appctl rstp/show br; }
peer_root() { appctl rstp/show br | awk '/stp-priority/ { p = $2 } /stp-system-id/ { print p "." $2; exit }'; }
