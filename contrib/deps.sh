#!/bin/sh
# SPDX-License-Identifier: MIT
# deps.sh - installs what building and testing need on Debian (with sudo when not root).
# Prints what it installs; does nothing when all is there.
set -eu
build="gcc clang make binutils pkg-config git liblua5.4-dev libvdeplug-dev libedit-dev libncurses-dev libpcap-dev"
checks="libcmocka-dev libjansson-dev libclang-rt-14-dev clang-tidy clang-format mandoc gawk"
peers="tmux vde2 vde-switch vde-wirefilter vdeplug tshark iproute2 iputils-ping bsdutils procps
  qemu-system-x86 seabios ipxe-qemu busybox-static cpio xz-utils kmod"
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
# shellcheck disable=SC2086
$sudo env DEBIAN_FRONTEND=noninteractive apt-get -q=2 -o Dpkg::Use-Pty=0 install -y --no-install-recommends $missing >/dev/null
echo "deps: done"
