/* SPDX-License-Identifier: MIT */
/* keyunits.c - keys whose value is one quantity: how it is read, checked and written. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "wire/core/keys.h"

static int check_range(const struct key *k, const char *text, uint64_t v,
		       char *(*print)(char buf[static UNIT_TEXT_LEN], uint64_t v), struct err *e)
{
	char lo[UNIT_TEXT_LEN], hi[UNIT_TEXT_LEN];
	if (!k->max || (v >= k->min && v <= k->max))
		return 0;
	return err_set(e, -ERANGE, "%s is not between %s and %s", text, print(lo, k->min),
		       print(hi, k->max));
}

static void say(char text[static KEY_TEXT_LEN], const char *v)
{
	snprintf(text, KEY_TEXT_LEN, "%s", v);
}

/* ---- times ---- */

static char *print_time(char buf[static UNIT_TEXT_LEN], uint64_t v)
{
	return unit_time_text(buf, (int64_t)v);
}

static int read_time(const struct key *k, const char *text, struct wire_law *law,
		     struct wire_files *files, struct err *e)
{
	int64_t ns;
	(void)files;
	int r = unit_time(text, &ns, e);
	if (!r)
		r = check_range(k, text, (uint64_t)ns, print_time,
				e); /* below zero is beyond any maximum */
	if (!r)
		*(int64_t *)key_field(k, law) = ns;
	return r;
}

static void write_time(const struct key *k, const struct wire_law *law,
		       char text[static KEY_TEXT_LEN])
{
	char v[UNIT_TEXT_LEN];
	say(text, unit_time_text(v, *(const int64_t *)key_value(k, law)));
}

const struct key_unit key_time = { read_time, write_time };

/* ---- probabilities ---- */

static int read_prob(const struct key *k, const char *text, struct wire_law *law,
		     struct wire_files *files, struct err *e)
{
	(void)files;
	return unit_prob(text, key_field(k, law), e);
}

static void write_prob(const struct key *k, const struct wire_law *law,
		       char text[static KEY_TEXT_LEN])
{
	char v[UNIT_TEXT_LEN];
	say(text, unit_prob_text(v, *(const uint64_t *)key_value(k, law)));
}

const struct key_unit key_prob = { read_prob, write_prob };

/* ---- bytes ---- */

static int read_size(const struct key *k, const char *text, struct wire_law *law,
		     struct wire_files *files, struct err *e)
{
	uint64_t bytes;
	(void)files;
	int r = unit_bytes(text, &bytes, e);
	if (!r)
		r = check_range(k, text, bytes, unit_bytes_text, e);
	if (!r)
		*(uint64_t *)key_field(k, law) = bytes;
	return r;
}

static void write_size(const struct key *k, const struct wire_law *law,
		       char text[static KEY_TEXT_LEN])
{
	char v[UNIT_TEXT_LEN];
	say(text, unit_bytes_text(v, *(const uint64_t *)key_value(k, law)));
}

const struct key_unit key_size = { read_size, write_size };

static int read_signed_size(const struct key *k, const char *text, struct wire_law *law,
			    struct wire_files *files, struct err *e)
{
	uint64_t bytes;
	bool minus = *text == '-';
	(void)files;
	int r = unit_bytes(text + minus, &bytes, e);
	if (!r)
		r = check_range(k, text, bytes, unit_bytes_text, e);
	if (!r)
		*(int64_t *)key_field(k, law) = minus ? -(int64_t)bytes : (int64_t)bytes;
	return r;
}

static void write_signed_size(const struct key *k, const struct wire_law *law,
			      char text[static KEY_TEXT_LEN])
{
	char v[UNIT_TEXT_LEN];
	int64_t n = *(const int64_t *)key_value(k, law);
	snprintf(text, KEY_TEXT_LEN, "%s%s", n < 0 ? "-" : "",
		 unit_bytes_text(v, (uint64_t)(n < 0 ? -n : n)));
}

const struct key_unit key_signed_size = { read_signed_size, write_signed_size };

/* ---- packets or bytes ---- */

static int read_amount(const struct key *k, const char *text, struct wire_law *law,
		       struct wire_files *files, struct err *e)
{
	struct amount a;
	(void)files;
	int r = unit_amount(text, &a, e);
	if (r < 0)
		return r;
	if (a.count > k->max)
		return err_set(e, -ERANGE, "%s is more than %" PRIu64, text, k->max);
	*(struct amount *)key_field(k, law) = a;
	return 0;
}

static void write_amount(const struct key *k, const struct wire_law *law,
			 char text[static KEY_TEXT_LEN])
{
	char v[UNIT_TEXT_LEN];
	say(text, unit_amount_text(v, *(const struct amount *)key_value(k, law)));
}

const struct key_unit key_amount = { read_amount, write_amount };

/* ---- yes and no, plain numbers ---- */

static int read_bool(const struct key *k, const char *text, struct wire_law *law,
		     struct wire_files *files, struct err *e)
{
	(void)files;
	return unit_bool(text, key_field(k, law), e);
}

static void write_bool(const struct key *k, const struct wire_law *law,
		       char text[static KEY_TEXT_LEN])
{
	say(text, *(const bool *)key_value(k, law) ? "yes" : "no");
}

const struct key_unit key_bool = { read_bool, write_bool };

static int read_count(const struct key *k, const char *text, struct wire_law *law,
		      struct wire_files *files, struct err *e)
{
	(void)files;
	return unit_u64(text, k->min, k->max, key_field(k, law), e);
}

static void write_count(const struct key *k, const struct wire_law *law,
			char text[static KEY_TEXT_LEN])
{
	snprintf(text, KEY_TEXT_LEN, "%" PRIu64, *(const uint64_t *)key_value(k, law));
}

const struct key_unit key_count = { read_count, write_count };

/* ---- a mean length, "2.5": in thousandths ---- */

static int read_burst(const struct key *k, const char *text, struct wire_law *law,
		      struct wire_files *files, struct err *e)
{
	uint64_t v = 0;
	int digits = 0, after = -1;
	(void)files;
	for (const char *p = text; *p; p++) {
		if (*p == '.' && after < 0 && digits) {
			after = 0;
			continue;
		}
		if (*p < '0' || *p > '9' || after == 3 || digits == 9)
			return err_set(
				e, -EINVAL,
				"%s is no mean length (3, 2.5; three digits after the point)",
				text);
		v = v * 10 + (uint64_t)(*p - '0');
		digits++;
		after += after >= 0;
	}
	for (int i = after < 0 ? 0 : after; i < 3; i++)
		v *= 10;
	if (!digits || (v > 0 && v < 1000) || v > k->max)
		return err_set(e, -ERANGE, "%s is not 0 (no bursts) or between 1 and %" PRIu64,
			       text, k->max / 1000);
	*(uint64_t *)key_field(k, law) = v;
	return 0;
}

static void write_burst(const struct key *k, const struct wire_law *law,
			char text[static KEY_TEXT_LEN])
{
	uint64_t v = *(const uint64_t *)key_value(k, law), part = v % 1000;
	int digits = 3;
	for (; part && part % 10 == 0; part /= 10)
		digits--;
	if (part)
		snprintf(text, KEY_TEXT_LEN, "%" PRIu64 ".%0*" PRIu64, v / 1000, digits, part);
	else
		snprintf(text, KEY_TEXT_LEN, "%" PRIu64, v / 1000);
}

const struct key_unit key_burst = { read_burst, write_burst };
