/* SPDX-License-Identifier: MIT */
/* test_units.c - quantities: exact values, words for what is refused, texts that come back. */
#include "tests/unit/cmocka.h"

#include <errno.h>
#include <string.h>

#include "lib/base/stream.h"
#include "lib/base/units.h"
#include "tests/unit/dice.h"

__extension__ typedef unsigned __int128 u128;

static void times_are_read_exactly(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int64_t ns;
	} good[] = {
		{ "0", 0 },
		{ "0s", 0 },
		{ "100ns", 100 },
		{ "10us", 10000 },
		{ "5ms", 5000000 },
		{ "1.5s", 1500000000 },
		{ "2m", 120000000000 },
		{ "1h", 3600000000000 },
		{ "0.000000001s", 1 },
		{ "1e-9s", 1 },
		{ "1.000000000000s", 1000000000 },
		{ "000000000000000000000000000000001s", 1000000000 },
		{ "2.5e3ms", 2500000000 },
		{ "1E2s", 100000000000 },
		{ ".5s", 500000000 },
		{ "0.1s", 100000000 },
		{ "0.025h", 90000000000 },
		{ "0.00005m", 3000000 },
		{ "9223372036854775807ns", INT64_MAX },
		{ "9223372036.854775807s", INT64_MAX },
		{ "0e99999999999999s", 0 },
	};
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		int64_t ns = -1;
		unit_time(good[i].text, &ns, NULL);
		if (ns != good[i].ns)
			fail_msg("%s: %" PRId64 " ns", good[i].text, ns);
	}
}

static void rates_are_read_exactly(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		uint64_t bps;
	} good[] = {
		{ "64bit", 64 },
		{ "0bit", 0 },
		{ "10Mbit", 10000000 },
		{ "1.2Gbit", 1200000000 },
		{ "1Gbit/s", 1000000000 },
		{ "0.1Tbit", 100000000000 },
		{ "900kB/s", 7200000 },
		{ "0.125B/s", 1 },
		{ "18446744073709551615bit", UINT64_MAX },
	};
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		uint64_t bps = 1234567;
		assert_int_equal(unit_rate(good[i].text, &bps, NULL), 0);
		assert_int_equal(bps, good[i].bps);
	}
}

static void sizes_and_amounts_are_read_exactly(void **state)
{
	(void)state;
	uint64_t n;
	struct amount a;
	assert_int_equal(unit_bytes("9000B", &n, NULL), 0);
	assert_int_equal(n, 9000);
	assert_int_equal(unit_bytes("64kB", &n, NULL), 0);
	assert_int_equal(n, 64000);
	assert_int_equal(unit_bytes("64KiB", &n, NULL), 0);
	assert_int_equal(n, 65536);
	assert_int_equal(unit_bytes("1.5GiB", &n, NULL), 0);
	assert_int_equal(n, UINT64_C(3) << 29);
	assert_int_equal(unit_amount("1000p", &a, NULL), 0);
	assert_true(a.packets && a.count == 1000);
	assert_int_equal(unit_amount("64kB", &a, NULL), 0);
	assert_true(!a.packets && a.count == 64000);
	assert_int_equal(unit_pps("1000pps", &n, NULL), 0);
	assert_int_equal(n, 1000000);
	assert_int_equal(unit_pps("0.5pps", &n, NULL), 0);
	assert_int_equal(n, 500);
	assert_int_equal(unit_pps("1.5kpps", &n, NULL), 0);
	assert_int_equal(n, 1500000);
}

