/* SPDX-License-Identifier: MIT */
/* pingtext.h - what the system's ping says at its end, read. Pure. */
#ifndef DW_LAB_REAL_PINGTEXT_H
#define DW_LAB_REAL_PINGTEXT_H

#include <stdbool.h>

#include "lab/station/station.h"

/* From "3 packets transmitted, 3 received, ..." and "rtt min/avg/max/mdev = 0.1/0.2/0.3/0.0 ms"
 * (iputils), or "3 packets received" and "round-trip min/avg/max = ..." (busybox), all in the C
 * locale. false: it is neither; *r is untouched. */
bool pingtext_read(struct ping_result *r, const char *text);

#endif
