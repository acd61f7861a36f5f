/* SPDX-License-Identifier: MIT */
/* units.c - reading quantities: decimal text to integers, exactly, without floating point. */
#include "lib/base/units.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

enum {
	DIGITS_MAX = 64, /* significant digits that we read */
	EXP_MAX = 9999,
};

struct decimal { /* digit[0..count-1] as a number, times 10^exp; neither end of it is 0 */
	uint8_t digit[DIGITS_MAX];
	int count, exp;
};

struct unit {
	const char *name; /* NULL ends a table */
	uint64_t mult;
};

struct quantity {
	const char *a;         /* "a time" */
	const char *grain;     /* the finest value there is */
	const char *eg1, *eg2; /* units to suggest */
	const char *say;       /* whole examples */
	uint64_t max;
	const struct unit *units;
};

static const struct unit time_units[] = {
	{ "ns", 1 },          { "us", 1000 },         { "ms", 1000000 }, { "s", 1000000000 },
	{ "m", 60000000000 }, { "h", 3600000000000 }, { NULL, 0 },
};

static const struct unit rate_units[] = {
	{ "bit", 1 },
	{ "kbit", 1000 },
	{ "Mbit", 1000000 },
	{ "Gbit", 1000000000 },
	{ "Tbit", 1000000000000 },
	{ "bit/s", 1 },
	{ "kbit/s", 1000 },
	{ "Mbit/s", 1000000 },
	{ "Gbit/s", 1000000000 },
	{ "Tbit/s", 1000000000000 },
	{ "B/s", 8 },
	{ "kB/s", 8000 },
	{ "MB/s", 8000000 },
	{ "GB/s", 8000000000 },
	{ NULL, 0 },
};

static const struct unit byte_units[] = {
	{ "B", 1 },         { "kB", 1000 },     { "MB", 1000000 },  { "GB", 1000000000 },
	{ "KiB", 1 << 10 }, { "MiB", 1 << 20 }, { "GiB", 1 << 30 }, { NULL, 0 },
};

static const struct unit pps_units[] = {
	{ "pps", 1000 },
	{ "kpps", 1000000 },
	{ "Mpps", 1000000000 },
	{ NULL, 0 },
};

static const struct quantity a_time = {
	"a time", "1ns", "ms", "s", "5ms, 1.5s, 2m", INT64_MAX, time_units,
};
static const struct quantity a_rate = {
	"a rate", "1bit", "Mbit", "kB/s", "10Mbit, 900kB/s", UINT64_MAX, rate_units,
};
static const struct quantity a_size = {
	"a size", "1B", "B", "kB", "9000B, 64kB", UINT64_MAX, byte_units,
};
static const struct quantity an_amount = {
	"an amount", "1B", "p", "kB", "1000p, 64kB", UINT64_MAX, byte_units,
};
static const struct quantity a_frame_rate = {
	"a frame rate", "0.001pps", "pps", "kpps", "1000pps, 0.5pps", UINT64_MAX, pps_units,
};

static bool is_digit(char c) /* not isdigit(), which asks the locale */
{
	return c >= '0' && c <= '9';
}

/* One digit more; after the point each one lowers the exponent. False: more than we keep. */
static bool push_digit(struct decimal *d, char c, bool fraction)
{
	if (c != '0' || d->count > 0) {
		if (d->count == DIGITS_MAX)
			return false;
		d->digit[d->count++] = (uint8_t)(c - '0');
	}
	d->exp -= fraction;
	return true;
}

/* Reads DIGITS[.DIGITS][e[+-]DIGITS] and moves *text behind it. 0; -EINVAL: no number stands here;
 * -E2BIG: more digits than we keep. */
static int read_decimal(const char **text, struct decimal *d)
{
	const char *p = *text;
	bool fraction = false, any = false;
	*d = (struct decimal){ 0 };
	for (; is_digit(*p) || (*p == '.' && !fraction); p++) {
		if (*p == '.') {
			fraction = true;
			continue;
		}
		any = true;
		if (!push_digit(d, *p, fraction))
			return -E2BIG;
	}
	if (!any || p[-1] == '.')
		return -EINVAL;
	bool minus = (*p == 'e' || *p == 'E') && p[1] == '-';
	const char *q = p + 1 + (minus || (*p && p[1] == '+'));
	if ((*p == 'e' || *p == 'E') && is_digit(*q)) {
		int exp = 0;
		for (; is_digit(*q); q++)
			exp = exp < EXP_MAX ? exp * 10 + (*q - '0') : exp;
		d->exp += minus ? -exp : exp;
		p = q;
	}
	while (d->count > 0 && d->digit[d->count - 1] == 0) {
		d->count--;
		d->exp++;
	}
	if (d->count == 0)
		d->exp = 0;
	*text = p;
	return 0;
}

