/* SPDX-License-Identifier: MIT */
/* test_rates.c - rates are those of the last second, losses over the limit are told once when they
 * begin and once when they end, and a quiet bridge asks for no ticks. */
#include <stdio.h>

#include "tests/unit/bridge/rig.h"

#define A UINT64_C(0x0200000000aa)
#define BROADCAST UINT64_C(0xffffffffffff)
#define MS(n) ((int64_t)(n)*NS_PER_MS)

static int setup(void **state)
{
	*state = rig_new(2);
	return 0;
}

static int teardown(void **state)
{
	rig_free(*state);
	return 0;
}

static struct port_rate rate(const struct rig *r, unsigned port)
{
	struct port_stats s;
	bridge_port_stats(r->b, port, &s);
	return s.rate;
}

/* `n` frames of 60 bytes from port 1 to all, evenly over the second that begins now. */
static void a_second_of(struct rig *r, unsigned n)
{
	int64_t begin = r->now;
	for (unsigned i = 0; i < n; i++) {
		rig_run(r, begin + SEC(1) * i / n);
		rig_send(r, 1, BROADCAST, A);
		rig_forget(r);
	}
	rig_run(r, begin + SEC(1));
}

static void rates_are_those_of_the_last_second(void **state)
{
	struct rig *r = *state;
	assert_int_equal(rate(r, 1).rx_frames, 0);
	a_second_of(r, 250);
	assert_int_equal(rate(r, 1).rx_frames, 250);
	assert_int_equal(rate(r, 1).rx_bytes, 250 * 60);
	assert_int_equal(rate(r, 1).tx_frames, 0);
	assert_int_equal(rate(r, 2).tx_frames, 250);
	a_second_of(r, 10);
	assert_int_equal(rate(r, 2).tx_bytes, 10 * 60);
	rig_run(r, r->now + SEC(1));
	assert_int_equal(rate(r, 2).tx_bytes, 0);
}

/* The second round finds nothing new and is the last; only the address table still cares. */
static void a_quiet_bridge_asks_for_no_ticks(void **state)
{
	struct rig *r = *state;
	rig_send(r, 1, BROADCAST, A);
	assert_int_equal(bridge_next(r->b), SEC(1));
	rig_run(r, SEC(2));
	bridge_fdb_flush(r->b, BRIDGE_ANY, BRIDGE_ANY, r->now);
	assert_true(bridge_next(r->b) > SEC(3));
	rig_send(r, 1, BROADCAST, A);
	assert_int_equal(bridge_next(r->b), SEC(3));
}

/* A driver that slept for ten seconds divides by ten. */
static void a_late_tick_measures_what_really_was(void **state)
{
	struct rig *r = *state;
	for (unsigned i = 0; i < 50; i++)
		rig_send(r, 1, BROADCAST, A);
	bridge_tick(r->b, r->now = SEC(10));
	assert_int_equal(rate(r, 1).rx_frames, 5);
}

static void losses_over_the_limit_are_told_when_they_begin_and_end(void **state)
{
	struct rig *r = *state;
	struct bridge_config c = *bridge_config(r->b);
	c.drop_alarm = 20;
	assert_int_equal(bridge_apply(r->b, &c, r->now, NULL), 0);
	struct port_config p = *bridge_port_config(r->b, 2);
	p.queue = 0;
	assert_int_equal(bridge_port_apply(r->b, 2, &p, r->now, NULL), 0);
	bridge_want_events(r->b, event_bit(EVENT_DROP));
	r->takes[2] = 0;
	a_second_of(r, 19);
	assert_int_equal(r->events, 0);
	a_second_of(r, 20);
	a_second_of(r, 100);
	assert_int_equal(r->events, 1);
	assert_int_equal(r->event[0].kind, EVENT_DROP);
	assert_int_equal(r->event[0].port, 2);
	assert_int_equal(r->event[0].at, SEC(2));
	assert_string_equal(r->words[0], "queue-full 20/s, at least 20/s");
	a_second_of(r, 3);
	assert_int_equal(r->events, 2);
	assert_string_equal(r->words[1], "queue-full below 20/s");
	assert_int_equal(rate(r, 2).drops, 3);
}

static void who_wants_no_alarm_gets_none(void **state)
{
	struct rig *r = *state;
	struct bridge_config c = *bridge_config(r->b);
	c.drop_alarm = 0;
	assert_int_equal(bridge_apply(r->b, &c, r->now, NULL), 0);
	bridge_want_events(r->b, event_bit(EVENT_DROP));
	for (unsigned i = 0; i < 1000; i++)
		rig_send(r, 1, A, A); /* to who sent it: no destination */
	rig_run(r, MS(1500));
	assert_int_equal(rate(r, 1).drops, 1000);
	assert_int_equal(r->events, 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(rates_are_those_of_the_last_second),
		T(a_quiet_bridge_asks_for_no_ticks),
		T(a_late_tick_measures_what_really_was),
		T(losses_over_the_limit_are_told_when_they_begin_and_end),
		T(who_wants_no_alarm_gets_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
