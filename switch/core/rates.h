/* SPDX-License-Identifier: MIT */
/* rates.h - what crosses the ports in a second, and whose losses are more than they should be.
 * Private to switch/core. A round over all ports begins once a second while frames come in, and
 * takes a bounded number of ports a call; when a round finds nothing new, there are no more until
 * the next frame. */
#ifndef DW_SWITCH_CORE_RATES_H
#define DW_SWITCH_CORE_RATES_H

#include "switch/core/pipeline.h"

void rates_init(struct bridge *b);
void rates_start(struct bridge *b, int64_t now); /* with the first frame */

#endif
