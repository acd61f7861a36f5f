/* SPDX-License-Identifier: MIT */
/* test_bridge.c - forwarding, ports, queues and the law of conservation, one rule a test. */
#include <errno.h>

#include "tests/unit/bridge/rig.h"

#define A UINT64_C(0x0200000000aa)
#define B UINT64_C(0x0200000000bb)
#define C UINT64_C(0x0200000000cc)
#define BROADCAST UINT64_C(0xffffffffffff)
#define GROUP UINT64_C(0x01005e000001)

static int setup(void **state)
{
	*state = rig_new(4);
	return 0;
}

static int teardown(void **state)
{
	rig_free(*state);
	return 0;
}

/* --- forwarding --- */

static void an_unknown_station_is_asked_for_everywhere_but_at_the_sender(void **state)
{
	struct rig *r = *state;
	rig_send(r, 1, B, A);
	assert_int_equal(r->count, 3);
	for (unsigned p = 2; p <= 4; p++)
		assert_int_equal(rig_sent_to(r, p), 1);
}

static void a_known_station_gets_its_frames_alone(void **state)
{
	struct rig *r = *state;
	rig_send(r, 2, BROADCAST, B);
	rig_forget(r);
	rig_send(r, 1, B, A);
	assert_int_equal(r->count, 1);
	assert_int_equal(r->sent[0].port, 2);
}

static void a_frame_for_a_neighbour_on_the_same_port_stays_there(void **state)
{
	struct rig *r = *state;
	rig_send(r, 1, BROADCAST, B);
	rig_forget(r);
	rig_send(r, 1, B, A);
	assert_int_equal(r->count, 0);
	assert_int_equal(rig_drops(r, 1, DROP_NO_DESTINATION), 1);
}

static void group_addresses_go_to_everybody_and_are_never_learned(void **state)
{
	struct rig *r = *state;
	rig_send(r, 1, BROADCAST, GROUP); /* nonsense, but seen in the wild */
	rig_forget(r);
	rig_send(r, 2, GROUP, A);
	assert_int_equal(r->count, 3);
}

static void bytes_and_tags_pass_unchanged(void **state)
{
	struct rig *r = *state;
	uint8_t bytes[128];
	static const int tci[][2] = { { -1, -1 }, { 0x6005, -1 }, { 0xb00a, 0x1234 } };
	for (unsigned i = 0; i < 3; i++) {
		struct frame f = { .data = bytes };
		f.len = rig_build(bytes, B, A, tci[i][0], tci[i][1], 77);
		rig_forget(r);
		bridge_rx(r->b, 1, &f, 1, 0);
		assert_int_equal(r->count, 3);
		assert_int_equal(r->sent[0].len, f.len);
		assert_memory_equal(r->sent[0].bytes, bytes, f.len);
	}
}

static void vlans_of_transparent_ports_have_tables_of_their_own(void **state)
{
	struct rig *r = *state;
	rig_send_tagged(r, 2, BROADCAST, B, 10, -1);
	rig_forget(r);
	rig_send_tagged(r, 1, B, A, 20, -1);
	assert_int_equal(r->count, 3); /* unknown in 20 */
	rig_forget(r);
	rig_send_tagged(r, 1, B, A, 10, -1);
	assert_int_equal(r->count, 1);
}

static void a_priority_tag_is_vlan_0_and_is_not_sent(void **state)
{
	struct rig *r = *state;
	rig_send(r, 2, BROADCAST, B);
	rig_forget(r);
	rig_send_tagged(r, 1, B, A, 0xe000, -1);
	assert_int_equal(r->count, 1);
	assert_int_equal(r->sent[0].len, 56);
	assert_int_equal(r->sent[0].bytes[12], 0x88);
}

static void vid_4095_is_refused(void **state)
{
	struct rig *r = *state;
	rig_send_tagged(r, 1, B, A, 0xfff, -1);
	assert_int_equal(r->count, 0);
	assert_int_equal(rig_drops(r, 1, DROP_VLAN_INGRESS), 1);
}

