/* SPDX-License-Identifier: MIT */
/* test_mirror.c - who listens at a mirror gets each frame exactly once, as it was on the line, and
 * nothing else; what is counted still adds up. */
#include <errno.h>
#include <stdio.h>

#include "tests/unit/bridge/rig.h"
#include "tests/unit/dice.h"

#define A UINT64_C(0x0200000000aa)
#define B UINT64_C(0x0200000000bb)
#define X UINT64_C(0x020000000001)
#define BROADCAST UINT64_C(0xffffffffffff)

static int call(struct rig *r, const char *line, struct out *o, struct err *e)
{
	struct cmd_table t = { .rows = bridge_commands, .ctx = r->b };
	out_init(o, false);
	return cmd_call(&(struct cmd_set){ &t, 1 }, line, false, r->now, o, e);
}

static void command(struct rig *r, const char *line)
{
	struct out o;
	struct err e = { "" };
	if (call(r, line, &o, &e))
		fail_msg("%s: %s", line, e.text);
	out_fini(&o);
}

static void says(struct rig *r, const char *line, const char *want)
{
	struct out o;
	struct err e = { "" };
	if (call(r, line, &o, &e))
		fail_msg("%s: %s", line, e.text);
	assert_string_equal(o.text ? o.text : "", want);
	out_fini(&o);
}

/* Ports 1 (A), 2 (B), 3, and 4, where somebody listens. */
static int setup(void **state)
{
	struct rig *r = rig_new(4);
	rig_send(r, 1, X, A);
	rig_send(r, 2, X, B);
	rig_forget(r);
	*state = r;
	return 0;
}

static int teardown(void **state)
{
	rig_free(*state);
	return 0;
}

static unsigned heard(struct rig *r, unsigned from, uint64_t dst, uint64_t src)
{
	rig_forget(r);
	rig_send(r, from, dst, src);
	return rig_sent_to(r, 4);
}

static void each_direction_by_itself(void **state)
{
	struct rig *r = *state;
	command(r, "mirror/add 1 4 in");
	assert_int_equal(heard(r, 1, B, A), 1);
	assert_int_equal(heard(r, 2, A, B), 0);
	command(r, "mirror/del 1");
	command(r, "mirror/add 1 4 out");
	assert_int_equal(heard(r, 1, B, A), 0);
	assert_int_equal(heard(r, 2, A, B), 1);
	command(r, "mirror/del 1");
	command(r, "mirror/add 1 4");
	assert_int_equal(heard(r, 1, B, A), 1);
	assert_int_equal(heard(r, 2, A, B), 1);
	assert_int_equal(heard(r, 2, BROADCAST, B), 1);
	assert_int_equal(heard(r, 2, X, B), 1);
	assert_int_equal(heard(r, 3, B, X), 0); /* not by port 1 */
}

static void a_frame_that_many_mirrors_see_comes_once(void **state)
{
	struct rig *r = *state;
	command(r, "mirror/add 1 4");
	command(r, "mirror/add 2 4");
	command(r, "mirror/add 3 4 out");
	command(r, "mirror/add 1 4 in");
	command(r, "port/set 1 reflect=on");
	assert_int_equal(heard(r, 1, B, A), 1);
	assert_int_equal(heard(r, 1, BROADCAST, A), 1);
	assert_int_equal(heard(r, 3, A, X), 1);
}

static void what_is_lost_inside_was_still_on_the_line(void **state)
{
	struct rig *r = *state;
	command(r, "mirror/add 1 4 in");
	command(r, "port/set 1 reserved=standard accept=tagged");
	assert_int_equal(heard(r, 1, BROADCAST, A), 1);
	assert_int_equal(rig_drops(r, 1, DROP_VLAN_INGRESS), 1);
	assert_int_equal(heard(r, 1, UINT64_C(0x0180c2000002), A), 1);
	assert_int_equal(rig_drops(r, 1, DROP_RESERVED), 1);
}

static void a_copy_is_the_frame_as_it_was_there(void **state)
{
	struct rig *r = *state;
	command(r, "port/set 1 vlan=10");
	command(r, "port/set 2 trunk=10");
	command(r, "port/set 3 mode=dot1q-tunnel pvid=10");
	command(r, "mirror/add 2 4");
	assert_int_equal(heard(r, 1, BROADCAST, A), 1);
	assert_int_equal(r->sent[0].port, 4);
	assert_int_equal(r->sent[0].len, 64); /* the trunk's tag */
	assert_int_equal(r->sent[0].bytes[12], 0x81);
	command(r, "mirror/add 3 4 in");
	rig_forget(r);
	rig_send_tagged(r, 3, BROADCAST, X, 77, -1); /* would leave the trunk with two tags */
	assert_int_equal(rig_sent_to(r, 4), 1);
	uint8_t want[128];
	uint32_t len = rig_build(want, BROADCAST, X, 77, -1, 0);
	command(r, "mirror/del 1"); /* now the tunnel's mirror alone: as the customer sent it */
	rig_forget(r);
	rig_send_tagged(r, 3, BROADCAST, X, 77, -1);
	for (unsigned i = 0; i < r->count; i++)
		if (r->sent[i].port == 4) {
			assert_int_equal(r->sent[i].len, len);
			assert_memory_equal(r->sent[i].bytes, want, len);
		}
	assert_int_equal(rig_sent_to(r, 4), 1);
}

