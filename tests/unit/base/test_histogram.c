/* SPDX-License-Identifier: MIT */
/* test_histogram.c - the percentiles keep their promise of 1/64 against a sorted list. */
#include "lib/base/histogram.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lib/base/stream.h"

enum { SEED = 11, COUNT = 5000 };

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

static void percentile_is_within_a_64th(void **state)
{
	(void)state;
	struct stream chance = stream_of(SEED, "durations");
	static int64_t v[COUNT];
	for (unsigned top = 1; top < 42; top++) {
		static struct histogram h;
		h = (struct histogram){ 0 };
		for (unsigned i = 0; i < COUNT; i++) {
			v[i] = (int64_t)draw_below(chance, i, top, UINT64_C(1) << top);
			histogram_add(&h, v[i]);
		}
		qsort(v, COUNT, sizeof v[0], by_size);
		for (unsigned p = 1; p <= 100; p++) {
			int64_t want = v[(COUNT * p + 99) / 100 - 1];
			int64_t got = histogram_percentile(&h, p);
			assert_true(llabs(got - want) * 64 <= want);
		}
	}
}

static void equal_durations_come_back_exactly(void **state)
{
	(void)state;
	static struct histogram h;
	for (unsigned i = 0; i < 10; i++)
		histogram_add(&h, 10000001);
	assert_int_equal(histogram_percentile(&h, 1), 10000001);
	assert_int_equal(histogram_percentile(&h, 100), 10000001);
}

static void empty_and_extreme_are_fine(void **state)
{
	(void)state;
	static struct histogram h;
	assert_int_equal(histogram_percentile(&h, 50), 0);
	histogram_add(&h, -5);
	assert_int_equal(histogram_percentile(&h, 50), 0);
	histogram_add(&h, INT64_MAX);
	assert_true(histogram_percentile(&h, 100) > INT64_C(1) << 41);
	assert_int_equal(histogram_percentile(&h, 50), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(percentile_is_within_a_64th),
		cmocka_unit_test(equal_durations_come_back_exactly),
		cmocka_unit_test(empty_and_extreme_are_fine),
	};
	printf("# seed %d\n", SEED);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