static void a_hub_repeats_and_learns_nothing(void **state)
{
	struct rig *r = *state;
	struct bridge_config c = *bridge_config(r->b);
	c.hub = true;
	assert_int_equal(bridge_apply(r->b, &c, 0, NULL), 0);
	rig_send(r, 2, BROADCAST, B);
	rig_forget(r);
	rig_send_tagged(r, 1, B, A, 0xefff, -1); /* whatever it is */
	assert_int_equal(r->count, 3);
	assert_int_equal(r->sent[0].len, 60);
	assert_int_equal(r->sent[0].bytes[12], 0x81);
	assert_int_equal(bridge_fdb_find(r->b, (uint8_t[]){ 2, 0, 0, 0, 0, 0xbb }, 0, 0), FDB_NONE);
}

/* --- bad frames --- */

static void bad_frames_are_counted_drops(void **state)
{
	struct rig *r = *state;
	static uint8_t bytes[ETH_FRAME_MAX + 1];
	for (uint32_t len = 0; len < ETH_HLEN; len++)
		bridge_rx(r->b, 1, &(struct frame){ .data = bytes, .len = len }, 1, 0);
	assert_int_equal(rig_drops(r, 1, DROP_RUNT), 14);
	bridge_rx(r->b, 1, &(struct frame){ .data = bytes, .len = sizeof bytes }, 1, 0);
	assert_int_equal(rig_drops(r, 1, DROP_OVERSIZE), 1);
	assert_int_equal(r->count, 0);
	bridge_rx(r->b, 1, &(struct frame){ .data = bytes, .len = ETH_FRAME_MAX }, 1, 0);
	assert_int_equal(r->count, 3);
}

static void a_cut_tag_is_a_runt(void **state)
{
	struct rig *r = *state;
	uint8_t bytes[128];
	rig_build(bytes, B, A, 10, -1, 0);
	for (uint32_t len = 14; len < 18; len++)
		bridge_rx(r->b, 1, &(struct frame){ .data = bytes, .len = len }, 1, 0);
	assert_int_equal(rig_drops(r, 1, DROP_RUNT), 4);
	assert_int_equal(r->count, 0);
}

/* --- ports --- */

static void set_up(struct rig *r, unsigned port, bool up)
{
	struct port_config c = *bridge_port_config(r->b, port);
	c.up = up;
	assert_int_equal(bridge_port_apply(r->b, port, &c, r->now, NULL), 0);
}

static void nothing_crosses_a_port_that_is_down(void **state)
{
	struct rig *r = *state;
	set_up(r, 2, false);
	assert_int_equal(r->carrier[2], -1);
	rig_send(r, 1, BROADCAST, A);
	assert_int_equal(rig_sent_to(r, 2), 0);
	assert_int_equal(r->count, 2);
	rig_send(r, 2, BROADCAST, B);
	assert_int_equal(rig_drops(r, 2, DROP_DOWN), 1);
	assert_int_equal(r->count, 2);
	set_up(r, 2, true);
	assert_int_equal(r->carrier[2], 0);
	rig_send(r, 1, BROADCAST, A);
	assert_int_equal(rig_sent_to(r, 2), 1);
}

static void a_port_that_loses_its_link_forgets_only_its_own_addresses(void **state)
{
	struct rig *r = *state;
	rig_send(r, 2, BROADCAST, B);
	rig_send(r, 3, BROADCAST, C);
	bridge_link(r->b, 2, false, NULL, 0);
	assert_int_equal(bridge_fdb_find(r->b, (uint8_t[]){ 2, 0, 0, 0, 0, 0xbb }, 0, 0), FDB_NONE);
	assert_int_equal(bridge_fdb_find(r->b, (uint8_t[]){ 2, 0, 0, 0, 0, 0xcc }, 0, 0), 3);
	rig_forget(r);
	rig_send(r, 1, B, A);
	assert_int_equal(r->count, 2); /* 3 and 4: flooded, not into the void */
}

static void a_static_entry_at_a_dead_port_is_a_counted_drop_there(void **state)
{
	struct rig *r = *state;
	assert_int_equal(
		bridge_fdb_add(r->b, (uint8_t[]){ 2, 0, 0, 0, 0, 0xbb }, 0, 2, FDB_STATIC, 0, NULL),
		0);
	bridge_link(r->b, 2, false, NULL, 0);
	rig_send(r, 1, B, A);
	assert_int_equal(r->count, 0);
	assert_int_equal(rig_drops(r, 2, DROP_DOWN), 1);
}

static void a_lonely_frame_has_no_destination(void **state)
{
	struct rig *r = *state;
	for (unsigned p = 2; p <= 4; p++)
		bridge_link(r->b, p, false, NULL, 0);
	rig_send(r, 1, BROADCAST, A);
	assert_int_equal(rig_drops(r, 1, DROP_NO_DESTINATION), 1);
}

