/* SPDX-License-Identifier: MIT */
/* vidset.h - a set of VLANs, one bit each, and how people write it: "10,20-30", "all", "none".
 * Pure. */
#ifndef DW_SWITCH_CORE_VIDSET_H
#define DW_SWITCH_CORE_VIDSET_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/err.h"
#include "lib/base/ether.h"
#include "lib/proto/out.h"

struct vidset {
	uint64_t word[VID_COUNT / 64];
};

static inline bool vidset_has(const struct vidset *s, unsigned vid)
{
	return s->word[vid >> 6] >> (vid & 63) & 1;
}

static inline void vidset_put(struct vidset *s, unsigned vid, bool in)
{
	uint64_t bit = UINT64_C(1) << (vid & 63);
	if (in)
		s->word[vid >> 6] |= bit;
	else
		s->word[vid >> 6] &= ~bit;
}

bool vidset_empty(const struct vidset *s);
bool vidset_is_all(const struct vidset *s);                  /* 1..4094 */
unsigned vidset_next(const struct vidset *s, unsigned from); /* lowest >= from; VID_COUNT: none */

/* Reads "10,20-30", "all" (1..4094) or "none"; members min..4094. 0 or -EINVAL with words, *s
 * untouched. */
int vidset_parse(struct vidset *s, const char *text, unsigned min, struct err *e);
/* "10,20-30", "all" or "none" as text; in JSON a list of the pieces. Without key or sign. */
void vidset_show(const struct vidset *s, const char *json_key, struct out *o);

#endif
