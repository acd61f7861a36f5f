/* SPDX-License-Identifier: MIT */
/* test_wire.c - the wire as a whole: order, conservation, cut, hold, back-pressure, live changes.
 */
#include "tests/unit/wire/rig.h"

static void perfect_wire_passes_in_the_same_call_without_copying(void **state)
{
	struct rig g;
	(void)state;
	rig_begin(&g);
	rig_send(&g, WIRE_AB, 64, 60);
	assert_int_equal(g.count[WIRE_AB], 64);
	assert_int_equal(g.calls, 1);
	assert_int_equal(pool_in_use(g.pool), 0);
	assert_true(wire_next(g.w) == TIME_NEVER);
	for (unsigned i = 0; i < 64; i++)
		assert_int_equal(g.out[WIRE_AB][i].id, i);
	rig_conserves(&g);
	rig_end(&g);
}

static void delay_is_kept_to_the_nanosecond_and_stamped(void **state)
{
	struct rig g;
	(void)state;
	rig_begin(&g);
	rig_keys(&g, "delay", "20ms", "ba.delay", "1ns", NULL);
	for (unsigned i = 0; i < 100; i++) {
		rig_run(&g, MS(i));
		rig_send(&g, WIRE_AB, 3, 60);
		rig_send(&g, WIRE_BA, 2, 60);
	}
	rig_run(&g, SEC(1));
	assert_int_equal(g.count[WIRE_AB], 300);
	assert_int_equal(g.count[WIRE_BA], 200);
	for (unsigned i = 0; i < 300; i++) {
		assert_int_equal(g.out[WIRE_AB][i].id, i);
		assert_int_equal(g.out[WIRE_AB][i].at, MS(i / 3 + 20));
		assert_int_equal(g.out[WIRE_AB][i].stamp, MS(i / 3 + 20));
	}
	for (unsigned i = 0; i < 200; i++)
		assert_int_equal(g.out[WIRE_BA][i].at, MS(i / 2) + 1);
	rig_conserves(&g);
	rig_end(&g);
}

static void late_ticks_change_no_due_time_and_no_order(void **state)
{
	struct rig on_time, late;
	(void)state;
	rig_begin(&on_time);
	rig_begin(&late);
	for (int i = 0; i < 2; i++)
		rig_keys(i ? &late : &on_time, "delay", "3ms", "jitter", "3ms", "rate", "2Mbit",
			 NULL);
	for (unsigned i = 0; i < 200; i++) {
		late.now = MS(i) / 2;
		rig_run(&on_time, MS(i) / 2);
		rig_send(&on_time, WIRE_AB, 1, 100);
		if (i % 20 == 19) /* the late one is asked every 10 ms */
			wire_tick(late.w, late.now);
		rig_send(&late, WIRE_AB, 1, 100);
	}
	rig_run(&on_time, SEC(1));
	late.now = SEC(1);
	wire_tick(late.w, late.now);
	assert_int_equal(on_time.count[WIRE_AB], 200);
	assert_int_equal(late.count[WIRE_AB], 200);
	for (unsigned i = 0; i < 200; i++) {
		assert_int_equal(on_time.out[WIRE_AB][i].id, late.out[WIRE_AB][i].id);
		assert_int_equal(on_time.out[WIRE_AB][i].stamp, late.out[WIRE_AB][i].stamp);
	}
	rig_end(&on_time);
	rig_end(&late);
}

static void far_end_that_takes_little_gets_all_in_order(void **state)
{
	static const char *const delays[] = { "0s", "1ms" };
	(void)state;
	for (unsigned k = 0; k < 2; k++) {
		struct rig g;
		rig_begin(&g);
		rig_keys(&g, "delay", delays[k], NULL);
		g.take = 5;
		for (unsigned i = 0; i < 10; i++) {
			g.now = MS(i);
			wire_tick(g.w, g.now);
			rig_send(&g, WIRE_AB, 64, 60);
		}
		g.now = MS(20);
		wire_tick(g.w, g.now);
		assert_true(wire_blocked(g.w, WIRE_AB));
		assert_true(wire_next(g.w) == TIME_NEVER); /* only wire_writable() helps */
		size_t before = g.count[WIRE_AB];
		assert_int_equal(before, 5);
		rig_conserves(&g);
		for (unsigned i = 0; i < 1000 && wire_blocked(g.w, WIRE_AB); i++)
			wire_writable(g.w, WIRE_AB, g.now);
		assert_int_equal(g.count[WIRE_AB], 640);
		for (unsigned i = 0; i < 640; i++)
			assert_int_equal(g.out[WIRE_AB][i].id, i);
		rig_conserves(&g);
		rig_end(&g);
	}
}