/* Takes one factor `f` out of either number. */
static bool take_factor(uint64_t *a, uint64_t *b, uint64_t f)
{
	uint64_t *from = *a % f == 0 ? a : b;
	if (*from % f != 0)
		return false;
	*from /= f;
	return true;
}

/* The decimal times `mult` as an integer. 0; -ERANGE: over 64 bits; -EDOM: not whole. */
static int scale(const struct decimal *d, uint64_t mult, uint64_t *out)
{
	uint64_t v = 0;
	*out = 0;
	if (d->count == 0)
		return 0;
	for (int i = 0; i < d->count; i++) {
		if (v > (UINT64_MAX - d->digit[i]) / 10)
			return d->exp < 0 && d->count + d->exp <= 20 ? -EDOM : -ERANGE;
		v = v * 10 + d->digit[i];
	}
	for (int e = d->exp; e > 0; e--) {
		if (v > UINT64_MAX / 10)
			return -ERANGE;
		v *= 10;
	}
	for (int e = d->exp; e < 0; e++)
		if (!take_factor(&mult, &v, 2) || !take_factor(&mult, &v, 5))
			return -EDOM;
	if (v > UINT64_MAX / mult)
		return -ERANGE;
	*out = v * mult;
	return 0;
}

static const char *unit_at(const void *list, size_t i)
{
	return ((const struct unit *)list)[i].name;
}

static int say_unit(const struct quantity *q, const char *text, const char *unit, struct err *e)
{
	int n = (int)(unit - text);
	if (!*unit)
		return err_set(e, -EINVAL, "%s: %s needs a unit: %.30s%s, %.30s%s", text, q->a,
			       text, q->eg1, text, q->eg2);
	const char *near = nearest_word(unit, unit_at, q->units);
	if (near)
		return err_set(e, -EINVAL, "%s: %s is not a unit of %s; did you mean %.*s%s?", text,
			       unit, strchr(q->a, ' ') + 1, n, text, near);
	return err_set(e, -EINVAL, "%s: %s is not a unit of %s: write %s", text, unit,
		       strchr(q->a, ' ') + 1, q->say);
}

/* Words for what read_decimal() or scale() could not do. */
static int say_number(const struct quantity *q, const char *text, int code, struct err *e)
{
	if (code == -EDOM)
		return err_set(e, -EINVAL, "%s: finer than %s", text, q->grain);
	if (code == -ERANGE)
		return err_set(e, -ERANGE, "%s: more than fits", text);
	if (code == -E2BIG)
		return err_set(e, -EINVAL, "%s: too many digits", text);
	if (text[0] == '-' && (is_digit(text[1]) || text[1] == '.'))
		return err_set(e, -EINVAL, "%s: %s is not negative", text, q->a);
	return err_set(e, -EINVAL, "%s: not %s: write %s", *text ? text : "\"\"", q->a, q->say);
}

static int read_quantity(const struct quantity *q, const char *text, uint64_t *out, struct err *e)
{
	struct decimal d;
	const char *p = text;
	int r = read_decimal(&p, &d);
	if (r)
		return say_number(q, text, r, e);
	const struct unit *u = q->units;
	while (u->name && strcmp(u->name, p) != 0)
		u++;
	if (!u->name)
		return say_unit(q, text, p, e);
	uint64_t v;
	r = scale(&d, u->mult, &v);
	if (!r && v > q->max)
		r = -ERANGE;
	if (r)
		return say_number(q, text, r, e);
	*out = v;
	return 0;
}

int unit_time(const char *text, int64_t *ns, struct err *e)
{
	uint64_t v = 0;
	int r = strcmp(text, "0") == 0 ? 0 : read_quantity(&a_time, text, &v, e);
	if (!r)
		*ns = (int64_t)v;
	return r;
}

int unit_rate(const char *text, uint64_t *bps, struct err *e)
{
	return read_quantity(&a_rate, text, bps, e);
}

int unit_bytes(const char *text, uint64_t *bytes, struct err *e)
{
	return read_quantity(&a_size, text, bytes, e);
}

int unit_pps(const char *text, uint64_t *mpps, struct err *e)
{
	return read_quantity(&a_frame_rate, text, mpps, e);
}

