#!/bin/sh
# SPDX-License-Identifier: MIT
# dpdk.sh [FOLDER] - unpacks Debian's DPDK (testpmd and its drivers) into a folder of its own, build/dpdk by
# default: nothing is installed. tests/interop/rings.sh then speaks to it. DPDK refuses drivers below a folder
# that everybody may write to (/tmp).
set -eu
to=$(mkdir -p "${1:-build/dpdk}" && cd "${1:-build/dpdk}" && pwd)
mkdir -p "$to/deb"
cd "$to/deb"
apt-get download dpdk-dev $(apt-cache search --names-only '^librte-.*23$' | awk '{ print $1 }') \
  libnuma1 libfdt1 libibverbs1 ibverbs-providers librdmacm1 libbsd0 libatomic1 libbpf1 libelf1 libpcap0.8 libisal2 \
  libipsec-mb1 libxdp1
for f in *.deb; do dpkg -x "$f" "$to"; done
rm -r "$to/deb"
echo "dpdk: $to/usr/bin/dpdk-testpmd"