static void a_port_in_use_is_not_removed_and_counters_outlive_it(void **state)
{
	struct rig *r = *state;
	rig_send(r, 1, BROADCAST, A);
	assert_int_equal(bridge_port_remove(r->b, 2, 0), -EADDRINUSE);
	assert_int_equal(bridge_port_remove(r->b, 7, 0), -ENOENT);
	bridge_link(r->b, 2, false, NULL, 0);
	assert_int_equal(bridge_port_remove(r->b, 2, 0), 0);
	assert_null(bridge_port_config(r->b, 2));
	struct bridge_stats s;
	bridge_stats(r->b, &s);
	assert_int_equal(s.tx, 3);
}

static void ports_are_found_by_number_and_by_unique_name(void **state)
{
	struct rig *r = *state;
	struct port_config c = *bridge_port_config(r->b, 1);
	struct err e = { "" };
	strcpy(c.name, "s2.2");
	assert_int_equal(bridge_port_apply(r->b, 1, &c, 0, &e), 0);
	assert_int_equal(bridge_port_find(r->b, "s2.2"), 1);
	assert_int_equal(bridge_port_find(r->b, "1"), 1);
	assert_int_equal(bridge_port_find(r->b, "7"), -ENOENT);
	assert_int_equal(bridge_port_find(r->b, ""), -ENOENT);
	assert_int_equal(bridge_port_find(r->b, "4294967297"), -ENOENT);
	assert_int_equal(bridge_port_apply(r->b, 1, &c, 0, &e), 0); /* its own name is no clash */
	assert_int_equal(bridge_port_apply(r->b, 2, &c, 0, &e), -EEXIST);
	strcpy(c.name, "2fast");
	assert_int_equal(bridge_port_apply(r->b, 2, &c, 0, &e), -EINVAL);
	strcpy(c.name, "a,b");
	assert_int_equal(bridge_port_apply(r->b, 2, &c, 0, &e), -EINVAL);
	assert_int_equal(bridge_port_apply(r->b, RIG_PORTS + 1, &c, 0, &e), -EINVAL);
	assert_string_equal(bridge_port_config(r->b, 2)->name, "");
}

static void ports_are_walked_in_order(void **state)
{
	struct rig *r = *state;
	rig_plug(r, 0);
	rig_plug(r, 8);
	static const unsigned want[] = { 0, 1, 2, 3, 4, 8 };
	unsigned i = 0;
	for (unsigned p = bridge_port_after(r->b, -1); p != UINT_MAX;
	     p = bridge_port_after(r->b, (int)p))
		assert_int_equal(p, want[i++]);
	assert_int_equal(i, 6);
}

static void the_bridge_grows_but_never_below_a_port_in_use(void **state)
{
	struct rig *r = *state;
	struct bridge_config c = *bridge_config(r->b);
	struct err e = { "" };
	c.numports = 3;
	assert_int_equal(bridge_apply(r->b, &c, 0, &e), -EBUSY);
	assert_string_equal(e.text, "numports: port 4 is in use");
	c.numports = 5000;
	assert_int_equal(bridge_apply(r->b, &c, 0, &e), 0);
	struct port_config pc;
	port_config_default(&pc);
	assert_int_equal(bridge_port_apply(r->b, 5000, &pc, 0, &e), 0);
	bridge_link(r->b, 5000, true, NULL, 0);
	c.numports = BRIDGE_PORT_MAX + 1;
	assert_int_equal(bridge_apply(r->b, &c, 0, &e), -EINVAL);
	bridge_link(r->b, 5000, false, NULL, 0);
	assert_int_equal(bridge_port_remove(r->b, 5000, 0), 0);
	c.numports = 4;
	assert_int_equal(bridge_apply(r->b, &c, 0, &e), 0);
	rig_send(r, 1, BROADCAST, A);
	assert_int_equal(r->count, 3);
}

/* --- queues --- */

static void mark_burst(struct rig *r, unsigned port, unsigned first, unsigned n)
{
	uint8_t bytes[BATCH_MAX][128];
	struct frame f[BATCH_MAX];
	for (unsigned i = 0; i < n; i++) {
		memset(&f[i], 0, sizeof f[i]);
		f[i].data = bytes[i];
		f[i].len = rig_build(bytes[i], B, A, -1, -1, first + i);
	}
	bridge_rx(r->b, port, f, n, r->now);
	for (unsigned i = 0; i < n; i++) /* the caller's frames are as borrowed as they came */
		assert_true(!f[i].buf && f[i].data == bytes[i]);
	memset(bytes, 0xee, sizeof bytes); /* and dead from here on */
}