static void probabilities_are_rounded_to_nearest(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		uint64_t p;
	} good[] = {
		{ "0", 0 },
		{ "0%", 0 },
		{ "0.0", 0 },
		{ "1", PROB_ONE },
		{ "100%", PROB_ONE },
		{ "1e0", PROB_ONE },
		{ "10000e-2%", PROB_ONE },
		{ "0.5", UINT64_C(1) << 63 },
		{ "50%", UINT64_C(1) << 63 },
		{ "25%", UINT64_C(1) << 62 },
		{ "1%", UINT64_C(184467440737095516) },   /* ...516.16 */
		{ "10%", UINT64_C(1844674407370955162) }, /* ...161.6 */
		{ "1e-6", UINT64_C(18446744073710) },     /* ...709.55 */
		{ "0.0001%", UINT64_C(18446744073710) },
		{ "5.421010862427522e-20", 1 },                 /* a little over 2^-64 */
		{ "2.7105054312137610850186320021748e-20", 0 }, /* a little under 2^-65 */
		{ "2.7105054312137610850186320021749e-20", 1 }, /* a little over it */
		{ "1e-21", 0 },
		{ "1e-9999", 0 },
		{ "0.99999999999999999999999999999999999999", PROB_ONE },
		{ "0.9999999999999999999", UINT64_MAX - 1 }, /* 2^64 - 1.84 */
	};
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		uint64_t p = 12345;
		assert_int_equal(unit_prob(good[i].text, &p, NULL), 0);
		if (p != good[i].p)
			fail_msg("%s: %" PRIu64 ", not %" PRIu64, good[i].text, p, good[i].p);
	}
}

/* n / 10^digits for random n against one wide division. */
static void probabilities_agree_with_a_division(void **state)
{
	(void)state;
	struct dice d = dice_of("prob");
	for (int i = 0; i < 20000; i++) {
		unsigned digits = 1 + (unsigned)dice_below(&d, 18);
		uint64_t ten = 1, p;
		for (unsigned k = 0; k < digits; k++)
			ten *= 10;
		uint64_t n = dice_below(&d, ten);
		u128 twice = (((u128)n << 64) * 2 / ten + 1) / 2; /* floor(2x) decides the half */
		char text[64];
		snprintf(text, sizeof text, "0.%0*" PRIu64, (int)digits, n);
		assert_int_equal(unit_prob(text, &p, NULL), 0);
		assert_int_equal(p, twice > UINT64_MAX ? UINT64_MAX : (uint64_t)twice);
		snprintf(text, sizeof text, "%" PRIu64 "e-%u", n, digits);
		uint64_t q = 0;
		assert_int_equal(unit_prob(text, &q, NULL), 0);
		assert_int_equal(q, p);
	}
}

/* Every reader on the same text: what it answers. */
enum kind { TIME, RATE, PROB, BYTES, AMOUNT, PPS, BOOL };

static int read_as(enum kind kind, const char *text, struct err *e)
{
	uint64_t u = 0x5555;
	int64_t i = 0x5555;
	bool b = true;
	struct amount a = { .count = 0x5555, .packets = true };
	int r = 0;
	switch (kind) {
	case TIME:
		r = unit_time(text, &i, e);
		break;
	case RATE:
		r = unit_rate(text, &u, e);
		break;
	case PROB:
		r = unit_prob(text, &u, e);
		break;
	case BYTES:
		r = unit_bytes(text, &u, e);
		break;
	case AMOUNT:
		r = unit_amount(text, &a, e);
		break;
	case PPS:
		r = unit_pps(text, &u, e);
		break;
	case BOOL:
		r = unit_bool(text, &b, e);
		break;
	}
	if (r < 0) /* nothing was touched */
		assert_true(u == 0x5555 && i == 0x5555 && b && a.count == 0x5555 && a.packets);
	return r;
}

