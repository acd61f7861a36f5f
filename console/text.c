/* SPDX-License-Identifier: MIT */
/* text.c - UTF-8, escapes and short numbers. */
#include "console/text.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { REPLACEMENT = 0xfffd };

/* ---- characters ---- */

static bool is_tail(unsigned char byte)
{
	return (byte & 0xc0) == 0x80;
}

size_t text_next(const char *at, const char *end, uint32_t *ch)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *p = (const unsigned char *)at;
	size_t len = p[0] < 0x80   ? 1
		     : p[0] < 0xc2 ? 0
		     : p[0] < 0xe0 ? 2
		     : p[0] < 0xf0 ? 3
		     : p[0] < 0xf5 ? 4
				   : 0;
	*ch = REPLACEMENT;
	if (len == 1)
		*ch = p[0];
	if (len <= 1 || (size_t)(end - at) < len)
		return 1;
	uint32_t v = p[0] & (0x7fU >> len);
	for (size_t i = 1; i < len; i++) {
		if (!is_tail(p[i]))
			return 1;
		v = v << 6 | (p[i] & 0x3f);
	}
	if (v < least[len] || v > 0x10ffff || (v >= 0xd800 && v < 0xe000))
		return 1;
	*ch = v;
	return len;
}

size_t text_utf8(uint32_t ch, char buf[static 5])
{
	size_t len = ch < 0x80 ? 1 : ch < 0x800 ? 2 : ch < 0x10000 ? 3 : 4;
	static const uint8_t lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	for (size_t i = len; i-- > 1; ch >>= 6)
		buf[i] = (char)(0x80 | (ch & 0x3f));
	buf[0] = (char)(lead[len] | ch);
	buf[len] = '\0';
	return len;
}

struct range {
	uint32_t first, last;
};

static bool is_in(const struct range *r, size_t count, uint32_t ch)
{
	for (size_t i = 0; i < count; i++)
		if (ch >= r[i].first && ch <= r[i].last)
			return true;
	return false;
}

int text_width(uint32_t ch)
{
	/* Controls, soft hyphen, combining marks, joiners, direction marks, variation selectors,
	 * private and unassigned planes: UAX #9 and UAX #44, in coarse ranges that err towards
	 * escaping. */
	static const struct range hidden[] = {
		{ 0x00, 0x1f },     { 0x7f, 0x9f },       { 0xad, 0xad },        { 0x300, 0x36f },
		{ 0x483, 0x489 },   { 0x591, 0x5bd },     { 0x610, 0x61c },      { 0x64b, 0x65f },
		{ 0x6d6, 0x6ed },   { 0x900, 0x903 },     { 0x1ab0, 0x1aff },    { 0x1dc0, 0x1dff },
		{ 0x200b, 0x200f }, { 0x2028, 0x202e },   { 0x2060, 0x206f },    { 0x20d0, 0x20ff },
		{ 0xd800, 0xf8ff }, { 0xfe00, 0xfe0f },   { 0xfe20, 0xfe2f },    { 0xfeff, 0xfeff },
		{ 0xfff0, 0xfffb }, { 0x1f3fb, 0x1f3ff }, { 0xe0000, 0x10ffff },
	};
	/* UAX #11: East Asian Wide and Fullwidth, and pictures. */
	static const struct range wide[] = {
		{ 0x1100, 0x115f },   { 0x231a, 0x231b },   { 0x2e80, 0x303e },
		{ 0x3041, 0xa4cf },   { 0xac00, 0xd7a3 },   { 0xf900, 0xfaff },
		{ 0xfe30, 0xfe6f },   { 0xff00, 0xff60 },   { 0xffe0, 0xffe6 },
		{ 0x1f300, 0x1f64f }, { 0x1f680, 0x1f6ff }, { 0x1f900, 0x1f9ff },
		{ 0x20000, 0x3fffd },
	};
	if (ch >= 0x20 && ch < 0x7f)
		return 1;
	if (is_in(hidden, sizeof hidden / sizeof *hidden, ch))
		return 0;
	return is_in(wide, sizeof wide / sizeof *wide, ch) ? 2 : 1;
}

void text_escape(uint32_t ch, char buf[static TEXT_ESCAPE_MAX])
{
	if (ch == '\n' || ch == '\t' || ch == '\r')
		snprintf(buf, TEXT_ESCAPE_MAX, "\\%c", ch == '\n' ? 'n' : ch == '\t' ? 't' : 'r');
	else if (ch < 0x100)
		snprintf(buf, TEXT_ESCAPE_MAX, "\\x%02" PRIx32, ch);
	else
		snprintf(buf, TEXT_ESCAPE_MAX, ch < 0x10000 ? "\\u%04" PRIx32 : "\\U%08" PRIx32,
			 ch);
}

