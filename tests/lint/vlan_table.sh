#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# vlan_table.sh - the table of VLAN modes in the manual is the one that the unit test runs cell by cell.
cd "$(dirname "$0")/../.." || exit 3
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
"${TOOLS:?}/vlan_table" >"$tmp/want" || exit 3
awk '/^\.\\" end of vlan table/ { on = 0 } on { print } /^\.\\" vlan table:/ { on = 1 }' man/dw-switch.1 >"$tmp/got"
if [ -s "$tmp/want" ] && diff "$tmp/want" "$tmp/got" >"$tmp/diff"; then
  echo "ok 1 - the table of VLAN modes in dw-switch(1) is what the test runs"
else
  echo "not ok 1 - the table of VLAN modes in dw-switch(1) is what the test runs"
  sed 's/^/# /' "$tmp/diff"
fi
echo 1..1