static void what_is_refused_is_told_in_words(void **state)
{
	(void)state;
	static const struct {
		enum kind kind;
		int code;
		const char *text;
		const char *words;
	} bad[] = {
		{ TIME, -EINVAL, "5", "5: a time needs a unit: 5ms, 5s" },
		{ RATE, -EINVAL, "10", "10: a rate needs a unit: 10Mbit, 10kB/s" },
		{ BYTES, -EINVAL, "1500", "1500: a size needs a unit: 1500B, 1500kB" },
		{ AMOUNT, -EINVAL, "1000", "1000: an amount needs a unit: 1000p, 1000kB" },
		{ PPS, -EINVAL, "7", "7: a frame rate needs a unit: 7pps, 7kpps" },
		{ TIME, -EINVAL, "5mz", "5mz: mz is not a unit of time; did you mean 5ms?" },
		{ RATE, -EINVAL, "10mbit",
		  "10mbit: mbit is not a unit of rate; did you mean 10Mbit?" },
		{ TIME, -EINVAL, "5 ms", "5 ms:  ms is not a unit of time; did you mean 5ms?" },
		{ TIME, -EINVAL, "5parsec",
		  "5parsec: parsec is not a unit of time: write 5ms, 1.5s, 2m" },
		{ TIME, -EINVAL, "soon", "soon: not a time: write 5ms, 1.5s, 2m" },
		{ TIME, -EINVAL, "", "\"\": not a time: write 5ms, 1.5s, 2m" },
		{ TIME, -EINVAL, "-5ms", "-5ms: a time is not negative" },
		{ TIME, -EINVAL, "+5ms", "+5ms: not a time: write 5ms, 1.5s, 2m" },
		{ TIME, -EINVAL, " 5ms", " 5ms: not a time: write 5ms, 1.5s, 2m" },
		{ TIME, -EINVAL, "5.ms", "5.ms: not a time: write 5ms, 1.5s, 2m" },
		{ TIME, -EINVAL, ".s", ".s: not a time: write 5ms, 1.5s, 2m" },
		{ TIME, -EINVAL, "1.5ns", "1.5ns: finer than 1ns" },
		{ TIME, -EINVAL, "1e-9999s", "1e-9999s: finer than 1ns" },
		{ TIME, -ERANGE, "9223372036854775808ns", "9223372036854775808ns: more than fits" },
		{ TIME, -ERANGE, "2562048h", "2562048h: more than fits" },
		{ TIME, -ERANGE, "1e9999h", "1e9999h: more than fits" },
		{ TIME, -ERANGE, "100000000000000000000.5s",
		  "100000000000000000000.5s: more than fits" },
		{ TIME, -EINVAL, "1.00000000000000000000001s",
		  "1.00000000000000000000001s: finer than 1ns" },
		{ RATE, -ERANGE, "18446744073709551616bit",
		  "18446744073709551616bit: more than fits" },
		{ RATE, -ERANGE, "100000000Tbit", "100000000Tbit: more than fits" },
		{ RATE, -ERANGE, "1e9999bit", "1e9999bit: more than fits" },
		{ RATE, -EINVAL, "0.5bit", "0.5bit: finer than 1bit" },
		{ AMOUNT, -EINVAL, "1.5p", "1.5p: finer than 1p" },
		{ AMOUNT, -EINVAL, "0.5B", "0.5B: finer than 1B" },
		{ PPS, -EINVAL, "0.0001pps", "0.0001pps: finer than 0.001pps" },
		{ PROB, -ERANGE, "130%", "130% is not between 0% and 100%" },
		{ PROB, -ERANGE, "100.0000001%", "100.0000001% is not between 0% and 100%" },
		{ PROB, -ERANGE, "5", "5 is not between 0 and 1; did you mean 5%?" },
		{ PROB, -ERANGE, "500", "500 is not between 0 and 1" },
		{ PROB, -ERANGE, "1.1", "1.1 is not between 0 and 1; did you mean 1.1%?" },
		{ PROB, -EINVAL, "-1%", "-1%: a probability is not negative" },
		{ PROB, -EINVAL, "often", "often: not a probability: write 1%, 0.01, 1e-6" },
		{ PROB, -EINVAL, "1%%", "1%%: not a probability: write 1%, 0.01, 1e-6" },
		{ PROB, -EINVAL, "%", "%: not a probability: write 1%, 0.01, 1e-6" },
		{ PROB, -EINVAL, "1e", "1e: not a probability: write 1%, 0.01, 1e-6" },
		{ BOOL, -EINVAL, "maybe", "maybe: write yes or no" },
		{ BOOL, -EINVAL, "", ": write yes or no" },
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct err e = { "" };
		assert_int_equal(read_as(bad[i].kind, bad[i].text, &e), bad[i].code);
		assert_string_equal(e.text, bad[i].words);
		assert_int_equal(read_as(bad[i].kind, bad[i].text, NULL), bad[i].code);
	}
}

static void more_digits_than_we_keep_are_refused(void **state)
{
	(void)state;
	char text[200];
	int64_t ns = 7;
	uint64_t p;
	memset(text, '3', sizeof text);
	memcpy(text, "0.", 2);
	text[150] = text[151] = '\0';
	assert_int_equal(unit_prob(text, &p, NULL), -EINVAL);
	text[150] = 's';
	assert_int_equal(unit_time(text, &ns, NULL), -EINVAL);
	assert_int_equal(ns, 7);
}

