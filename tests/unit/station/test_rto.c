/* SPDX-License-Identifier: MIT */
/* test_rto.c - the arithmetic of RFC 6298 on numbers worked out by hand. */
#include "lab/station/rto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "lib/base/units.h"

#define MS(n) ((n)*NS_PER_MS)

static void before_any_sample_it_is_a_second(void **state)
{
	(void)state;
	struct rto r;
	rto_init(&r);
	assert_int_equal(r.rto_ns, MS(1000));
}

static void first_sample_sets_mean_and_half_of_it(void **state)
{
	(void)state;
	struct rto r;
	rto_init(&r);
	rto_sample(&r, MS(400));
	assert_int_equal(r.srtt_ns, MS(400));
	assert_int_equal(r.rttvar_ns, MS(200));
	assert_int_equal(r.rto_ns, MS(400 + 4 * 200));
}

static void later_samples_move_by_an_eighth_and_a_quarter(void **state)
{
	(void)state;
	struct rto r;
	rto_init(&r);
	rto_sample(&r, MS(400));
	rto_sample(&r, MS(480)); /* off by 80: 200 * 3/4 + 80/4 = 170; 400 * 7/8 + 480/8 = 410 */
	assert_int_equal(r.rttvar_ns, MS(170));
	assert_int_equal(r.srtt_ns, MS(410));
	assert_int_equal(r.rto_ns, MS(410 + 4 * 170));
}

static void steady_samples_end_at_the_lower_bound(void **state)
{
	(void)state;
	struct rto r;
	rto_init(&r);
	for (unsigned i = 0; i < 100; i++)
		rto_sample(&r, MS(10));
	assert_int_equal(r.srtt_ns, MS(10));
	assert_int_equal(r.rto_ns, MS(200));
}

static void back_off_doubles_to_a_minute_until_a_sample(void **state)
{
	(void)state;
	struct rto r;
	rto_init(&r);
	rto_sample(&r, MS(400));
	rto_back_off(&r);
	assert_int_equal(r.rto_ns, MS(2400));
	for (unsigned i = 0; i < 70; i++)
		rto_back_off(&r);
	assert_int_equal(r.rto_ns, MS(60000));
	rto_sample(&r, MS(400));
	assert_int_equal(r.rto_ns, MS(400 + 4 * 150));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(before_any_sample_it_is_a_second),
		cmocka_unit_test(first_sample_sets_mean_and_half_of_it),
		cmocka_unit_test(later_samples_move_by_an_eighth_and_a_quarter),
		cmocka_unit_test(steady_samples_end_at_the_lower_bound),
		cmocka_unit_test(back_off_doubles_to_a_minute_until_a_sample),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
