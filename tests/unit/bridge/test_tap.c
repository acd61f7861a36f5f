/* SPDX-License-Identifier: MIT */
/* test_tap.c - who watches a bridge is told of every frame once at each port: in, out, or lost and
 * why. */
#include "switch/core/portkeys.h"
#include "tests/unit/bridge/rig.h"
#include "tests/unit/dice.h"

#define MAC_A UINT64_C(0x02000000000a)
#define MAC_B UINT64_C(0x02000000000b)
#define ALL UINT64_C(0xffffffffffff)

static struct rig *watched(unsigned ports)
{
	struct rig *r = rig_new(ports);
	bridge_want_tap(r->b, true);
	return r;
}

static void expect(const struct rig *r, unsigned i, unsigned port, enum bridge_dir dir,
		   enum drop_reason why)
{
	assert_true(i < r->taps);
	assert_int_equal(r->tap[i].port, port);
	assert_int_equal(r->tap[i].dir, dir);
	assert_int_equal(r->tap[i].why, why);
	assert_int_equal(r->tap[i].at, r->now);
}

static void set(struct rig *r, unsigned port, const char *keys)
{
	struct port_config c = *bridge_port_config(r->b, port);
	struct err e = { "" };
	char text[64];
	snprintf(text, sizeof text, "%s", keys);
	char *value = strchr(text, '=');
	*value++ = '\0';
	if (port_key_set(&c, text, value, &e) < 0)
		fail_msg("%s", e.text);
	assert_int_equal(bridge_port_apply(r->b, port, &c, r->now, NULL), 0);
}

static void a_flooded_frame_is_seen_in_once_and_out_at_each_port(void **state)
{
	(void)state;
	struct rig *r = watched(3);
	r->now = 77;
	rig_send(r, 1, ALL, MAC_A);
	assert_int_equal(r->taps, 3);
	expect(r, 0, 1, BRIDGE_IN, DROP_REASONS);
	expect(r, 1, 2, BRIDGE_OUT, DROP_REASONS);
	expect(r, 2, 3, BRIDGE_OUT, DROP_REASONS);
	for (unsigned i = 0; i < 3; i++)
		assert_memory_equal(r->tap[i].bytes, r->sent[0].bytes, 60);
	bridge_want_tap(r->b, false);
	rig_send(r, 1, ALL, MAC_A);
	assert_int_equal(r->taps, 3);
	rig_free(r);
}

static void each_port_is_seen_with_its_own_tags(void **state)
{
	(void)state;
	struct rig *r = watched(2);
	set(r, 1, "vlan=7");
	rig_send(r, 1, ALL, MAC_A);
	expect(r, 0, 1, BRIDGE_IN, DROP_REASONS);
	expect(r, 1, 2, BRIDGE_OUT, DROP_REASONS);
	assert_int_equal(r->tap[0].len, 60);
	assert_int_equal(r->tap[1].len, 64);
	assert_memory_equal(r->tap[1].bytes + 12, "\x81\x00\x00\x07", 4);
	rig_free(r);
}

static void a_frame_lost_on_the_way_in_is_seen_with_the_reason(void **state)
{
	(void)state;
	struct rig *r = watched(1);
	uint8_t runt[] = { 1, 2, 3 };
	struct frame f = { .data = runt, .len = sizeof runt };
	bridge_rx(r->b, 1, &f, 1, r->now);
	rig_send(r, 1, MAC_A, MAC_A); /* to itself, with nobody else there */
	assert_int_equal(r->taps, 2);
	expect(r, 0, 1, BRIDGE_IN, DROP_RUNT);
	assert_int_equal(r->tap[0].len, 3);
	expect(r, 1, 1, BRIDGE_IN, DROP_NO_DESTINATION);
	rig_free(r);
}

static void a_frame_that_the_owners_port_refuses_is_seen_there_behind_its_arrival(void **state)
{
	(void)state;
	struct rig *r = watched(2);
	set(r, 1, "isolated=yes");
	set(r, 2, "isolated=yes");
	rig_send(r, 2, ALL, MAC_B);
	r->taps = 0;
	rig_send(r, 1, MAC_B, MAC_A);
	assert_int_equal(r->taps, 2);
	expect(r, 0, 1, BRIDGE_IN, DROP_REASONS);
	expect(r, 1, 2, BRIDGE_OUT, DROP_ISOLATED);
	rig_free(r);
}

