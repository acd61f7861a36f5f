#!/bin/sh
# SPDX-License-Identifier: MIT
# deps.sh - installs what building and testing need on Debian (with sudo when not root).
# Prints what it installs; does nothing when all is there. No service is started or left enabled by it:
# the tests run the daemons they need by themselves.
set -eu
build="gcc clang make binutils pkg-config git liblua5.4-dev libvdeplug-dev libedit-dev libncurses-dev libpcap-dev"
checks="libcmocka-dev libjansson-dev libexpat1-dev libyaml-dev libclang-rt-14-dev clang-tidy clang-format mandoc gawk python3-jsonschema"
peers="tmux vde2 vde-switch vde-wirefilter vdeplug vdens tshark iproute2 iputils-ping bsdutils procps
  qemu-system-x86 seabios ipxe-qemu busybox-static cpio xz-utils kmod openssh-client openssh-server openvswitch-switch
  socat tcpreplay graphviz libxml2-utils iperf3 gnuplot-nox"
missing=
for p in $build $checks $peers; do
  s=$(dpkg-query -W -f='${Status}' "$p" 2>/dev/null) || s=
  [ "$s" = "install ok installed" ] || missing="$missing $p"
done
[ -n "$missing" ] || exit 0
echo "deps: installing$missing"
sudo=
if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null || { echo "deps: neither root nor sudo: install$missing by hand" >&2; exit 3; }
  sudo=sudo
fi
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get -q=2 update
# What packages bring as services is denied its start while we install, unless this machine has a policy.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' | $sudo tee "$policy" >/dev/null
  $sudo chmod 755 "$policy"
  trap '$sudo rm -f "$policy"' EXIT
fi
# shellcheck disable=SC2086
$sudo env DEBIAN_FRONTEND=noninteractive apt-get -q=2 -o Dpkg::Use-Pty=0 install -y --no-install-recommends $missing >/dev/null
case "$missing" in *openssh-server*) $sudo systemctl -q disable ssh.service 2>/dev/null || true ;; esac
case "$missing" in *openvswitch-switch*) $sudo systemctl -q disable openvswitch-switch.service 2>/dev/null || true ;; esac
echo "deps: done"