static void blocked_wire_takes_in_only_so_many(void **state)
{
	struct rig g;
	(void)state;
	rig_begin(&g);
	g.take = 0;
	for (unsigned i = 0; i < 200; i++)
		rig_send(&g, WIRE_AB, 64, 60);
	assert_true(rig_drops(&g, WIRE_AB, DROP_QUEUE_FULL) > 200 * 64 / 2);
	rig_conserves(&g);
	rig_end(&g);
}

static void cut_loses_what_is_inside_and_tells_both_ends(void **state)
{
	struct rig g;
	(void)state;
	rig_begin(&g);
	rig_keys(&g, "delay", "10ms", "rate", "1Mbit", NULL);
	rig_send(&g, WIRE_AB, 10, 1000);
	g.now = MS(1);
	wire_cut(g.w, false, g.now);
	assert_false(g.carrier[0] || g.carrier[1]);
	assert_true(wire_is_cut(g.w));
	rig_send(&g, WIRE_AB, 5, 1000);
	rig_run(&g, SEC(1));
	assert_int_equal(g.count[WIRE_AB], 0);
	assert_int_equal(rig_drops(&g, WIRE_AB, DROP_CUT), 15);
	wire_mend(g.w, g.now);
	assert_true(g.carrier[0] && g.carrier[1]);
	rig_send(&g, WIRE_AB, 1, 1000);
	rig_run(&g, SEC(2));
	assert_int_equal(g.count[WIRE_AB], 1);
	assert_int_equal(g.out[WIRE_AB][0].at,
			 SEC(1) + MS(10) + MS(8)); /* 1000 B at 1 Mbit: 8 ms */
	assert_int_equal(g.events[EVENT_WIRE_CUT], 1);
	assert_int_equal(g.events[EVENT_WIRE_MEND], 1);
	rig_conserves(&g);
	rig_end(&g);
}

static void silent_cut_leaves_the_link(void **state)
{
	struct rig g;
	(void)state;
	rig_begin(&g);
	wire_cut(g.w, true, 0);
	assert_true(g.carrier[0] && g.carrier[1]);
	rig_send(&g, WIRE_BA, 7, 60);
	assert_int_equal(rig_drops(&g, WIRE_BA, DROP_CUT), 7);
	wire_cut(g.w, false, 0); /* now they learn of it */
	assert_false(g.carrier[0] || g.carrier[1]);
	rig_conserves(&g);
	rig_end(&g);
}

static void link_of_one_end_is_the_carrier_of_the_other(void **state)
{
	struct rig g;
	(void)state;
	rig_begin(&g);
	wire_link(g.w, 1, false, 0);
	assert_true(g.carrier[1]);
	assert_false(g.carrier[0]);
	rig_send(&g, WIRE_AB, 3, 60);
	assert_int_equal(rig_drops(&g, WIRE_AB, DROP_PEER), 3);
	wire_cut(g.w, false, 0);
	wire_mend(g.w, 0);
	assert_false(g.carrier[0]); /* still nobody there */
	wire_link(g.w, 1, true, 0);
	assert_true(g.carrier[0]);
	rig_send(&g, WIRE_AB, 3, 60);
	assert_int_equal(g.count[WIRE_AB], 3);
	rig_conserves(&g);
	rig_end(&g);
}

static void hold_keeps_everything_and_release_lets_it_go_in_order(void **state)
{
	struct rig g;
	(void)state;
	rig_begin(&g);
	wire_hold(g.w, true, 0);
	for (unsigned i = 0; i < 200; i++) {
		g.now = MS(i);
		rig_send(&g, WIRE_AB, 50, 60);
		rig_send(&g, WIRE_BA, 1, 60);
	}
	assert_true(wire_next(g.w) == TIME_NEVER);
	assert_int_equal(g.count[WIRE_AB], 0);
	rig_conserves(&g);
	g.now = SEC(5);
	wire_hold(g.w, false, g.now);
	assert_int_equal(g.count[WIRE_AB], 10000);
	assert_int_equal(g.count[WIRE_BA], 200);
	for (unsigned i = 0; i < 10000; i++) {
		assert_int_equal(g.out[WIRE_AB][i].id, i);
		assert_int_equal(g.out[WIRE_AB][i].stamp, SEC(5));
	}
	struct wire_stats s;
	wire_stats(g.w, WIRE_AB, &s);
	assert_int_equal(s.late_max_ns, 0); /* held frames are due at the release */
	rig_conserves(&g);
	rig_end(&g);
}

