/* SPDX-License-Identifier: MIT */
/* testframe.h - the numbered frame that framegen writes and frameck checks: addresses, an optional
 * 802.1Q tag, the ethertype for local experiments (IEEE 802 table 2: 88b5), number, length, and a
 * pattern that depends on both. Independent of the libraries under test. */
#ifndef DW_TESTS_TOOLS_TESTFRAME_H
#define DW_TESTS_TOOLS_TESTFRAME_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum {
	TESTFRAME_TYPE = 0x88b5,
	TESTFRAME_MIN = 22,    /* header, number, length; four more with a tag */
	TESTFRAME_MAX = 65535, /* what two bytes of framing can say */
};

static inline void testframe_put32(uint8_t *p, uint32_t v)
{
	for (int i = 3; i >= 0; i--, v >>= 8)
		p[i] = (uint8_t)v;
}

static inline uint32_t testframe_get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Behind the addresses (and the tag) that are there already; `at` is the offset of the ethertype.
 */
static inline void testframe_fill(uint8_t *f, uint32_t len, uint32_t at, uint32_t number)
{
	f[at] = TESTFRAME_TYPE >> 8;
	f[at + 1] = TESTFRAME_TYPE & 0xff;
	testframe_put32(f + at + 2, number);
	testframe_put32(f + at + 6, len - at);
	for (uint32_t i = at + 10; i < len; i++)
		f[i] = (uint8_t)(number * 7 + (i - at));
}

/* false: not one of ours. *whole tells whether every byte is as sent (bytes after the said length
 * are padding and do not count). */
static inline bool testframe_read(const uint8_t *f, uint32_t len, uint32_t *number, bool *whole)
{
	uint32_t at = 12;
	if (len >= 18 && f[12] == 0x81 && f[13] == 0x00)
		at = 16;
	if (len < at + 10 || f[at] != TESTFRAME_TYPE >> 8 || f[at + 1] != (TESTFRAME_TYPE & 0xff))
		return false;
	*number = testframe_get32(f + at + 2);
	uint32_t said = testframe_get32(f + at + 6);
	*whole = said >= 10 && said <= len - at;
	for (uint32_t i = at + 10; *whole && i < at + said; i++)
		*whole = f[i] == (uint8_t)(*number * 7 + (i - at));
	return true;
}

#endif