char text_ascii(uint32_t ch)
{
	static const struct {
		uint32_t ch;
		char likeness;
	} map[] = {
		{ 0x2581, '_' }, { 0x2582, '.' }, { 0x2583, '-' }, { 0x2584, ':' }, { 0x2585, '=' },
		{ 0x2586, '+' }, { 0x2587, '*' }, { 0x2588, '#' }, { 0x2500, '-' }, { 0x2502, '|' },
		{ 0x251c, '+' }, { 0x2514, '`' }, { 0x2026, '~' }, { 0x2192, '>' }, { 0x25b2, '^' },
		{ 0x25bc, 'v' }, { 0x25cf, '*' }, { 0x25cb, 'o' }, { 0x00d7, 'x' }, { 0x2190, '<' },
		{ 0x2194, '=' }, { 0x00b7, '.' }, { 0x2717, 'x' },
	};
	if (ch < 0x80)
		return (char)ch;
	for (size_t i = 0; i < sizeof map / sizeof *map; i++)
		if (map[i].ch == ch)
			return map[i].likeness;
	return '?';
}

bool text_has(const char *text, const char *part)
{
	for (;; text++) {
		size_t i = 0;
		while (part[i] &&
		       tolower((unsigned char)text[i]) == tolower((unsigned char)part[i]))
			i++;
		if (!part[i])
			return true;
		if (!*text)
			return false;
	}
}

/* ---- numbers ---- */

/* At most four characters and the unit: the value cut (not rounded: 999.9k stays below 1M). */
static void scaled(char *buf, uint64_t n, const char *unit)
{
	static const char prefix[] = " kMGTPE";
	unsigned step = 0;
	uint64_t tenths = 0;
	while (n >= 1000) {
		tenths = n % 1000 / 100;
		n /= 1000;
		step++;
	}
	if (!step)
		snprintf(buf, TEXT_NUMBER_LEN, "%" PRIu64 "%s", n, unit);
	else if (n < 10)
		snprintf(buf, TEXT_NUMBER_LEN, "%" PRIu64 ".%" PRIu64 "%c%s", n, tenths,
			 prefix[step], unit);
	else
		snprintf(buf, TEXT_NUMBER_LEN, "%" PRIu64 "%c%s", n, prefix[step], unit);
}

char *text_count(char buf[static TEXT_NUMBER_LEN], uint64_t n)
{
	scaled(buf, n, "");
	return buf;
}

char *text_bits(char buf[static TEXT_NUMBER_LEN], uint64_t bps)
{
	scaled(buf, bps, "b");
	return buf;
}

char *text_span(char buf[static TEXT_NUMBER_LEN], int64_t ns)
{
	static const struct {
		int64_t seconds;
		char unit;
	} steps[] = { { 86400, 'd' }, { 3600, 'h' }, { 60, 'm' } };
	int64_t s = ns > 0 ? ns / 1000000000 : 0;
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		if (s >= steps[i].seconds) {
			snprintf(buf, TEXT_NUMBER_LEN, "%" PRId64 "%c", s / steps[i].seconds,
				 steps[i].unit);
			return buf;
		}
	}
	snprintf(buf, TEXT_NUMBER_LEN, "%" PRId64 "s", s);
	return buf;
}

char *text_delay(char buf[static TEXT_NUMBER_LEN], int64_t ns)
{
	static const char *const units[] = { "ns", "us", "ms", "s" };
	uint64_t v = ns > 0 ? (uint64_t)ns : 0, rest = 0;
	unsigned step = 0;
	while (v >= 1000 && step < 3) {
		rest = v % 1000;
		v /= 1000;
		step++;
	}
	if (!step || v >= 100)
		snprintf(buf, TEXT_NUMBER_LEN, "%" PRIu64 "%s", v, units[step]);
	else if (v >= 10)
		snprintf(buf, TEXT_NUMBER_LEN, "%" PRIu64 ".%" PRIu64 "%s", v, rest / 100,
			 units[step]);
	else
		snprintf(buf, TEXT_NUMBER_LEN, "%" PRIu64 ".%02" PRIu64 "%s", v, rest / 10,
			 units[step]);
	return buf;
}

char *text_clock(char buf[static TEXT_NUMBER_LEN], int64_t wall_ns)
{
	int64_t ms = wall_ns > 0 ? wall_ns / 1000000 % 86400000 : 0;
	snprintf(buf, TEXT_NUMBER_LEN, "%02d:%02d:%02d.%03d", (int)(ms / 3600000),
		 (int)(ms / 60000 % 60), (int)(ms / 1000 % 60), (int)(ms % 1000));
	return buf;
}