static void frames_inside_keep_their_due_times_when_the_delay_changes(void **state)
{
	struct rig g;
	(void)state;
	rig_begin(&g);
	rig_keys(&g, "delay", "50ms", NULL);
	rig_send(&g, WIRE_AB, 1, 60);
	g.now = MS(10);
	rig_keys(&g, "delay", "80ms", NULL);
	rig_send(&g, WIRE_AB, 1, 60);
	g.now = MS(20);
	rig_keys(&g, "delay", "0s", NULL);
	rig_send(&g, WIRE_AB, 1, 60); /* a shorter cable does not reorder */
	rig_run(&g, SEC(1));
	assert_int_equal(g.count[WIRE_AB], 3);
	assert_int_equal(g.out[WIRE_AB][0].at, MS(50));
	assert_int_equal(g.out[WIRE_AB][1].at, MS(90));
	assert_int_equal(g.out[WIRE_AB][2].at, MS(90));
	assert_int_equal(g.out[WIRE_AB][2].id, 2);
	rig_end(&g);
}

static void rate_changes_and_ends_without_losing_the_queue(void **state)
{
	struct rig g;
	(void)state;
	rig_begin(&g);
	rig_keys(&g, "rate", "1Mbit", NULL);
	rig_send(&g, WIRE_AB, 10, 1250); /* 10 ms each */
	rig_run(&g, MS(25));             /* two are out, the third is half-way */
	assert_int_equal(g.count[WIRE_AB], 2);
	rig_keys(&g, "rate", "10Mbit", NULL);
	rig_run(&g, MS(32)); /* third at 30, then one a millisecond */
	assert_int_equal(g.count[WIRE_AB], 5);
	rig_keys(&g, "rate", "0bit", NULL);
	rig_run(&g, MS(40));
	assert_int_equal(g.count[WIRE_AB], 10);
	assert_int_equal(g.out[WIRE_AB][9].at, MS(33)); /* when the one in service was out */
	rig_send(&g, WIRE_AB, 1, 1250);
	assert_int_equal(g.count[WIRE_AB], 11);
	assert_int_equal(rig_drops(&g, WIRE_AB, DROP_QUEUE_LIMIT), 0);
	for (unsigned i = 0; i < 11; i++)
		assert_int_equal(g.out[WIRE_AB][i].id, i);
	rig_conserves(&g);
	rig_end(&g);
}

static void limit_counts_what_waits_in_packets_or_bytes(void **state)
{
	static const struct {
		const char *limit;
		unsigned kept;
	} rows[] = { { "7p", 8 }, { "0p", 1 }, { "3000B", 4 }, { "2999B", 3 }, { "999B", 1 } };
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct rig g;
		rig_begin(&g);
		rig_keys(&g, "rate", "1Mbit", "limit", rows[i].limit, NULL);
		rig_send(&g, WIRE_AB, 20, 1000); /* one is being sent, the others wait */
		assert_int_equal(rig_drops(&g, WIRE_AB, DROP_QUEUE_LIMIT), 20 - rows[i].kept);
		rig_run(&g, SEC(1));
		assert_int_equal(g.count[WIRE_AB], rows[i].kept);
		rig_conserves(&g);
		rig_end(&g);
	}
}

static void mtu_counts_the_whole_frame(void **state)
{
	struct rig g;
	(void)state;
	rig_begin(&g);
	rig_keys(&g, "ab.mtu", "1514B", NULL);
	rig_send(&g, WIRE_AB, 2, 1514);
	rig_send(&g, WIRE_AB, 3, 1515);
	rig_send(&g, WIRE_BA, 4, 1515);
	assert_int_equal(g.count[WIRE_AB], 2);
	assert_int_equal(g.count[WIRE_BA], 4);
	assert_int_equal(rig_drops(&g, WIRE_AB, DROP_MTU), 3);
	rig_end(&g);
}

static void runt_is_counted_not_sent(void **state)
{
	struct rig g;
	(void)state;
	rig_begin(&g);
	uint8_t bytes[13] = { 2 };
	bool ok;
	struct frame f = frame_over(bytes, sizeof bytes, &ok);
	assert_false(ok);
	wire_rx(g.w, WIRE_AB, &f, 1, 0);
	assert_int_equal(rig_drops(&g, WIRE_AB, DROP_RUNT), 1);
	assert_int_equal(g.count[WIRE_AB], 0);
	rig_conserves(&g);
	rig_end(&g);
}