static void booleans_have_four_spellings(void **state)
{
	(void)state;
	static const char *const yes[] = { "yes", "on", "1", "true" }, *const no[] = { "no", "off",
										       "0",
										       "false" };
	for (size_t i = 0; i < 4; i++) {
		bool b = false;
		assert_int_equal(unit_bool(yes[i], &b, NULL), 0);
		assert_true(b);
		assert_int_equal(unit_bool(no[i], &b, NULL), 0);
		assert_false(b);
	}
}

static void whole_numbers_keep_to_their_range(void **state)
{
	(void)state;
	uint64_t n = 0;
	struct err e;
	assert_int_equal(unit_u64("4094", 1, 4094, &n, NULL), 0);
	assert_int_equal(n, 4094);
	assert_int_equal(unit_u64("0x8000", 0, 65535, &n, NULL), 0);
	assert_int_equal(n, 0x8000);
	assert_int_equal(unit_u64("0XfF", 0, 65535, &n, NULL), 0);
	assert_int_equal(n, 255);
	assert_int_equal(unit_u64("010", 0, 65535, &n, NULL), 0); /* ten: nobody means octal */
	assert_int_equal(n, 10);
	assert_int_equal(unit_u64("18446744073709551615", 0, UINT64_MAX, &n, NULL), 0);
	assert_int_equal(n, UINT64_MAX);
	n = 77;
	assert_int_equal(unit_u64("0", 1, 4094, &n, &e), -ERANGE);
	assert_string_equal(e.text, "0 is not between 1 and 4094");
	assert_int_equal(unit_u64("-3", 1, 4094, &n, &e), -ERANGE);
	assert_string_equal(e.text, "-3 is not between 1 and 4094");
	assert_int_equal(unit_u64("18446744073709551616", 0, UINT64_MAX, &n, NULL), -ERANGE);
	assert_int_equal(unit_u64("184467440737095516150", 0, UINT64_MAX, &n, NULL), -ERANGE);
	static const char *const bad[] = { "",   "x", "0x",  "5x",   "1.5", " 1",
					   "1 ", "-", "--1", "-0x1", "0xg", "f" };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(unit_u64(bad[i], 0, 100, &n, NULL), -EINVAL);
	assert_int_equal(n, 77);
}

static void texts_are_as_people_write_them(void **state)
{
	(void)state;
	char b[UNIT_TEXT_LEN];
	assert_string_equal(unit_time_text(b, 0), "0s");
	assert_string_equal(unit_time_text(b, 5000000), "5ms");
	assert_string_equal(unit_time_text(b, 100000000), "100ms");
	assert_string_equal(unit_time_text(b, 1500000000), "1.5s");
	assert_string_equal(unit_time_text(b, 90 * NS_PER_SEC), "90s");
	assert_string_equal(unit_time_text(b, 120 * NS_PER_SEC), "2m");
	assert_string_equal(unit_time_text(b, 3600 * NS_PER_SEC), "1h");
	assert_string_equal(unit_time_text(b, 10050), "10.05us");
	assert_string_equal(unit_time_text(b, -5000000), "-5ms");
	assert_string_equal(unit_time_text(b, INT64_MAX), "9223372036.854775807s");
	assert_string_equal(unit_time_text(b, INT64_MIN), "-9223372036.854775808s");
	assert_string_equal(unit_rate_text(b, 0), "0bit");
	assert_string_equal(unit_rate_text(b, 10000000), "10Mbit");
	assert_string_equal(unit_rate_text(b, 1200000000), "1.2Gbit");
	assert_string_equal(unit_rate_text(b, 7200000), "7.2Mbit");
	assert_string_equal(unit_prob_text(b, 0), "0%");
	assert_string_equal(unit_prob_text(b, PROB_ONE), "100%");
	assert_string_equal(unit_bytes_text(b, 0), "0B");
	assert_string_equal(unit_bytes_text(b, 1500), "1500B");
	assert_string_equal(unit_bytes_text(b, 64000), "64kB");
	assert_string_equal(unit_bytes_text(b, 65536), "64KiB");
	assert_string_equal(unit_amount_text(b, (struct amount){ 1000, true }), "1000p");
	assert_string_equal(unit_amount_text(b, (struct amount){ 64000, false }), "64kB");
	assert_string_equal(unit_pps_text(b, 1000000), "1000pps");
	assert_string_equal(unit_pps_text(b, 500), "0.5pps");
	static const char *const probs[] = { "1%",    "0.5%",  "50%",   "33.333%", "99.9999%",
					     "0.01%", "1e-05", "1e-06", "2.5e-07", "12.3456789%" };
	for (size_t i = 0; i < sizeof probs / sizeof *probs; i++) {
		uint64_t p;
		assert_int_equal(unit_prob(probs[i], &p, NULL), 0);
		assert_string_equal(unit_prob_text(b, p), probs[i]);
	}
}

