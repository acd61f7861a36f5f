/* SPDX-License-Identifier: MIT */
/* pattern.c - the bytes of a bulk transfer, eight to a mixed counter. */
#include "lab/station/pattern.h"

#include "lib/base/hash.h"

static uint64_t word_at(uint64_t offset)
{
	return mix64(offset / 8 + 1);
}

void pattern_fill(uint64_t offset, uint8_t *out, size_t len)
{
	uint64_t word = word_at(offset);
	for (size_t i = 0; i < len; i++, offset++) {
		if (offset % 8 == 0)
			word = word_at(offset);
		out[i] = (uint8_t)(word >> 8 * (offset % 8));
	}
}

bool pattern_holds(uint64_t offset, const uint8_t *bytes, size_t len)
{
	uint64_t word = word_at(offset);
	for (size_t i = 0; i < len; i++, offset++) {
		if (offset % 8 == 0)
			word = word_at(offset);
		if (bytes[i] != (uint8_t)(word >> 8 * (offset % 8)))
			return false;
	}
	return true;
}
