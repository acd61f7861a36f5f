/* SPDX-License-Identifier: MIT */
/* dice.h - random operations for property tests: a fixed seed, printed, SEED=N in the environment
 * for another one. */
#ifndef DW_TESTS_UNIT_DICE_H
#define DW_TESTS_UNIT_DICE_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/stream.h"

struct dice {
	struct stream s;
	uint64_t thrown;
};

static inline struct dice dice_of(const char *name)
{
	const char *text = getenv("SEED");
	uint64_t seed = text ? strtoull(text, NULL, 0) : 1;
	printf("# %s: seed %" PRIu64 "\n", name, seed);
	return (struct dice){ .s = stream_of(seed, name) };
}

static inline uint64_t dice_bits(struct dice *d)
{
	return draw(d->s, d->thrown++, 0);
}

static inline uint64_t dice_below(struct dice *d, uint64_t bound)
{
	return draw_below(d->s, d->thrown++, 0, bound);
}

/* All magnitudes alike: as many bits as another throw says. */
static inline uint64_t dice_any_size(struct dice *d)
{
	uint64_t bits = dice_bits(d);
	return bits >> dice_below(d, 64);
}

#endif
