/* SPDX-License-Identifier: MIT */
/* portset.h - a set of ports, one bit each. Room is made when the bridge is; members never
 * allocate. */
#ifndef DW_SWITCH_CORE_PORTSET_H
#define DW_SWITCH_CORE_PORTSET_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

struct portset {
	uint64_t *word;
	unsigned words;
};

static inline void portset_put(struct portset *s, unsigned port, bool in)
{
	uint64_t bit = UINT64_C(1) << (port & 63);
	if (in)
		s->word[port >> 6] |= bit;
	else
		s->word[port >> 6] &= ~bit;
}

static inline bool portset_has(const struct portset *s, unsigned port)
{
	return port >> 6 < s->words && s->word[port >> 6] >> (port & 63) & 1;
}

static inline unsigned portset_next(const struct portset *s,
				    unsigned from) /* >= from; UINT_MAX: none */
{
	unsigned i = from >> 6;
	if (i >= s->words)
		return UINT_MAX;
	uint64_t w = s->word[i] & ~UINT64_C(0) << (from & 63);
	while (!w) {
		if (++i == s->words)
			return UINT_MAX;
		w = s->word[i];
	}
	return i << 6 | (unsigned)__builtin_ctzll(w);
}

#endif
