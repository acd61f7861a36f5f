/* SPDX-License-Identifier: MIT */
/* test_congestion.c - the congestion window, with figures worked out from RFC 5681, 6582 and 6928.
 */
#include "lab/station/congestion.h"
#include "tests/unit/cmocka.h"

static void first_window_is_ten_segments_or_fewer_big_ones(void **state)
{
	struct congestion c;
	(void)state;
	congestion_init(&c, 1460, false);
	assert_int_equal(c.window, 14600);
	congestion_init(&c, 100, false);
	assert_int_equal(c.window, 1000);
	congestion_init(&c, 4000, false);
	assert_int_equal(c.window, 14600);
	congestion_init(&c, 9000, false); /* two at least */
	assert_int_equal(c.window, 18000);
	congestion_init(&c, 1460, true); /* the SYN was lost: 5681 3.1 */
	assert_int_equal(c.window, 1460);
}

static void slow_start_adds_what_was_acknowledged_a_segment_at_most(void **state)
{
	struct congestion c;
	(void)state;
	congestion_init(&c, 1000, false);
	congestion_acked(&c, 1000);
	assert_int_equal(c.window, 11000);
	congestion_acked(&c, 3000); /* an acknowledgement of three: equation 2 */
	assert_int_equal(c.window, 12000);
	congestion_acked(&c, 10); /* a divided one earns no more than it says */
	assert_int_equal(c.window, 12010);
}

static void avoidance_adds_one_segment_a_window(void **state)
{
	struct congestion c;
	(void)state;
	congestion_init(&c, 1000, false);
	c.threshold = 10000;
	for (int i = 0; i < 9; i++)
		congestion_acked(&c, 1000);
	assert_int_equal(c.window, 10000);
	congestion_acked(&c, 1000);
	assert_int_equal(c.window, 11000);
	for (int i = 0; i < 11; i++)
		congestion_acked(&c, 1000);
	assert_int_equal(c.window, 12000);
}

static void fast_recovery_halves_and_deflates(void **state)
{
	struct congestion c;
	(void)state;
	congestion_init(&c, 1000, false);
	c.window = 20000;
	congestion_lost(&c, 20000);
	assert_int_equal(c.threshold, 10000);
	assert_int_equal(c.window, 13000); /* the three that made the duplicates have left */
	congestion_duplicate(&c);
	assert_int_equal(c.window, 14000);
	congestion_partial(&c, 4000);
	assert_int_equal(c.window, 11000); /* less what was acknowledged, plus one segment */
	congestion_partial(&c, 500);
	assert_int_equal(c.window, 10500); /* less than a segment buys none */
	congestion_recovered(&c, 15000);
	assert_int_equal(c.window, 10000);
	congestion_lost(&c, 20000);
	congestion_recovered(&c, 2000); /* little is under way: no burst of ten */
	assert_int_equal(c.window, 3000);
}

static void timeout_leaves_one_segment_and_half_the_flight_as_threshold(void **state)
{
	struct congestion c;
	(void)state;
	congestion_init(&c, 1000, false);
	congestion_timeout(&c, 16000);
	assert_int_equal(c.window, 1000);
	assert_int_equal(c.threshold, 8000);
	congestion_timeout_again(&c); /* of the same: the threshold stays */
	assert_int_equal(c.threshold, 8000);
	for (int i = 0; i < 7; i++)
		congestion_acked(&c, 1000);
	assert_int_equal(c.window, 8000);
	congestion_acked(&c, 1000); /* avoidance from here on */
	assert_int_equal(c.window, 8000);
	congestion_timeout(&c, 1000);
	assert_int_equal(c.threshold, 2000); /* never under two segments: equation 4 */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_window_is_ten_segments_or_fewer_big_ones),
		cmocka_unit_test(slow_start_adds_what_was_acknowledged_a_segment_at_most),
		cmocka_unit_test(avoidance_adds_one_segment_a_window),
		cmocka_unit_test(fast_recovery_halves_and_deflates),
		cmocka_unit_test(timeout_leaves_one_segment_and_half_the_flight_as_threshold),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
