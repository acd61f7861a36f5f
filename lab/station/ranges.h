/* SPDX-License-Identifier: MIT */
/* ranges.h - which pieces of a byte stream came before their time: a few disjoint ranges in order.
 * Pure; no bytes are kept, since a bulk transfer's bytes are checked when they come. */
#ifndef DW_LAB_STATION_RANGES_H
#define DW_LAB_STATION_RANGES_H

#include <stdbool.h>
#include <stdint.h>

enum { RANGES_MAX = 32 };

struct range {
	uint64_t from, to; /* to: first byte after */
};

struct ranges { /* zeroed is empty */
	unsigned count;
	struct range v[RANGES_MAX];
};

bool ranges_add(struct ranges *r, uint64_t from,
		uint64_t to); /* false: full, as if it never came */
/* The stream is whole up to `at`: takes out what that reaches and returns how far it is whole now.
 */
uint64_t ranges_join(struct ranges *r, uint64_t at);

#endif
