/* SPDX-License-Identifier: MIT */
/* test_forget.c - who watches the address table hears of every address that goes: of one that aged
 * itself, of those that were flushed that they were, and why. */
#include <stdio.h>

#include "tests/unit/bridge/rig.h"

#define A UINT64_C(0x0200000000aa)
#define B UINT64_C(0x0200000000bb)
#define BROADCAST UINT64_C(0xffffffffffff)

static int setup(void **state)
{
	struct rig *r = rig_new(2);
	bridge_want_events(r->b, event_bit(EVENT_FDB_LEARN) | event_bit(EVENT_FDB_AGE) |
					 event_bit(EVENT_FDB_FLUSH));
	*state = r;
	return 0;
}

static int teardown(void **state)
{
	rig_free(*state);
	return 0;
}

static void is_about(const struct event *ev, enum event_kind kind, uint64_t mac, unsigned port)
{
	assert_int_equal(ev->kind, kind);
	assert_int_equal(mac_to_u64(ev->mac), mac);
	assert_int_equal(ev->port, port);
}

static void an_address_that_ages_is_told_once(void **state)
{
	struct rig *r = *state;
	rig_send_tagged(r, 1, BROADCAST, A, 10, -1);
	rig_run(r, SEC(200));
	rig_send(r, 2, BROADCAST, B);
	rig_run(r, SEC(299));
	assert_int_equal(r->events, 2);
	rig_run(r, SEC(455)); /* 300 s, and half of it for the sweep */
	assert_int_equal(r->events, 3);
	is_about(&r->event[2], EVENT_FDB_AGE, A, 1);
	assert_int_equal(r->event[2].vid, 10);
	assert_in_range(r->event[2].at, SEC(300), SEC(455));
	rig_run(r, SEC(2000));
	assert_int_equal(r->events, 4);
	is_about(&r->event[3], EVENT_FDB_AGE, B, 2);
}

/* Also when it speaks again before it was found to be gone. */
static void who_comes_back_had_gone_before(void **state)
{
	struct rig *r = *state;
	rig_send(r, 1, BROADCAST, A);
	r->now = SEC(301); /* no ticks */
	rig_send(r, 2, BROADCAST, A);
	assert_int_equal(r->events, 3);
	is_about(&r->event[1], EVENT_FDB_AGE, A, 1);
	is_about(&r->event[2], EVENT_FDB_LEARN, A, 2);
}

static void a_flush_is_told_with_its_reason_and_nothing_ages_of_it(void **state)
{
	struct rig *r = *state;
	rig_send(r, 1, BROADCAST, A);
	rig_send(r, 2, BROADCAST, B);
	r->events = 0;
	bridge_fdb_flush(r->b, 1, BRIDGE_ANY, r->now);
	assert_int_equal(r->events, 1);
	is_about(&r->event[0], EVENT_FDB_FLUSH, 0, 1);
	assert_string_equal(r->words[0], "asked for");
	bridge_link(r->b, 2, false, NULL, r->now);
	assert_int_equal(r->events, 2);
	is_about(&r->event[1], EVENT_FDB_FLUSH, 0, 2);
	assert_string_equal(r->words[1], "port down");
	bridge_fdb_flush(r->b, BRIDGE_ANY, 7, r->now);
	assert_int_equal(r->event[2].vid, 7);
	rig_run(r, SEC(2000));
	assert_int_equal(r->events, 3);
}

static void given_addresses_and_deleted_ones_do_not_age(void **state)
{
	struct rig *r = *state;
	uint8_t mac[6];
	mac_from_u64(mac, A);
	assert_int_equal(bridge_fdb_add(r->b, mac, 0, 1, FDB_STATIC, r->now, NULL), 0);
	rig_send(r, 2, BROADCAST, B);
	mac_from_u64(mac, B);
	assert_int_equal(bridge_fdb_del(r->b, mac, 0, r->now), 0);
	r->events = 0;
	rig_run(r, SEC(2000));
	assert_int_equal(r->events, 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(an_address_that_ages_is_told_once),
		T(who_comes_back_had_gone_before),
		T(a_flush_is_told_with_its_reason_and_nothing_ages_of_it),
		T(given_addresses_and_deleted_ones_do_not_age),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
