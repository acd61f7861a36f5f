/* SPDX-License-Identifier: MIT */
/* stream.c - Philox4x32-10, after Salmon et al., "Parallel random numbers: as easy as 1, 2, 3"
 * (SC 2011), 3.3; named streams over it. */
#include "lib/base/stream.h"

#include <assert.h>
#include <string.h>

#include "lib/base/hash.h"

void philox4x32_10(uint32_t out[static 4], const uint32_t ctr[static 4],
		   const uint32_t key[static 2])
{
	uint32_t c0 = ctr[0], c1 = ctr[1], c2 = ctr[2], c3 = ctr[3];
	uint32_t k0 = key[0], k1 = key[1];
	for (int round = 0; round < 10; round++) {
		uint64_t a = (uint64_t)0xd2511f53u * c0;
		uint64_t b = (uint64_t)0xcd9e8d57u * c2;
		c0 = (uint32_t)(b >> 32) ^ c1 ^ k0;
		c1 = (uint32_t)b;
		c2 = (uint32_t)(a >> 32) ^ c3 ^ k1;
		c3 = (uint32_t)a;
		k0 += 0x9e3779b9u; /* the golden ratio */
		k1 += 0xbb67ae85u; /* sqrt(3) - 1 */
	}
	out[0] = c0;
	out[1] = c1;
	out[2] = c2;
	out[3] = c3;
}

struct stream stream_of(uint64_t seed, const char *name)
{
	return (struct stream){ .key = siphash24(seed, 0, name, strlen(name)) };
}

uint64_t draw(struct stream s, uint64_t n, uint32_t k)
{
	const uint32_t key[2] = { (uint32_t)s.key, (uint32_t)(s.key >> 32) };
	const uint32_t ctr[4] = { (uint32_t)n, (uint32_t)(n >> 32), k, 0 };
	uint32_t out[4];
	philox4x32_10(out, ctr, key);
	return out[0] | (uint64_t)out[1] << 32;
}

/* The high half of the 128-bit product; ISO C has no type for the whole. */
static uint64_t mul_high(uint64_t a, uint64_t b)
{
	uint64_t al = (uint32_t)a, ah = a >> 32, bl = (uint32_t)b, bh = b >> 32;
	uint64_t mid = ah * bl + (al * bl >> 32); /* < 2^64: (2^32-1)^2 + 2^32-1 */
	uint64_t mid2 = al * bh + (uint32_t)mid;
	return ah * bh + (mid >> 32) + (mid2 >> 32);
}

uint64_t draw_below(struct stream s, uint64_t n, uint32_t k, uint64_t bound)
{
	assert(bound > 0);
	return mul_high(draw(s, n, k), bound);
}