static void what_waits_is_seen_when_it_leaves_and_what_finds_no_room_at_once(void **state)
{
	(void)state;
	struct rig *r = watched(2);
	set(r, 2, "queue=2");
	r->takes[2] = 0;
	for (unsigned i = 0; i < 3; i++)
		rig_send(r, 1, ALL, MAC_A);
	assert_int_equal(r->taps, 4);
	expect(r, 3, 2, BRIDGE_OUT, DROP_QUEUE_FULL);
	r->takes[2] = 1;
	r->now = 5;
	bridge_writable(r->b, 2, r->now);
	assert_int_equal(r->taps, 5);
	expect(r, 4, 2, BRIDGE_OUT, DROP_REASONS);
	bridge_link(r->b, 2, false, NULL, r->now);
	assert_int_equal(r->taps, 6);
	expect(r, 5, 2, BRIDGE_OUT, DROP_DOWN);
	rig_free(r);
}

/* A bridge with a spanning tree takes BPDUs in and sends its own: neither is lost. */
static void a_frame_that_a_machine_of_ours_takes_is_seen_as_whole(void **state)
{
	(void)state;
	static const uint8_t bpdu[60] = { 0x01, 0x80, 0xc2, 0, 0, 0,    2,    0, 0,
					  0,    0,    9,    0, 4, 0x42, 0x42, 3 };
	struct rig *r = watched(2);
	struct bridge_config c = *bridge_config(r->b);
	c.rstp = true;
	assert_int_equal(bridge_apply(r->b, &c, r->now, NULL), 0);
	rig_run(r, SEC(3));
	assert_true(r->taps > 0);
	for (unsigned i = 0; i < r->taps; i++) {
		assert_int_equal(r->tap[i].dir, BRIDGE_OUT);
		assert_int_equal(r->tap[i].why, DROP_REASONS);
		assert_memory_equal(r->tap[i].bytes, bpdu, 6);
	}
	r->taps = 0;
	struct frame f = { .data = bpdu, .len = sizeof bpdu };
	bridge_rx(r->b, 1, &f, 1, r->now);
	assert_true(r->taps > 0);
	expect(r, r->taps - 1, 1, BRIDGE_IN, DROP_REASONS);
	rig_free(r);
}

/* What a tap is told adds up to what the counters say, whatever happens. */
static void told_and_counted_agree(void **state)
{
	(void)state;
	struct dice d = dice_of("tap");
	struct rig *r = watched(6);
	uint64_t in[RIG_PORTS + 1] = { 0 }, out[RIG_PORTS + 1] = { 0 },
				drops[RIG_PORTS + 1][DROP_REASONS] = { { 0 } };
	static const char *const keys[] = { "isolated=yes",     "isolated=no", "queue=1",
					    "queue=9",          "vlan=7",      "trunk=all",
					    "mode=transparent", "up=no",       "up=yes",
					    "learn=no",         "limit=3" };
	for (unsigned round = 0; round < 20000; round++) {
		unsigned port = 1 + (unsigned)dice_below(&d, 6);
		r->now += 1000;
		r->count = 0;
		if (dice_below(&d, 50) == 0)
			set(r, port, keys[dice_below(&d, sizeof keys / sizeof *keys)]);
		r->takes[port] = (unsigned)dice_below(&d, 20);
		bridge_writable(r->b, port, r->now);
		uint64_t src = MAC_A + dice_below(&d, 12),
			 dst = dice_below(&d, 4) ? MAC_A + dice_below(&d, 12) : ALL;
		rig_send_tagged(r, port, dst, src, dice_below(&d, 3) ? -1 : (int)dice_below(&d, 9),
				-1);
		for (unsigned i = 0; i < r->taps; i++) {
			const struct tapped *t = &r->tap[i];
			in[t->port] += t->dir == BRIDGE_IN;
			out[t->port] += t->dir == BRIDGE_OUT && t->why == DROP_REASONS;
			if (t->why < DROP_REASONS)
				drops[t->port][t->why]++;
		}
		r->taps = 0;
	}
	for (unsigned p = 1; p <= 6; p++) {
		struct port_stats s;
		bridge_port_stats(r->b, p, &s);
		assert_int_equal(s.rx_frames, in[p]);
		assert_int_equal(s.tx_frames, out[p]);
		for (unsigned why = 0; why < DROP_REASONS; why++)
			assert_int_equal(s.drops[why], drops[p][why]);
		assert_true(s.tx_frames > 100);
	}
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_flooded_frame_is_seen_in_once_and_out_at_each_port),
		cmocka_unit_test(each_port_is_seen_with_its_own_tags),
		cmocka_unit_test(a_frame_lost_on_the_way_in_is_seen_with_the_reason),
		cmocka_unit_test(
			a_frame_that_the_owners_port_refuses_is_seen_there_behind_its_arrival),
		cmocka_unit_test(what_waits_is_seen_when_it_leaves_and_what_finds_no_room_at_once),
		cmocka_unit_test(a_frame_that_a_machine_of_ours_takes_is_seen_as_whole),
		cmocka_unit_test(told_and_counted_agree),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
