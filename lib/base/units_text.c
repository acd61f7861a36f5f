/* SPDX-License-Identifier: MIT */
/* units_text.c - writing quantities so that units.c reads the very same value. */
#include "lib/base/units.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct step { /* a unit of 10^digits */
	unsigned digits;
	const char *name;
};

static char *put(char buf[static UNIT_TEXT_LEN], const char *sign, uint64_t whole, const char *rest)
{
	int n = snprintf(buf, UNIT_TEXT_LEN, "%s%" PRIu64 "%s", sign, whole, rest);
	assert(n > 0 && n < UNIT_TEXT_LEN);
	return buf;
}

/* v in the largest of `steps` (falling, the last one 10^0) that leaves a digit before the point. */
static char *put_decimal(char buf[static UNIT_TEXT_LEN], const char *sign, uint64_t v,
			 const struct step *steps)
{
	uint64_t one = 1;
	for (;; steps++) {
		one = 1;
		for (unsigned i = 0; i < steps->digits; i++)
			one *= 10;
		if (v >= one || steps->digits == 0)
			break;
	}
	char rest[UNIT_TEXT_LEN];
	unsigned digits = steps->digits;
	uint64_t part = v % one;
	for (; part && part % 10 == 0; part /= 10)
		digits--;
	if (part)
		snprintf(rest, sizeof rest, ".%0*" PRIu64 "%s", (int)digits, part, steps->name);
	else
		snprintf(rest, sizeof rest, "%s", steps->name);
	return put(buf, sign, v / one, rest);
}

char *unit_time_text(char buf[static UNIT_TEXT_LEN], int64_t ns)
{
	static const struct step steps[] = { { 9, "s" }, { 6, "ms" }, { 3, "us" }, { 0, "ns" } };
	const char *sign = ns < 0 ? "-" : "";
	uint64_t v = ns < 0 ? -(uint64_t)ns : (uint64_t)ns;
	const uint64_t minute = 60 * (uint64_t)NS_PER_SEC, hour = 60 * minute;
	if (v == 0)
		return put(buf, "", 0, "s");
	if (v % hour == 0)
		return put(buf, sign, v / hour, "h");
	if (v % minute == 0)
		return put(buf, sign, v / minute, "m");
	return put_decimal(buf, sign, v, steps);
}

char *unit_rate_text(char buf[static UNIT_TEXT_LEN], uint64_t bps)
{
	static const struct step steps[] = {
		{ 12, "Tbit" }, { 9, "Gbit" }, { 6, "Mbit" }, { 3, "kbit" }, { 0, "bit" },
	};
	return put_decimal(buf, "", bps, steps);
}

char *unit_pps_text(char buf[static UNIT_TEXT_LEN], uint64_t mpps)
{
	char rest[8] = "pps";
	uint64_t part = mpps % 1000;
	int digits = 3;
	for (; part && part % 10 == 0; part /= 10)
		digits--;
	if (part)
		snprintf(rest, sizeof rest, ".%0*upps", digits, (unsigned)part);
	return put(buf, "", mpps / 1000, rest);
}

/* Sizes are counted, not measured: 1500B, never 1.5kB. The shortest whole one wins. */
char *unit_bytes_text(char buf[static UNIT_TEXT_LEN], uint64_t bytes)
{
	static const struct {
		uint64_t one;
		const char *name;
	} units[] = {
		{ 1, "B" },         { 1000, "kB" },     { 1000000, "MB" },  { 1000000000, "GB" },
		{ 1 << 10, "KiB" }, { 1 << 20, "MiB" }, { 1 << 30, "GiB" },
	};
	put(buf, "", bytes, "B");
	for (size_t i = 1; bytes && i < sizeof units / sizeof *units; i++) {
		char other[UNIT_TEXT_LEN];
		if (bytes % units[i].one != 0)
			continue;
		put(other, "", bytes / units[i].one, units[i].name);
		if (strlen(other) < strlen(buf))
			memcpy(buf, other, strlen(other) + 1);
	}
	return buf;
}

char *unit_amount_text(char buf[static UNIT_TEXT_LEN], struct amount a)
{
	return a.packets ? put(buf, "", a.count, "p") : unit_bytes_text(buf, a.count);
}

enum { FRACTION = 64 }; /* 2^-64 has that many digits after the point */

/* p / 2^64 in full: after each multiplication by ten the digit is what stands over 2^64. */
static void prob_digits(uint8_t digit[static FRACTION], uint64_t p)
{
	uint64_t lo = (uint32_t)p, hi = p >> 32;
	for (int i = 0; i < FRACTION; i++) {
		lo *= 10;
		hi = hi * 10 + (lo >> 32);
		digit[i] = (uint8_t)(hi >> 32);
		lo = (uint32_t)lo;
		hi = (uint32_t)hi;
	}
}

/* Rounds to n digits from place `first` on. False: the carry ran out of the front. */
static bool round_digits(uint8_t digit[static FRACTION], int first, int n)
{
	int i = first + n;
	if (i >= FRACTION)
		return true;
	bool up = digit[i] >= 5;
	memset(digit + i, 0, (size_t)(FRACTION - i));
	while (up && --i >= 0) {
		up = digit[i] == 9;
		digit[i] = up ? 0 : (uint8_t)(digit[i] + 1);
	}
	return !up;
}

/* 0.digits: from 0.0001 on in percent, below with an exponent. */
static char *put_prob(char buf[static UNIT_TEXT_LEN], const uint8_t digit[static FRACTION])
{
	int first = 0, last = FRACTION - 1;
	while (digit[first] == 0)
		first++;
	while (digit[last] == 0)
		last--;
	bool percent = first < 4;
	int point = percent ? 2 : first + 1; /* index of the first digit behind the point */
	char *p = buf;
	for (int i = first < point ? first : point - 1; i <= last || i < point; i++) {
		if (i == point)
			*p++ = '.';
		*p++ = (char)('0' + digit[i]);
	}
	if (percent)
		memcpy(p, "%", 2);
	else
		snprintf(p, (size_t)(buf + UNIT_TEXT_LEN - p), "e-%02d", first + 1);
	return buf;
}

char *unit_prob_text(char buf[static UNIT_TEXT_LEN], uint64_t p)
{
	if (p == 0 || p == UINT64_MAX)
		return put(buf, "", p ? 100 : 0, "%");
	uint8_t exact[FRACTION];
	prob_digits(exact, p);
	int first = 0;
	while (exact[first] == 0)
		first++;
	bool found = false;
	for (int n = 1; n <= 20 && !found; n++) { /* 10^-20 is under 2^-64: 20 tell all apart */
		uint8_t digit[FRACTION];
		uint64_t back;
		memcpy(digit, exact, sizeof digit);
		found = round_digits(digit, first, n) &&
			unit_prob(put_prob(buf, digit), &back, NULL) == 0 && back == p;
	}
	assert(found);
	return buf;
}
