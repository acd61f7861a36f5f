/* SPDX-License-Identifier: MIT */
/* fixed.h - wide integer steps that the laws are made of. Pure. */
#ifndef DW_WIRE_CORE_FIXED_H
#define DW_WIRE_CORE_FIXED_H

#include <stdint.h>

__extension__ typedef unsigned __int128
	u128; /* the one typedef: the type has no other plain name */

static inline uint64_t mul_high(uint64_t a, uint64_t b) /* the upper half of a 64 x 64 product */
{
	return (uint64_t)((u128)a * b >> 64);
}

#endif