static void empty_pool_is_a_counted_drop(void **state)
{
	struct rig g;
	(void)state;
	rig_begin(&g);
	rig_keys(&g, "delay", "1ms", NULL);
	struct pool *small = pool_new(1);
	static const struct wire_host host = { .tx = rig_tx,
					       .carrier = rig_carrier,
					       .event = rig_event };
	struct wire *w = wire_new(&g.c, &host, &g, small, 0);
	uint8_t bytes[64] = { 2 };
	struct frame f = frame_over(bytes, sizeof bytes, NULL);
	wire_rx(w, WIRE_AB, &f, 1, 0);
	struct wire_stats s;
	wire_stats(w, WIRE_AB, &s);
	assert_int_equal(s.drops[DROP_NO_BUFFER], 1);
	wire_free(w);
	pool_free(small);
	rig_end(&g);
}

static void hundred_thousand_frames_in_flight_leave_in_due_order(void **state)
{
	struct rig g;
	(void)state;
	rig_begin(&g);
	rig_keys(&g, "delay", "1s", "jitter", "500ms", NULL);
	for (unsigned i = 0; i < 100000; i += 50) {
		g.now = i * INT64_C(1000);
		rig_send(&g, WIRE_AB, 50, 60);
	}
	struct wire_stats s;
	wire_stats(g.w, WIRE_AB, &s);
	assert_int_equal(s.held, 100000);
	rig_run(&g, SEC(10));
	assert_int_equal(g.count[WIRE_AB], 100000);
	for (unsigned i = 1; i < 100000; i++)
		assert_true(g.out[WIRE_AB][i].at >= g.out[WIRE_AB][i - 1].at);
	rig_conserves(&g);
	rig_end(&g);
}

static void lateness_is_measured_and_judged(void **state)
{
	struct rig g;
	struct wire_stats s;
	(void)state;
	rig_begin(&g);
	rig_keys(&g, "delay", "10ms", NULL);
	for (unsigned i = 0; i < 1000; i++) {
		rig_send(&g, WIRE_AB, 1, 60);
		g.now += MS(10) + (i < 985   ? 100
				   : i < 995 ? 100000
					     : MS(3)); /* ticks that come late */
		wire_tick(g.w, g.now);
	}
	wire_stats(g.w, WIRE_AB, &s);
	assert_true(s.late_p50_ns >= 100 && s.late_p50_ns < 125);
	assert_true(s.late_p99_ns >= 100000 && s.late_p99_ns < 125000);
	assert_int_equal(s.late_max_ns, MS(3));
	assert_false(s.unfaithful); /* half a per cent over a millisecond */
	for (unsigned i = 0; i < 10; i++) {
		rig_send(&g, WIRE_AB, 1, 60);
		g.now += MS(13);
		wire_tick(g.w, g.now);
	}
	wire_stats(g.w, WIRE_AB, &s);
	assert_true(s.unfaithful);
	rig_end(&g);
}

static void realized_rate_is_that_of_the_last_second(void **state)
{
	struct rig g;
	struct wire_stats s;
	(void)state;
	rig_begin(&g);
	for (unsigned i = 0; i < 5000; i++) {
		rig_send(&g, WIRE_AB, 1, i < 2500 ? 1250 : 125); /* 10 Mbit/s, then 1 */
		g.now += MS(1);
	}
	wire_stats(g.w, WIRE_AB, &s);
	assert_true(s.tx_bps > 990000 && s.tx_bps < 1010000);
	rig_end(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(perfect_wire_passes_in_the_same_call_without_copying),
		cmocka_unit_test(delay_is_kept_to_the_nanosecond_and_stamped),
		cmocka_unit_test(late_ticks_change_no_due_time_and_no_order),
		cmocka_unit_test(far_end_that_takes_little_gets_all_in_order),
		cmocka_unit_test(blocked_wire_takes_in_only_so_many),
		cmocka_unit_test(cut_loses_what_is_inside_and_tells_both_ends),
		cmocka_unit_test(silent_cut_leaves_the_link),
		cmocka_unit_test(link_of_one_end_is_the_carrier_of_the_other),
		cmocka_unit_test(hold_keeps_everything_and_release_lets_it_go_in_order),
		cmocka_unit_test(frames_inside_keep_their_due_times_when_the_delay_changes),
		cmocka_unit_test(rate_changes_and_ends_without_losing_the_queue),
		cmocka_unit_test(limit_counts_what_waits_in_packets_or_bytes),
		cmocka_unit_test(mtu_counts_the_whole_frame),
		cmocka_unit_test(runt_is_counted_not_sent),
		cmocka_unit_test(empty_pool_is_a_counted_drop),
		cmocka_unit_test(lateness_is_measured_and_judged),
		cmocka_unit_test(realized_rate_is_that_of_the_last_second),
		cmocka_unit_test(hundred_thousand_frames_in_flight_leave_in_due_order),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