static void every_text_reads_back_as_its_value(void **state)
{
	(void)state;
	struct dice d = dice_of("texts");
	char b[UNIT_TEXT_LEN];
	for (int i = 0; i < 50000; i++) {
		uint64_t v = dice_any_size(&d), back = ~v;
		if (dice_below(&d, 2)) /* a round number */
			v = v / 1000000 * 1000000;
		int64_t t = (int64_t)(v >> 1), t_back = -1;
		struct amount a = { .count = v, .packets = v & 1 }, a_back = { 0 };
		assert_int_equal(unit_time(unit_time_text(b, t), &t_back, NULL), 0);
		assert_int_equal(t_back, t);
		assert_int_equal(unit_rate(unit_rate_text(b, v), &back, NULL), 0);
		assert_int_equal(back, v);
		assert_int_equal(unit_bytes(unit_bytes_text(b, v), &back, NULL), 0);
		assert_int_equal(back, v);
		assert_int_equal(unit_pps(unit_pps_text(b, v), &back, NULL), 0);
		assert_int_equal(back, v);
		assert_int_equal(unit_prob(unit_prob_text(b, v), &back, NULL), 0);
		assert_int_equal(back, v);
		assert_int_equal(unit_prob(unit_prob_text(b, ~v), &back, NULL), 0); /* near one */
		assert_int_equal(back, ~v);
		assert_int_equal(unit_amount(unit_amount_text(b, a), &a_back, NULL), 0);
		assert_true(a_back.count == a.count && a_back.packets == a.packets);
	}
}

static size_t digits_in(const char *s)
{
	size_t n = 0;
	while (*s == '0' || *s == '.')
		s++;
	for (; *s && *s != 'e' && *s != '%'; s++)
		n += *s >= '0' && *s <= '9';
	return n;
}

/* A probability that somebody typed with n digits is never shown with more. */
static void a_typed_probability_is_not_shown_longer(void **state)
{
	(void)state;
	struct dice d = dice_of("typed");
	for (int i = 0; i < 20000; i++) {
		char typed[64], b[UNIT_TEXT_LEN];
		uint64_t n = 1 + dice_below(&d, 999999999), p;
		snprintf(typed, sizeof typed, "%" PRIu64 "e-%u", n,
			 9 + (unsigned)dice_below(&d, 4));
		assert_int_equal(unit_prob(typed, &p, NULL), 0);
		size_t shown = digits_in(unit_prob_text(b, p)), want = 0;
		for (; n; n /= 10)
			want++;
		assert_true(shown <= want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_are_read_exactly),
		cmocka_unit_test(rates_are_read_exactly),
		cmocka_unit_test(sizes_and_amounts_are_read_exactly),
		cmocka_unit_test(probabilities_are_rounded_to_nearest),
		cmocka_unit_test(probabilities_agree_with_a_division),
		cmocka_unit_test(what_is_refused_is_told_in_words),
		cmocka_unit_test(more_digits_than_we_keep_are_refused),
		cmocka_unit_test(booleans_have_four_spellings),
		cmocka_unit_test(whole_numbers_keep_to_their_range),
		cmocka_unit_test(texts_are_as_people_write_them),
		cmocka_unit_test(every_text_reads_back_as_its_value),
		cmocka_unit_test(a_typed_probability_is_not_shown_longer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
