#!/bin/sh
# SPDX-License-Identifier: MIT
# demo.sh BIN_FOLDER - the first scenario on the best backend of this machine, then in virtual time.
set -eu
lab=$1/dw-lab
scenario=scenarios/first-light.lua
# `doctor` says for each backend whether this machine has it, and why not.
best=$("$lab" doctor --best) || best=proc
echo "== $scenario on '$best': real dw-switch and dw-cable processes =="
"$lab" run "$scenario" --backend "$best"
echo
echo "== the same script on 'sim': the same cores in virtual time =="
"$lab" run "$scenario" --backend sim
