/* SPDX-License-Identifier: MIT */
/* test_pingtext.c - the last words of ping, as iputils and busybox say them, and as neither does.
 */
#include "lab/real/pingtext.h"

#include "tests/unit/cmocka.h"

static void iputils_is_read_exactly(void **state)
{
	(void)state;
	struct ping_result r;
	assert_true(pingtext_read(
		&r, "PING 10.0.0.2 (10.0.0.2) 56(84) bytes of data.\n\n"
		    "--- 10.0.0.2 ping statistics ---\n"
		    "3 packets transmitted, 2 received, 33% packet loss, time 2004ms\n"
		    "rtt min/avg/max/mdev = 10.123/10.5/1000.877/0.377 ms\n"));
	assert_true(r.done);
	assert_int_equal(r.sent, 3);
	assert_int_equal(r.received, 2);
	assert_int_equal(r.rtt_min_ns, 10123000);
	assert_int_equal(r.rtt_max_ns, 1000877000);
	assert_int_equal(r.rtt_sum_ns, 2 * 10500000);
}

static void errors_and_duplicates_in_the_counts_do_no_harm(void **state)
{
	(void)state;
	struct ping_result r;
	assert_true(pingtext_read(&r,
				  "4 packets transmitted, 1 received, +2 duplicates, +1 errors, "
				  "75% packet loss, time 3ms\n"
				  "rtt min/avg/max/mdev = 0.1/0.2/0.3/0.0 ms, pipe 3\n"));
	assert_int_equal(r.received, 1);
	assert_int_equal(r.rtt_min_ns, 100000);
}

static void busybox_is_read_too(void **state)
{
	(void)state;
	struct ping_result r;
	assert_true(pingtext_read(&r, "3 packets transmitted, 3 packets received, 0% packet loss\n"
				      "round-trip min/avg/max = 0.052/0.069/0.085 ms\n"));
	assert_int_equal(r.received, 3);
	assert_int_equal(r.rtt_max_ns, 85000);
}

static void nothing_came_back_needs_no_times(void **state)
{
	(void)state;
	struct ping_result r;
	assert_true(pingtext_read(
		&r, "2 packets transmitted, 0 received, 100% packet loss, time 9ms\n\n"));
	assert_int_equal(r.sent, 2);
	assert_int_equal(r.received, 0);
	assert_int_equal(r.rtt_min_ns, 0);
}

static void what_ping_does_not_say_is_refused(void **state)
{
	(void)state;
	static const char *const wrong[] = {
		"",
		"ping: connect: Network is unreachable\n",
		"x packets transmitted, 1 received, 0% packet loss\n",
		"1 packets transmitted, 2 received, 0% packet loss\n",
		"1 packets transmitted, 1 received, 0% packet loss\n", /* where are the times? */
		"1 packets transmitted, 1 received,\nrtt min/avg/max/mdev = 1.0/2.0 ms\n",
		"1 packets transmitted, 1 received,\nrtt min/avg/max/mdev = a/b/c/d ms\n",
		"1 packets transmitted, 1 received,\nrtt min/avg/max/mdev = ",
	};
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct ping_result r = { .sent = 77 };
		assert_false(pingtext_read(&r, wrong[i]));
		assert_int_equal(r.sent, 77);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(iputils_is_read_exactly),
		cmocka_unit_test(errors_and_duplicates_in_the_counts_do_no_harm),
		cmocka_unit_test(busybox_is_read_too),
		cmocka_unit_test(nothing_came_back_needs_no_times),
		cmocka_unit_test(what_ping_does_not_say_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
