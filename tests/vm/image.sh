#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# image.sh FOLDER INIT [MODULE...] [-- FILE...] - makes FOLDER/vmlinuz and FOLDER/initrd: Debian's cloud
# kernel, its network drivers and those modules, busybox, the script INIT as /init. A FILE that can be
# run comes with its libraries into /tools, FROM:TO is only copied. The kernel is the installed one,
# else Debian's package unpacked into FOLDER (nothing is installed). Exit 1 with a word on what is missing.
set -u
folder=$1 init=$2
shift 2
more=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do
  more+=("$1")
  shift
done
[ $# = 0 ] || shift
mkdir -p "$folder"
need() { command -v "$1" >/dev/null || { echo "image.sh: $1 is missing: apt-get install $2" >&2; exit 1; }; }
need busybox busybox-static
need cpio cpio
kernel=$(ls /boot/vmlinuz-*-cloud-amd64 2>/dev/null | tail -n 1)
root=
if [ ! -r "$kernel" ]; then
  root=$folder/kernel
  kernel=$(ls "$root"/boot/vmlinuz-*-cloud-amd64 2>/dev/null | tail -n 1)
  if [ -z "$kernel" ]; then
    need apt-get apt
    package=$(apt-cache depends linux-image-cloud-amd64 2>/dev/null | awk '/Depends:/ { print $2; exit }')
    [ -n "$package" ] || { echo "image.sh: no package linux-image-cloud-amd64: apt-get update" >&2; exit 1; }
    mkdir -p "$root"
    (cd "$root" && apt-get -q=2 download "$package" >/dev/null 2>&1 && dpkg -x ./*.deb . && rm -f ./*.deb) ||
      { echo "image.sh: $package cannot be fetched" >&2; exit 1; }
    kernel=$(ls "$root"/boot/vmlinuz-*-cloud-amd64 | tail -n 1)
  fi
fi
release=${kernel##*/vmlinuz-}
modules=$root/lib/modules/$release
tree=$folder/tree
rm -rf "$tree"
mkdir -p "$tree"/{bin,dev,proc,sys,mod,tmp}
cp "$(command -v busybox)" "$tree/bin/busybox"
# What the kernel has built in is simply absent.
for m in virtio_ring virtio virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci failover net_failover virtio_net 8021q garp mrp stp llc "${more[@]}"; do
  f=$(find "$modules" -name "$m.ko*" 2>/dev/null | head -n 1)
  [ -z "$f" ] && continue
  case $f in
    *.xz) xz -dc "$f" >"$tree/mod/$m.ko" ;;
    *) cp "$f" "$tree/mod/$m.ko" ;;
  esac
done
bring() { # FROM TO: into the tree, links followed
  mkdir -p "$tree/$(dirname "$2")"
  cp -L "$1" "$tree/$2" || { echo "image.sh: $1 is missing" >&2; exit 1; }
}
for f; do
  case $f in
    *:*) bring "${f%%:*}" "${f#*:}" ;;
    *)
      bring "$f" "/tools/${f##*/}"
      for lib in $(ldd "$f" | grep -o '/[^ ]*'); do bring "$lib" "$lib"; done ;;
  esac
done
cp "$init" "$tree/init"
chmod 755 "$tree/init"
cp "$kernel" "$folder/vmlinuz"
(cd "$tree" && find . | cpio -o -H newc --quiet | gzip -1) >"$folder/initrd"
