/* SPDX-License-Identifier: MIT */
/* test_policy.c - what a port allows: reserved addresses, how many stations, and who may move. */
#include <errno.h>
#include <stdio.h>

#include "tests/unit/bridge/rig.h"

#define A UINT64_C(0x0200000000aa)
#define BROADCAST UINT64_C(0xffffffffffff)
#define RESERVED UINT64_C(0x0180c2000000)
#define CISCO UINT64_C(0x01000ccccccc)

static int setup(void **state)
{
	*state = rig_new(3);
	return 0;
}

static int teardown(void **state)
{
	rig_free(*state);
	return 0;
}

static int try_command(struct rig *r, const char *line, struct out *o, struct err *e)
{
	struct cmd_table t = { .rows = bridge_commands, .ctx = r->b };
	return cmd_call(&(struct cmd_set){ &t, 1 }, line, false, r->now, o, e);
}

static void command(struct rig *r, const char *line)
{
	struct out o;
	struct err e;
	out_init(&o, false);
	if (try_command(r, line, &o, &e))
		fail_msg("%s: %s", line, e.text);
	out_fini(&o);
}

static bool passes(struct rig *r, uint64_t dst)
{
	uint64_t before = rig_drops(r, 1, DROP_RESERVED);
	rig_forget(r);
	rig_send(r, 1, dst, A);
	assert_true(r->count == 2 || r->count == 0);
	assert_int_equal(rig_drops(r, 1, DROP_RESERVED) - before, r->count == 0);
	return r->count > 0;
}

static void a_wire_forwards_every_reserved_address(void **state)
{
	struct rig *r = *state;
	for (unsigned i = 0; i < 16; i++)
		assert_true(passes(r, RESERVED + i));
	assert_true(passes(r, CISCO) && passes(r, CISCO + 1));
}

static void a_standard_bridge_forwards_none_of_ieee(void **state)
{
	struct rig *r = *state;
	command(r, "port/set 1 reserved=standard");
	for (unsigned i = 0; i < 16; i++)
		assert_false(passes(r, RESERVED + i));
	assert_true(passes(r, RESERVED + 16)); /* not reserved any more */
	assert_true(passes(r, CISCO) && passes(r, CISCO + 1));
}

static void each_reserved_address_has_its_own_policy(void **state)
{
	struct rig *r = *state;
	for (unsigned i = 0; i < 18; i++) {
		char line[64];
		snprintf(line, sizeof line, "port/set 1 reserved=%02x:drop",
			 i < 16 ? i : 0xcc + i - 16);
		command(r, line);
		for (unsigned k = 0; k < 18; k++)
			assert_int_equal(passes(r, k < 16 ? RESERVED + k : CISCO + k - 16), k != i);
	}
	command(r, "port/set 1 reserved=standard,02:forward,CD:drop,0E:wire");
	assert_false(passes(r, RESERVED));
	assert_true(passes(r, RESERVED + 2) && passes(r, RESERVED + 0xe) && passes(r, CISCO));
	assert_false(passes(r, CISCO + 1));
}

static void reserved_policies_are_shown_as_they_are_read(void **state)
{
	struct rig *r = *state;
	static const char *const same[] = { "wire", "standard", "wire,00:peer,0E:drop,CD:forward" };
	for (unsigned i = 0; i < 3; i++) {
		uint8_t p[RESERVED_ADDRESSES];
		struct out o;
		struct err e;
		out_init(&o, false);
		assert_int_equal(reserved_parse(p, same[i], &e), 0);
		reserved_show(p, "reserved", &o);
		assert_string_equal(o.text, same[i]);
		out_fini(&o);
	}
	static const char *const wrong[] = { "",
					     "wires",
					     "10:drop",
					     "0e",
					     "0e:",
					     "0e:eat",
					     "wire,",
					     "drop",
					     "00:drop,wire",
					     "00:drop:peer",
					     "000:drop",
					     "0E:drop-everything-that-comes" };
	for (unsigned i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		uint8_t p[RESERVED_ADDRESSES] = { 7 };
		struct err e = { "" };
		assert_int_equal(reserved_parse(p, wrong[i], &e), -EINVAL);
		assert_true(e.text[0] && p[0] == 7);
	}
	(void)r;
}