static unsigned mark_of(const struct sent *s)
{
	return (unsigned)s->bytes[14] << 8 | s->bytes[15];
}

static void what_a_slow_port_does_not_take_waits_in_order(void **state)
{
	struct rig *r = *state;
	r->takes[2] = 10;
	mark_burst(r, 1, 0, 40);
	assert_int_equal(rig_sent_to(r, 2), 10);
	assert_int_equal(rig_sent_to(r, 3), 40); /* nobody else suffers */
	r->takes[2] = 5; /* room again, but nobody said so: new frames go behind */
	mark_burst(r, 1, 40, 20);
	assert_int_equal(rig_sent_to(r, 2), 10);
	r->takes[2] = 30;
	bridge_writable(r->b, 2, 0);
	assert_int_equal(rig_sent_to(r, 2), 40);
	r->takes[2] = UINT_MAX;
	bridge_writable(r->b, 2, 0);
	assert_int_equal(rig_sent_to(r, 2), 60);
	unsigned next = 0;
	for (unsigned i = 0; i < r->count; i++)
		if (r->sent[i].port == 2)
			assert_int_equal(mark_of(&r->sent[i]), next++);
	assert_int_equal(pool_in_use(r->pool), 0);
}

static void a_flooded_frame_is_copied_once_for_all_queues(void **state)
{
	struct rig *r = *state;
	r->takes[2] = r->takes[3] = r->takes[4] = 0;
	mark_burst(r, 1, 0, 8);
	assert_int_equal(pool_in_use(r->pool), 8 + 3 * 8); /* bytes, and a node for each */
	assert_true(bridge_conserves(r->b, NULL));
}

static void a_full_queue_loses_the_newest_and_says_so(void **state)
{
	struct rig *r = *state;
	struct port_config c = *bridge_port_config(r->b, 2);
	c.queue = 16;
	assert_int_equal(bridge_port_apply(r->b, 2, &c, 0, NULL), 0);
	r->takes[2] = 0;
	mark_burst(r, 1, 0, 20);
	struct port_stats s;
	bridge_port_stats(r->b, 2, &s);
	assert_int_equal(s.queued, 16);
	assert_int_equal(s.drops[DROP_QUEUE_FULL], 4);
	r->takes[2] = UINT_MAX;
	bridge_writable(r->b, 2, 0);
	assert_int_equal(rig_sent_to(r, 2), 16);
}

static void a_port_that_goes_loses_what_waited(void **state)
{
	struct rig *r = *state;
	r->takes[2] = 0;
	mark_burst(r, 1, 0, 8);
	bridge_link(r->b, 2, false, NULL, 0);
	assert_int_equal(rig_drops(r, 2, DROP_DOWN), 8);
	assert_int_equal(pool_in_use(r->pool), 0);
	r->takes[2] = UINT_MAX;
	bridge_writable(r->b, 2, 0);
	assert_int_equal(rig_sent_to(r, 2), 0);
}

static void an_empty_pool_is_a_counted_drop(void **state)
{
	struct rig *r = *state;
	struct port_config c = *bridge_port_config(r->b, 2);
	c.queue = 1 << 20;
	assert_int_equal(bridge_port_apply(r->b, 2, &c, 0, NULL), 0);
	r->takes[2] = 0;
	for (unsigned i = 0; i < 64; i++) { /* nobody grows the pool */
		mark_burst(r, 1, 0, 64);
		rig_forget(r);
	}
	assert_true(rig_drops(r, 2, DROP_NO_BUFFER) > 0);
	assert_true(bridge_conserves(r->b, NULL));
}

static void a_pooled_frame_is_shared_not_copied(void **state)
{
	struct rig *r = *state;
	uint8_t bytes[128];
	struct frame f = { .data = bytes, .len = rig_build(bytes, B, A, -1, -1, 5) };
	assert_int_equal(frame_keep(&f, r->pool), 0);
	r->takes[2] = r->takes[3] = 0;
	bridge_rx(r->b, 1, &f, 1, 0);
	assert_int_equal(f.buf->refs, 3);
	buf_unref(f.buf);
	assert_int_equal(pool_in_use(r->pool), 3);
}

