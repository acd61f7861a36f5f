# SPDX-License-Identifier: MIT
# lab.sh - What the lab in virtual time must reach: frame-hops, an idle network's speed, big labs, memory. Of one processor.
"$BENCH/lab" || return 1
