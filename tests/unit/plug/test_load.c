/* SPDX-License-Identifier: MIT */
/* test_load.c - the load generator's frame, its account of numbers, and what people write. */
#include "tests/unit/cmocka.h"

#include <errno.h>
#include <string.h>

#include "plug/load/check.h"
#include "plug/load/frame.h"
#include "plug/load/plan.h"

static void a_frame_is_read_as_it_was_made(void **state)
{
	static const int vlans[] = { LOAD_NO_TAG, 0, 7, 4094 };
	static uint8_t bytes[ETH_FRAME_MAX];
	(void)state;
	for (unsigned i = 0; i < 4; i++)
		for (uint32_t len = LOAD_SIZE_MIN + 4; len <= ETH_FRAME_MAX; len += 571) {
			struct load_frame f = { .kind = LOAD_DATA, .run = 99, .number = 5 }, g;
			bool whole = false;
			load_frame_make(bytes, len, vlans[i], &f);
			load_frame_stamp(bytes, len, vlans[i], UINT64_C(0x123456789ab), 77);
			assert_true(load_frame_read(bytes, len, &g, &whole));
			assert_true(whole);
			assert_int_equal(g.kind, LOAD_DATA);
			assert_int_equal(g.run, 99);
			assert_int_equal(g.number, UINT64_C(0x123456789ab));
			assert_int_equal(g.sent_ns, 77);
		}
}

static void damage_is_seen(void **state)
{
	uint8_t bytes[200];
	struct load_frame f = { .kind = LOAD_DATA, .number = 5 }, g;
	bool whole;
	(void)state;
	load_frame_make(bytes, sizeof bytes, LOAD_NO_TAG, &f);
	assert_true(load_frame_read(bytes, sizeof bytes - 1, &g, &whole)); /* cut */
	assert_false(whole);
	bytes[sizeof bytes - 1] ^= 1; /* its end belongs to another frame */
	assert_true(load_frame_read(bytes, sizeof bytes, &g, &whole));
	assert_false(whole);
	bytes[12] ^= 1; /* another ethertype */
	assert_false(load_frame_read(bytes, sizeof bytes, &g, &whole));
	for (uint32_t len = 0; len < ETH_HLEN + LOAD_HEAD; len++) { /* no end is read past */
		bytes[12] = 0x88;
		assert_false(load_frame_read(bytes, len, &g, &whole));
	}
}

static void numbers_are_accounted_for(void **state)
{
	struct check c = { 0 };
	(void)state;
	for (uint64_t n = 0; n < 10000; n++)
		check_number(&c, n);
	assert_int_equal(c.received, 10000);
	check_number(&c, 9999); /* twice */
	assert_int_equal(c.duplicated, 1);
	check_number(&c, 10002); /* two are missing ... */
	check_number(&c, 10000); /* ... one comes late ... */
	assert_int_equal(c.reordered, 1);
	check_number(&c, 10000); /* ... and again */
	assert_int_equal(c.duplicated, 2);
	assert_int_equal(c.received, 10002);
}

static void a_jump_over_the_window_forgets_it(void **state)
{
	struct check c = { 0 };
	(void)state;
	check_number(&c, 1);
	check_number(&c, 1 + 5 * CHECK_WINDOW); /* the same bit */
	check_number(&c, 1 + 5 * CHECK_WINDOW - CHECK_WINDOW / 2);
	assert_int_equal(c.received, 3);
	assert_int_equal(c.duplicated, 0);
	assert_int_equal(c.reordered, 1);
}

static void plans_are_read(void **state)
{
	struct load_plan p;
	struct err e = { "" };
	(void)state;
	load_plan_default(&p, true);
	assert_int_equal(load_plan_parse(&p,
					 "size=1514B,rate=10kpps,time=2s,addresses=1000,"
					 "window=64,vlan=7,to=all,sinks=16,count=5,pid=1",
					 &e),
			 0);
	assert_int_equal(p.size, 1514);
	assert_int_equal(p.rate_mpps, 10000000);
	assert_int_equal(p.time_ns, INT64_C(2000000000));
	assert_int_equal(p.vlan, 7);
	assert_int_equal(p.to[5], 0xff);
	assert_int_equal(p.sinks, 16);
}

static void bad_plans_are_refused_with_words(void **state)
{
	static const char *const bad[][2] = {
		{ "size=59B", "size: 59B is not between 60B and 9234B" },
		{ "size=64", "size: 64" },
		{ "speed=3", "speed: no such key of a load" },
		{ "count", "count: a value is missing" },
		{ "count=0", "count: 0" },
		{ "to=everyone", "to: everyone is neither an address nor 'all'" },
		{ "size=60B,vlan=1", "size: a tagged frame has 64B or more" },
		{ "vlan=4095", "vlan: 4095" },
	};
	(void)state;
	for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct load_plan p;
		struct err e = { "" };
		load_plan_default(&p, true);
		assert_int_equal(load_plan_parse(&p, bad[i][0], &e), -EINVAL);
		if (strncmp(e.text, bad[i][1], strlen(bad[i][1])) != 0)
			fail_msg("%s: %s", bad[i][0], e.text);
	}
	struct load_plan p;
	load_plan_default(&p, false);
	assert_int_equal(load_plan_parse(&p, "rate=1kpps", NULL), -EINVAL); /* a sink has no rate */
	assert_int_equal(load_plan_parse(&p, "count=3", NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_frame_is_read_as_it_was_made),
		cmocka_unit_test(damage_is_seen),
		cmocka_unit_test(numbers_are_accounted_for),
		cmocka_unit_test(a_jump_over_the_window_forgets_it),
		cmocka_unit_test(plans_are_read),
		cmocka_unit_test(bad_plans_are_refused_with_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
