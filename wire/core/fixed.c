/* SPDX-License-Identifier: MIT */
/* fixed.c - the logarithm, by squaring: each square of the mantissa brings one bit of log2. */
#include "wire/core/fixed.h"

#define LN2 UINT64_C(0xb17217f7d1cf79ac) /* ln 2 in 0.64 fixed point */

u128 neg_ln(uint64_t bits)
{
	unsigned shift = 0;
	uint64_t m = bits ? bits : 1; /* 1.63 fixed point once normal */
	while (!(m >> 63)) {
		m <<= 1;
		shift++;
	}
	uint64_t log = 0; /* log2 of m, 0.64 */
	for (unsigned i = 0; i < 60; i++) {
		u128 square = (u128)m * m >> 63;
		bool two = square >> 64;
		m = (uint64_t)(two ? square >> 1 : square);
		log = log << 1 | two;
	}
	/* bits = 2^(63 - shift) * m, so -log2(bits / 2^64) = 1 + shift - log2(m). */
	u128 neg = ((u128)(1 + shift) << 64) - (log << 4);
	return (neg >> 64) * LN2 + mul_high((uint64_t)neg, LN2);
}