int unit_amount(const char *text, struct amount *a, struct err *e)
{
	struct decimal d;
	const char *p = text;
	uint64_t v;
	bool packets = read_decimal(&p, &d) == 0 && strcmp(p, "p") == 0;
	int r = packets ? scale(&d, 1, &v) : read_quantity(&an_amount, text, &v, e);
	if (r == -EDOM)
		return err_set(e, -EINVAL, "%s: finer than 1p", text);
	if (r)
		return packets ? say_number(&an_amount, text, r, e) : r;
	*a = (struct amount){ .count = v, .packets = packets };
	return 0;
}

/* 0.00..digits of `d` (below 1) as 0.64 fixed point, rounded to nearest: 64 doublings, each of
 * which carries one bit out of the decimal fraction, and a 65th to round by. */
static uint64_t fraction_bits(const struct decimal *d)
{
	enum { ZEROS_MAX = 20 }; /* 10^-20 is under 2^-66: no bit is left */
	uint8_t digit[ZEROS_MAX + DIGITS_MAX] = { 0 };
	int zeros = -(d->count + d->exp);
	if (zeros > ZEROS_MAX)
		return 0;
	memcpy(digit + zeros, d->digit, (size_t)d->count);
	uint64_t p = 0;
	for (int bit = 0; bit < 65; bit++) {
		unsigned carry = 0;
		for (int i = zeros + d->count - 1; i >= 0; i--) {
			unsigned twice = digit[i] * 2u + carry;
			carry = twice >= 10;
			digit[i] = (uint8_t)(twice - 10 * carry);
		}
		if (bit < 64)
			p = p << 1 | carry;
		else if (carry && p < UINT64_MAX)
			p++;
	}
	return p;
}

int unit_prob(const char *text, uint64_t *p, struct err *e)
{
	static const struct quantity a_probability = {
		.a = "a probability",
		.say = "1%, 0.01, 1e-6",
	};
	struct decimal d;
	const char *rest = text;
	int r = read_decimal(&rest, &d);
	bool percent = !r && strcmp(rest, "%") == 0;
	if (r || (*rest && !percent))
		return say_number(&a_probability, text, r ? r : -EINVAL, e);
	if (percent)
		d.exp -= 2;
	int whole = d.count + d.exp; /* digits before the point */
	bool is_one = whole == 1 && d.count == 1 && d.digit[0] == 1;
	if (d.count > 0 && whole > 0 && !is_one) {
		if (percent)
			return err_set(e, -ERANGE, "%s is not between 0%% and 100%%", text);
		return err_set(e, -ERANGE, "%s is not between 0 and 1%s%.20s%s", text,
			       whole <= 2 ? "; did you mean " : "", whole <= 2 ? text : "",
			       whole <= 2 ? "%?" : "");
	}
	*p = is_one ? UINT64_MAX : d.count ? fraction_bits(&d) : 0;
	return 0;
}

int unit_bool(const char *text, bool *yes, struct err *e)
{
	static const char *const words[] = { "no", "yes", "off", "on", "0", "1", "false", "true" };
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (strcmp(text, words[i]) == 0) {
			*yes = i & 1;
			return 0;
		}
	}
	return err_set(e, -EINVAL, "%s: write yes or no", text);
}

static int digit_value(char c, unsigned base) /* -1: none of this base */
{
	static const char digits[] = "0123456789abcdef";
	const char *p = strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c);
	return c && p && p - digits < (int)base ? (int)(p - digits) : -1;
}

int unit_u64(const char *text, uint64_t min, uint64_t max, uint64_t *n, struct err *e)
{
	unsigned base = text[0] == '0' && (text[1] == 'x' || text[1] == 'X') ? 16 : 10;
	const char *p = text + (base == 16 ? 2 : 0);
	uint64_t v = 0;
	bool over = false, negative = text[0] == '-' && is_digit(text[1]);
	if (negative)
		p++;
	const char *first = p;
	for (int d; (d = digit_value(*p, base)) >= 0; p++) {
		over |= v > (UINT64_MAX - (unsigned)d) / base;
		v = v * base + (unsigned)d;
	}
	if (*p || p == first)
		return err_set(e, -EINVAL, "%s: not a whole number", text);
	if (over || negative || v < min || v > max)
		return err_set(e, -ERANGE, "%s is not between %" PRIu64 " and %" PRIu64, text, min,
			       max);
	*n = v;
	return 0;
}
