/* SPDX-License-Identifier: MIT */
/* stream.h - chance as a function of a name and an index, never a state. Pure.
 * A stream's key is SipHash-2-4 of its name under the seed; a draw is Philox4x32-10 under that key.
 * Names: "<link>/<ab|ba>/<stage>". The same (seed, name, n, k) gives the same number everywhere. */
#ifndef DW_BASE_STREAM_H
#define DW_BASE_STREAM_H

#include <stdbool.h>
#include <stdint.h>

struct stream {
	uint64_t key;
};

struct stream stream_of(uint64_t seed,
			const char *name); /* SipHash key: seed LE, then 8 zero bytes */

/* 64 uniform bits: Philox key = s.key (low word first), counter = {n lo, n hi, k, 0};
 * result = out[0] | out[1] << 32. n: ordinal of the frame; k: which draw of this stage. */
uint64_t draw(struct stream s, uint64_t n, uint32_t k);

/* Uniform in 0..bound-1 without bias beyond 2^-64 (high half of a 64x64 product); bound > 0. */
uint64_t draw_below(struct stream s, uint64_t n, uint32_t k, uint64_t bound);

/* A probability is 0.64 fixed point; PROB_ONE (all ones) means certain. */
#define PROB_ONE UINT64_MAX

static inline bool chance(uint64_t p, uint64_t bits) /* true with probability p */
{
	return p == PROB_ONE || bits < p;
}

void philox4x32_10(uint32_t out[static 4], const uint32_t ctr[static 4],
		   const uint32_t key[static 2]);

#endif
