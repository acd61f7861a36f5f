/* SPDX-License-Identifier: MIT */
/* mirror.h - copies of what comes in or leaves at one port, for who listens at another. That port
 * is for copies alone: nothing else is sent there, and what it sends is dropped. However many
 * mirrors of a port see a frame, it gets one copy: as the first of them, by number, sees it. */
#ifndef DW_SWITCH_CORE_MIRROR_H
#define DW_SWITCH_CORE_MIRROR_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"

enum {
	MIRRORS_MAX = 16,
	MIRROR_ANY_VLAN = 0xffff,
	MIRROR_FILTER_MAX = 256, /* bytes of an expression, with its end */
};
enum mirror_dir { MIRROR_IN = 1, MIRROR_OUT = 2, MIRROR_BOTH = 3 };

struct mirror {
	uint8_t dir;                    /* enum mirror_dir; 0: there is no mirror */
	uint16_t from, to;              /* ports; they need not exist yet */
	uint16_t vid;                   /* or MIRROR_ANY_VLAN */
	char filter[MIRROR_FILTER_MAX]; /* a pcap expression over the copy; "": all frames */
};

struct mirror_config { /* of the bridge; mirror N is at[N - 1] */
	struct mirror at[MIRRORS_MAX];
};

/* 0, or -EINVAL with words: a port of none, one that watches itself, or is both watched and for
 * copies. */
int mirror_config_check(const struct mirror_config *c, unsigned numports, struct err *e);
bool mirror_config_same(const struct mirror_config *a, const struct mirror_config *b);
bool mirror_ends_at(const struct mirror_config *c, unsigned port); /* it is for copies alone */

#endif