static void one_vlan_of_a_trunk(void **state)
{
	struct rig *r = *state;
	command(r, "mirror/add 1 4 both vlan 10");
	rig_forget(r);
	rig_send_tagged(r, 1, BROADCAST, A, 10, -1);
	rig_send_tagged(r, 1, BROADCAST, A, 20, -1);
	rig_send(r, 1, BROADCAST, A);
	rig_send_tagged(r, 2, BROADCAST, B, 10, -1);
	assert_int_equal(rig_sent_to(r, 4), 2);
}

static void the_listeners_port_is_for_copies_alone(void **state)
{
	struct rig *r = *state;
	rig_send(r, 4, X, X + 1);
	command(r, "mirror/add 1 4");
	assert_int_equal(heard(r, 2, BROADCAST, B), 1); /* the copy from port 1, no flood */
	assert_int_equal(heard(r, 2, X + 1, B), 1);
	command(r, "mirror/del 1");
	command(r, "mirror/add 3 4 in");
	assert_int_equal(heard(r, 2, BROADCAST, B), 0);
	rig_forget(r);
	rig_send(r, 4, BROADCAST, X);
	assert_int_equal(r->count, 0);
	assert_int_equal(rig_drops(r, 4, DROP_POLICY), 1);
	command(r, "fdb/add 02:00:00:00:00:77 0 4");
	assert_int_equal(heard(r, 2, UINT64_C(0x020000000077), B), 0);
	assert_int_equal(rig_drops(r, 4, DROP_POLICY), 2);
	command(r, "mirror/del 1");
	assert_int_equal(heard(r, 2, BROADCAST, B), 1); /* a port like any other again */
}

static void a_listener_that_is_gone_or_slow_costs_counted_copies(void **state)
{
	struct rig *r = *state;
	struct bridge_stats before, after;
	command(r, "mirror/add 1 4 in");
	command(r, "port/set 4 queue=2");
	r->takes[4] = 1;
	for (unsigned i = 0; i < 5; i++)
		rig_send(r, 1, B, A);
	assert_int_equal(rig_drops(r, 4, DROP_QUEUE_FULL), 2);
	bridge_link(r->b, 4, false, NULL, r->now);
	assert_int_equal(rig_drops(r, 4, DROP_DOWN), 2); /* what waited */
	bridge_stats(r->b, &before);
	rig_send(r, 1, B, A);
	bridge_stats(r->b, &after);
	assert_int_equal(rig_drops(r, 4, DROP_DOWN), 3);
	assert_int_equal(after.copies, before.copies + 2);
	assert_int_equal(after.forwarded, before.forwarded + 1);
}

static void mirrors_are_shown_as_they_are_read(void **state)
{
	struct rig *r = *state;
	command(r, "mirror/add 1 4");
	command(r, "mirror/add 2 4 out vlan 7");
	command(r, "mirror/add 6 8 in"); /* ports that are not there yet */
	says(r, "mirror/print", "mirror 1: 1 4 both\nmirror 2: 2 4 out vlan 7\nmirror 3: 6 8 in\n");
	command(r, "mirror/del 2");
	says(r, "config/show", "switch/set numports=8\nmirror/add 1 4 both\nmirror/add 6 8 in\n");
	static const char *const wrong[] = {
		"mirror/add",
		"mirror/add 1",
		"mirror/add 1 1",
		"mirror/add 1 99",
		"mirror/add 1 4 up",
		"mirror/add 1 4 vlan",
		"mirror/add 1-2 4",
		"mirror/add 1 4 vlan x",
		"mirror/add 4 2",
		"mirror/add 2 1",
		"mirror/add 1 4 in out",
		"mirror/add 1 4 in vlan 4095",
		"mirror/del",
		"mirror/del 0",
		"mirror/del 2",
		"mirror/del 17",
		"mirror/print 1",
		"mirror/add 1 4 filter",
		"mirror/add 1 4 filter arp and",
		"mirror/add 1 4 filter arp vlan 3",
		"vepa/uplink 4",
		"switch/set numports=5",
	};
	for (unsigned i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct out o;
		struct err e = { "" };
		if (!call(r, wrong[i], &o, &e) || !e.text[0])
			fail_msg("%s: taken", wrong[i]);
		out_fini(&o);
	}
	says(r, "config/show", "switch/set numports=8\nmirror/add 1 4 both\nmirror/add 6 8 in\n");
	for (unsigned i = 0; i < MIRRORS_MAX - 2; i++)
		command(r, "mirror/add 1 4");
	struct out o;
	struct err e;
	assert_int_equal(call(r, "mirror/add 1 4", &o, &e), -ENOSPC);
	out_fini(&o);
}

