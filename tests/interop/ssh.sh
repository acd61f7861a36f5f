#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# ssh.sh - ssh:// over a real sshd on loopback, with keys made here: frames both ways, one connection for
# all plugs, a connection that is cut, a far side without dw-plug, and a password nobody can be asked for.
cd "$(dirname "$0")/../.." || exit 3
. tests/interop/lib.bash
BIN=$(realpath "$BIN")
sshd=$(PATH=$PATH:/usr/sbin command -v sshd)
for p in "$sshd" ssh ssh-keygen ss setsid; do
  command -v "$p" >/dev/null || { echo "1..0 # SKIP OpenSSH's server or client is missing: apt-get install openssh-server"; exit 0; }
done

# sshd wants this folder when it runs as root, and its service makes it. It stays: another's may want it now.
[ "$(id -u)" != 0 ] || mkdir -p -m 755 /run/sshd
ends() {
  local p
  for p in $(pgrep -P "$server"); do kill "$p" 2>/dev/null; done # a session outlives its sshd
  cleanup
}
trap ends EXIT

unused() { ! ss -Hltn "sport = :$1" | grep -q .; }
base=$((20000 + RANDOM % 8000))
until unused "$base" && unused $((base + 1)); do base=$((base + 2)); done
mkdir "$tmp/bin" "$tmp/run"
chmod 700 "$tmp" "$tmp/run"
ssh-keygen -q -t ed25519 -N '' -f "$tmp/hostkey"
ssh-keygen -q -t ed25519 -N '' -f "$tmp/key"
cp "$tmp/key.pub" "$tmp/authorized"
echo "[127.0.0.1]:$base $(cut -d' ' -f1,2 "$tmp/hostkey.pub")" >"$tmp/known"
echo "[127.0.0.1]:$((base + 1)) $(cut -d' ' -f1,2 "$tmp/hostkey.pub")" >>"$tmp/known"
cat >"$tmp/sshd_config" <<EOF
ListenAddress 127.0.0.1:$base
ListenAddress 127.0.0.1:$((base + 1))
HostKey $tmp/hostkey
PidFile none
AuthorizedKeysFile $tmp/authorized
StrictModes no
UsePAM no
PermitRootLogin yes
PasswordAuthentication yes
KbdInteractiveAuthentication no
Match LocalPort $base
  SetEnv PATH=$BIN:/usr/bin:/bin
Match LocalPort $((base + 1))
  SetEnv PATH=/usr/bin:/bin
EOF
cat >"$tmp/ssh_config" <<EOF
Host bare
  Port $((base + 1))
Host locked
  User nobody
  PreferredAuthentications password
  PubkeyAuthentication no
Host *
  HostName 127.0.0.1
  Port $base
  UserKnownHostsFile $tmp/known
  StrictHostKeyChecking yes
  IdentityFile $tmp/key
  IdentitiesOnly yes
EOF
# The user's own configuration, as ~/.ssh/config would be.
printf '#!/bin/sh\nexec %s -F %s "$@"\n' "$(command -v ssh)" "$tmp/ssh_config" >"$tmp/bin/ssh"
chmod +x "$tmp/bin/ssh"
export PATH=$tmp/bin:$PATH XDG_RUNTIME_DIR=$tmp/run
unset SSH_AUTH_SOCK
"$sshd" -D -e -f "$tmp/sshd_config" 2>"$tmp/sshd.log" &
server=$!
pids+=("$server")
listens() { ! unused "$base"; }
if ! within 10 listens; then
  echo "1..0 # SKIP sshd does not start here: $(tail -n 1 "$tmp/sshd.log")"
  exit 0
fi
sessions() { pgrep -P "$server" | wc -l; }
one_session() { [ "$(sessions)" = 1 ]; }

plug=$BIN/dw-plug
switch a
switch b
peer pa "$plug" "$tmp/a"
peer pb "$plug" "$tmp/b"
within 10 has_endpoints a 1
within 10 has_endpoints b 1

# ---- frames ----
"$plug" "$tmp/a" "ssh://far$tmp/b,port=7,descr=over there" --reconnect=100ms 2>"$tmp/over.err" &
over=$!
pids+=("$over")
within 20 has_endpoints b 2
check "a switch and a far switch, joined by one dw-plug" frames pa pb 200 -l 1000
check "and back" frames pb pa 200 -l 9216 -s 02:00:00:00:00:0b -d 02:00:00:00:00:0a
check "with the keys of the locator" grep -q "over there user=.* SSH=127.0.0.1" <(ask b port/print 7)

peer second "$plug" "ssh://far/vde://$tmp/a"
within 20 has_endpoints a 3
check "ssh://HOST/LOCATOR" frames second pb 100
check "two plugs to one host share one connection" one_session
stop "$last"
within 5 has_endpoints a 2
check "one that leaves takes no other with it" frames pa pb 100
cable k "ssh://far$tmp/a" "ssh://far$tmp/b"
check "a cable between two far switches, over the same connection" one_session
stop "$last"
within 5 has_endpoints b 2

# ---- a connection that is cut ----
gone() { [ "$(endpoints b)" = 1 ]; }
kill $(pgrep -P "$server")
check "--reconnect says that the connection is lost" within 10 grep -q 'ssh could not connect, or lost the connection' "$tmp/over.err"
check "and is back" within 20 grep -q 'is back' "$tmp/over.err"
within 10 has_endpoints b 2
check "and frames flow again" frames pa pb 100
stop "$over"
check "the far plug leaves with the near one" within 10 gone

# ---- what can be wrong ----
check "a far side without dw-plug: 3" is_code 3 timeout 20 "$plug" "ssh://bare$tmp/b" "$tmp/a"
check "in words" grep -q 'the far side has no dw-plug in its PATH' "$tmp/said"
check "a password without a terminal: 3, no hang" is_code 3 setsid -w timeout 20 "$plug" "ssh://locked$tmp/b" "$tmp/a"
check "in words" grep -q 'ssh could not connect, .*(without a terminal it asks for no password)' "$tmp/said"
check "a far switch that is not there: 1" is_code 1 timeout 20 "$plug" "ssh://far$tmp/none" "$tmp/a"
check "in the far side's words" grep -q "$tmp/none: No such file or directory" "$tmp/said"
check "no such host: 3" is_code 3 timeout 20 "$plug" "ssh://far:1$tmp/b" "$tmp/a"
plan
