/* SPDX-License-Identifier: MIT */
/* hash.h - hashes. SipHash-2-4 (Aumasson, Bernstein 2012) and a 64-bit finaliser. Pure. */
#ifndef DW_BASE_HASH_H
#define DW_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

uint64_t siphash24(uint64_t k0, uint64_t k1, const void *bytes, size_t len);

static inline uint64_t mix64(uint64_t x) /* bijective; every input bit moves every output bit */
{
	x ^= x >> 32;
	x *= 0xd6e8feb86659fd93u;
	x ^= x >> 32;
	x *= 0xd6e8feb86659fd93u;
	return x ^ x >> 32;
}

#endif