static void one_station_too_many_is_a_counted_drop(void **state)
{
	struct rig *r = *state;
	command(r, "port/set 1 limit=2");
	for (unsigned i = 0; i < 4; i++)
		rig_send(r, 1, BROADCAST, A + i);
	assert_int_equal(rig_sent_to(r, 2), 2);
	assert_int_equal(rig_drops(r, 1, DROP_LIMIT), 2);
	rig_send(r, 1, BROADCAST, A); /* those who are in stay in */
	assert_int_equal(rig_sent_to(r, 2), 3);
	assert_true(bridge_port_forwards(r->b, 1));
	rig_run(r, SEC(301)); /* and when they are gone there is room again */
	rig_send(r, 1, BROADCAST, A + 3);
	assert_int_equal(rig_sent_to(r, 2), 4);
}

static void one_station_too_many_shuts_the_port_if_asked_to(void **state)
{
	struct rig *r = *state;
	bridge_want_events(r->b, event_bit(EVENT_PORT_DOWN) | event_bit(EVENT_PORT_UP));
	command(r, "port/set 1 limit=1 limit-action=shutdown");
	rig_send(r, 1, BROADCAST, A);
	assert_true(bridge_port_forwards(r->b, 1));
	rig_send(r, 1, BROADCAST, A + 1);
	assert_false(bridge_port_forwards(r->b, 1));
	assert_string_equal(bridge_port_shut(r->b, 1), "limit");
	assert_int_equal(r->carrier[1], -1);
	assert_int_equal(r->events, 1);
	assert_non_null(r->event[0].text);
	assert_string_equal(r->event[0].text, "limit");
	rig_send(r, 1, BROADCAST, A);
	assert_int_equal(rig_sent_to(r, 2), 1);
	command(r, "port/set 1 descr=x"); /* other settings do not open it */
	assert_false(bridge_port_forwards(r->b, 1));
	command(r, "port/up 1");
	assert_true(bridge_port_forwards(r->b, 1));
	assert_int_equal(r->carrier[1], 0);
	rig_send(r, 1, BROADCAST, A + 1); /* its addresses were forgotten */
	assert_int_equal(rig_sent_to(r, 2), 2);
}

static void an_address_that_keeps_moving_is_named_once(void **state)
{
	struct rig *r = *state;
	bridge_want_events(r->b, event_bit(EVENT_FDB_FLAP));
	for (unsigned i = 0; i < 8; i++) {
		rig_send(r, 1 + i % 2, BROADCAST, A);
		r->now += SEC(1);
		assert_int_equal(r->events, i >= 3);
	}
	assert_int_equal(r->event[0].mac[5], 0xaa);
	assert_int_equal(r->event[0].port + r->event[0].port2, 3);
	struct out o;
	struct err e;
	out_init(&o, false);
	assert_int_equal(try_command(r, "fdb/stats", &o, &e), 0);
	assert_non_null(strstr(
		o.text, "flaps   02:00:00:00:00:aa vlan 0 between ports 2 and 1, 7 moves\n"));
	assert_int_equal(try_command(r, "json fdb/stats", &o, &e), 0);
	assert_non_null(strstr(
		o.text,
		"\"flaps\":[{\"mac\":\"02:00:00:00:00:aa\",\"vlan\":0,\"port\":2,\"port2\":1,"
		"\"moves\":7,\"age_ns\":1000000000}]"));
	out_fini(&o);
}

static void a_machine_that_moved_or_came_back_does_not_flap(void **state)
{
	struct rig *r = *state;
	bridge_want_events(r->b, event_bit(EVENT_FDB_FLAP));
	for (unsigned i = 0; i < 3; i++)
		rig_send(r, 1 + i % 2, BROADCAST, A); /* there and back */
	for (unsigned i = 0; i < 20; i++) {
		r->now += SEC(11); /* a traveller */
		rig_send(r, 1 + i % 2, BROADCAST, A + 1);
	}
	assert_int_equal(r->events, 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_wire_forwards_every_reserved_address),
		T(a_standard_bridge_forwards_none_of_ieee),
		T(each_reserved_address_has_its_own_policy),
		T(reserved_policies_are_shown_as_they_are_read),
		T(one_station_too_many_is_a_counted_drop),
		T(one_station_too_many_shuts_the_port_if_asked_to),
		T(an_address_that_keeps_moving_is_named_once),
		T(a_machine_that_moved_or_came_back_does_not_flap),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