/* --- time and events --- */

static void stations_are_forgotten_by_the_clock_that_is_given(void **state)
{
	struct rig *r = *state;
	rig_send(r, 2, BROADCAST, B);
	rig_run(r, SEC(299));
	rig_forget(r);
	rig_send(r, 1, B, A);
	assert_int_equal(r->count, 1);
	rig_run(r, SEC(300));
	rig_forget(r);
	rig_send(r, 1, B, A);
	assert_int_equal(r->count, 3);
	rig_run(r, SEC(3000));
	assert_true(bridge_next(r->b) == INT64_MAX); /* nothing left to wake up for */
}

static void events_come_only_when_asked_for(void **state)
{
	struct rig *r = *state;
	rig_send(r, 1, BROADCAST, A);
	assert_int_equal(r->events, 0);
	bridge_want_events(r->b, event_bit(EVENT_FDB_LEARN) | event_bit(EVENT_FDB_MOVE) |
					 event_bit(EVENT_PORT_DOWN));
	rig_send(r, 2, BROADCAST, B);
	rig_send(r, 3, BROADCAST, A);
	set_up(r, 3, false);
	assert_int_equal(r->events, 3);
	assert_int_equal(r->event[0].kind, EVENT_FDB_LEARN);
	assert_int_equal(r->event[0].port, 2);
	assert_int_equal(r->event[0].mac[5], 0xbb);
	assert_int_equal(r->event[1].kind, EVENT_FDB_MOVE);
	assert_int_equal(r->event[1].port, 3);
	assert_int_equal(r->event[1].port2, 1);
	assert_int_equal(r->event[2].kind, EVENT_PORT_DOWN);
}

static void generations_move_with_what_they_count(void **state)
{
	struct rig *r = *state;
	uint64_t s = bridge_generation(r->b, BRIDGE_GEN_STATE),
		 t = bridge_generation(r->b, BRIDGE_GEN_TRAFFIC);
	rig_send(r, 1, BROADCAST, A);
	assert_true(bridge_generation(r->b, BRIDGE_GEN_STATE) > s);
	assert_true(bridge_generation(r->b, BRIDGE_GEN_TRAFFIC) > t);
	s = bridge_generation(r->b, BRIDGE_GEN_STATE);
	t = bridge_generation(r->b, BRIDGE_GEN_TRAFFIC);
	rig_send(r, 1, BROADCAST, A); /* nothing new about A */
	assert_true(bridge_generation(r->b, BRIDGE_GEN_STATE) == s);
	assert_true(bridge_generation(r->b, BRIDGE_GEN_TRAFFIC) > t);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(an_unknown_station_is_asked_for_everywhere_but_at_the_sender),
		T(a_known_station_gets_its_frames_alone),
		T(a_frame_for_a_neighbour_on_the_same_port_stays_there),
		T(group_addresses_go_to_everybody_and_are_never_learned),
		T(bytes_and_tags_pass_unchanged),
		T(vlans_of_transparent_ports_have_tables_of_their_own),
		T(a_priority_tag_is_vlan_0_and_is_not_sent),
		T(vid_4095_is_refused),
		T(a_hub_repeats_and_learns_nothing),
		T(bad_frames_are_counted_drops),
		T(a_cut_tag_is_a_runt),
		T(nothing_crosses_a_port_that_is_down),
		T(a_port_that_loses_its_link_forgets_only_its_own_addresses),
		T(a_static_entry_at_a_dead_port_is_a_counted_drop_there),
		T(a_lonely_frame_has_no_destination),
		T(a_port_in_use_is_not_removed_and_counters_outlive_it),
		T(ports_are_found_by_number_and_by_unique_name),
		T(ports_are_walked_in_order),
		T(the_bridge_grows_but_never_below_a_port_in_use),
		T(what_a_slow_port_does_not_take_waits_in_order),
		T(a_flooded_frame_is_copied_once_for_all_queues),
		T(a_full_queue_loses_the_newest_and_says_so),
		T(a_port_that_goes_loses_what_waited),
		T(an_empty_pool_is_a_counted_drop),
		T(a_pooled_frame_is_shared_not_copied),
		T(stations_are_forgotten_by_the_clock_that_is_given),
		T(events_come_only_when_asked_for),
		T(generations_move_with_what_they_count),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
