/* SPDX-License-Identifier: MIT */
/* keyunits.c - the kinds of values that keys take: how each is read, checked and written. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "wire/core/keys.h"

static bool in_range(const struct key *k, uint64_t v)
{
	return v >= k->min && v <= k->max;
}

static int read_time(const struct key *k, const char *text, void *field, struct err *e)
{
	int64_t ns;
	int r = unit_time(text, &ns, e);
	if (r < 0)
		return r;
	if (ns < 0 || !in_range(k, (uint64_t)ns)) {
		char lo[UNIT_TEXT_LEN], hi[UNIT_TEXT_LEN];
		return err_set(e, -ERANGE, "%s is not between %s and %s", text,
			       unit_time_text(lo, (int64_t)k->min),
			       unit_time_text(hi, (int64_t)k->max));
	}
	*(int64_t *)field = ns;
	return 0;
}

static void write_time(const struct key *k, const void *field, char text[static KEY_TEXT_LEN])
{
	char v[UNIT_TEXT_LEN];
	(void)k;
	snprintf(text, KEY_TEXT_LEN, "%s", unit_time_text(v, *(const int64_t *)field));
}

const struct key_unit key_time = { read_time, write_time };

static int read_prob(const struct key *k, const char *text, void *field, struct err *e)
{
	(void)k;
	return unit_prob(text, field, e);
}

static void write_prob(const struct key *k, const void *field, char text[static KEY_TEXT_LEN])
{
	char v[UNIT_TEXT_LEN];
	(void)k;
	snprintf(text, KEY_TEXT_LEN, "%s", unit_prob_text(v, *(const uint64_t *)field));
}

const struct key_unit key_prob = { read_prob, write_prob };

static int read_rate(const struct key *k, const char *text, void *field, struct err *e)
{
	uint64_t bps;
	int r = unit_rate(text, &bps, e);
	if (r < 0)
		return r;
	if (!in_range(k, bps)) {
		char lo[UNIT_TEXT_LEN], hi[UNIT_TEXT_LEN];
		return err_set(e, -ERANGE, "%s is not between %s and %s", text,
			       unit_rate_text(lo, k->min), unit_rate_text(hi, k->max));
	}
	*(uint64_t *)field = bps;
	return 0;
}

static void write_rate(const struct key *k, const void *field, char text[static KEY_TEXT_LEN])
{
	char v[UNIT_TEXT_LEN];
	(void)k;
	snprintf(text, KEY_TEXT_LEN, "%s", unit_rate_text(v, *(const uint64_t *)field));
}

const struct key_unit key_rate = { read_rate, write_rate };

static int read_size(const struct key *k, const char *text, void *field, struct err *e)
{
	uint64_t bytes;
	int r = unit_bytes(text, &bytes, e);
	if (r < 0)
		return r;
	if (!in_range(k, bytes)) {
		char lo[UNIT_TEXT_LEN], hi[UNIT_TEXT_LEN];
		return err_set(e, -ERANGE, "%s is not between %s and %s", text,
			       unit_bytes_text(lo, k->min), unit_bytes_text(hi, k->max));
	}
	*(uint64_t *)field = bytes;
	return 0;
}

static void write_size(const struct key *k, const void *field, char text[static KEY_TEXT_LEN])
{
	char v[UNIT_TEXT_LEN];
	(void)k;
	snprintf(text, KEY_TEXT_LEN, "%s", unit_bytes_text(v, *(const uint64_t *)field));
}

const struct key_unit key_size = { read_size, write_size };

static int read_amount(const struct key *k, const char *text, void *field, struct err *e)
{
	struct amount a;
	int r = unit_amount(text, &a, e);
	if (r < 0)
		return r;
	if (!in_range(k, a.count))
		return err_set(e, -ERANGE, "%s is more than %" PRIu64, text, k->max);
	*(struct amount *)field = a;
	return 0;
}

static void write_amount(const struct key *k, const void *field, char text[static KEY_TEXT_LEN])
{
	char v[UNIT_TEXT_LEN];
	(void)k;
	snprintf(text, KEY_TEXT_LEN, "%s", unit_amount_text(v, *(const struct amount *)field));
}

const struct key_unit key_amount = { read_amount, write_amount };

static int read_bool(const struct key *k, const char *text, void *field, struct err *e)
{
	(void)k;
	return unit_bool(text, field, e);
}

static void write_bool(const struct key *k, const void *field, char text[static KEY_TEXT_LEN])
{
	(void)k;
	snprintf(text, KEY_TEXT_LEN, "%s", *(const bool *)field ? "yes" : "no");
}

const struct key_unit key_bool = { read_bool, write_bool };

static const char *const dists[] = {
	[WIRE_UNIFORM] = "uniform",
	[WIRE_NORMAL] = "normal",
	[WIRE_PARETO] = "pareto",
	[WIRE_PARETONORMAL] = "paretonormal",
};

static const char *dist_at(const void *unused, size_t i)
{
	(void)unused;
	return i < sizeof dists / sizeof *dists ? dists[i] : NULL;
}

static int read_dist(const struct key *k, const char *text, void *field, struct err *e)
{
	(void)k;
	for (size_t i = 0; dist_at(NULL, i); i++)
		if (strcmp(dist_at(NULL, i), text) == 0) {
			*(enum wire_dist *)field = (enum wire_dist)i;
			return 0;
		}
	const char *near = nearest_word(text, dist_at, NULL);
	return err_set(e, -EINVAL, "%s is no distribution%s%s%s", text,
		       near ? "; did you mean " : "", near ? near : "",
		       near ? "?" : ": uniform, normal, pareto, paretonormal");
}

static void write_dist(const struct key *k, const void *field, char text[static KEY_TEXT_LEN])
{
	(void)k;
	snprintf(text, KEY_TEXT_LEN, "%s", dists[*(const enum wire_dist *)field]);
}

const struct key_unit key_dist = { read_dist, write_dist };