static void a_filter_says_which_frames_are_copied(void **state)
{
	struct rig *r = *state;
	command(r, "mirror/add 1 4 in filter none");
	command(r, "mirror/add 1 4 in filter arp");
	says(r, "mirror/print", "mirror 1: 1 4 in filter none\nmirror 2: 1 4 in filter arp\n");
	says(r, "config/show",
	     "switch/set numports=8\nmirror/add 1 4 in filter none\nmirror/add 1 4 in filter "
	     "arp\n");
	uint8_t frame[128];
	uint32_t len = rig_build(frame, B, A, -1, -1, 7);
	frame[12] = 0x08;
	frame[13] = 0x06;
	rig_forget(r);
	rig_send_bytes(r, 1, frame, len); /* not seen by the first, so that the second gives it */
	assert_int_equal(rig_sent_to(r, 4), 1);
	frame[13] = 0x00;
	rig_forget(r);
	rig_send_bytes(r, 1, frame, len);
	assert_int_equal(rig_sent_to(r, 4), 0);
	assert_int_equal(rig_sent_to(r, 2), 1);
	command(r, "mirror/del 2");
	command(r, "mirror/add 2 4"); /* in the place of the filtered one: sees all */
	rig_forget(r);
	rig_send_bytes(r, 1, frame, len);
	assert_int_equal(rig_sent_to(r, 4), 1);
}

/* A filter goes by what the copy looks like: out of an access port, without the tag. */
static void a_filter_sees_the_frame_as_it_was_on_that_line(void **state)
{
	struct rig *r = *state;
	command(r, "port/set 2 vlan=10");
	command(r, "mirror/add 1 4 in filter arp");
	command(r, "mirror/add 2 3 out filter arp");
	uint8_t frame[128];
	uint32_t len = rig_build(frame, BROADCAST, A, 10, -1, 7);
	frame[16] = 0x08;
	frame[17] = 0x06;
	rig_forget(r);
	rig_send_bytes(r, 1, frame, len);
	assert_int_equal(rig_sent_to(r, 4), 0);
	assert_int_equal(rig_sent_to(r, 3), 1);
}

/* Whatever the mirrors: nobody hears a frame twice, and the law holds after every one. */
static void random_mirrors_never_double_a_frame(void **state)
{
	(void)state;
	struct dice d = dice_of("mirror");
	struct rig *r = rig_new(RIG_PORTS);
	static const char *const dirs[] = { "in", "out", "both", "both vlan 10",
					    "both filter arp" };
	for (unsigned round = 0; round < 3000; round++) {
		char line[64];
		struct out o;
		struct err e;
		snprintf(line, sizeof line, "mirror/add %u %u %s", 1 + (unsigned)dice_below(&d, 8),
			 6 + (unsigned)dice_below(&d, 3), dirs[dice_below(&d, 5)]);
		if (dice_below(&d, 3) == 0)
			snprintf(line, sizeof line, "mirror/del %u",
				 1 + (unsigned)dice_below(&d, MIRRORS_MAX));
		if (dice_below(&d, 5) == 0)
			snprintf(line, sizeof line, "port/set %u reflect=%s",
				 1 + (unsigned)dice_below(&d, 8), dice_below(&d, 2) ? "on" : "off");
		call(r, line, &o, &e); /* some do not fit together */
		out_fini(&o);
		rig_forget(r);
		rig_send_tagged(r, 1 + (unsigned)dice_below(&d, 8),
				dice_below(&d, 3) ? A + dice_below(&d, 8) : BROADCAST,
				A + dice_below(&d, 8), dice_below(&d, 2) ? 10 : -1, -1);
		for (unsigned p = 1; p <= RIG_PORTS; p++)
			assert_in_range(rig_sent_to(r, p), 0, 1);
		struct err why = { "" };
		if (!bridge_conserves(r->b, &why))
			fail_msg("round %u: %s", round, why.text);
	}
	rig_free(r);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(each_direction_by_itself),
		T(a_frame_that_many_mirrors_see_comes_once),
		T(what_is_lost_inside_was_still_on_the_line),
		T(a_copy_is_the_frame_as_it_was_there),
		T(one_vlan_of_a_trunk),
		T(the_listeners_port_is_for_copies_alone),
		T(a_listener_that_is_gone_or_slow_costs_counted_copies),
		T(mirrors_are_shown_as_they_are_read),
		T(a_filter_says_which_frames_are_copied),
		T(a_filter_sees_the_frame_as_it_was_on_that_line),
		cmocka_unit_test(random_mirrors_never_double_a_frame),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
