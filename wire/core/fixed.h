/* SPDX-License-Identifier: MIT */
/* fixed.h - wide integer steps that the laws are made of. Pure. A probability is 0.64 fixed point
 * as in lib/base/stream.h: PROB_ONE is 1. */
#ifndef DW_WIRE_CORE_FIXED_H
#define DW_WIRE_CORE_FIXED_H

#include <stdint.h>

#include "lib/base/stream.h"

__extension__ typedef unsigned __int128
	u128; /* the one typedef: the type has no other plain name */

static inline uint64_t mul_high(uint64_t a, uint64_t b) /* the upper half of a 64 x 64 product */
{
	return (uint64_t)((u128)a * b >> 64);
}

static inline uint64_t prob_not(uint64_t p) /* 1 - p */
{
	return p == PROB_ONE ? 0 : p == 0 ? PROB_ONE : -p;
}

static inline uint64_t prob_mul(uint64_t a, uint64_t b)
{
	return a == PROB_ONE ? b : b == PROB_ONE ? a : mul_high(a, b);
}

static inline uint64_t prob_add(uint64_t a, uint64_t b) /* at most 1 */
{
	return a > PROB_ONE - b ? PROB_ONE : a + b;
}

/* -ln(bits / 2^64) in 64.64 fixed point, to 2^-56; bits 0 counts as 1. */
u128 neg_ln(uint64_t bits);

#endif
