/* SPDX-License-Identifier: MIT */
/* test_tree.c - the spanning tree joined to the bridge: what its verdicts do to frames, addresses,
 * the queue in front of a slow endpoint, and who is told. */
#include "tests/unit/bridge/rig.h"

#include "switch/core/rstp_bpdu.h"

static const uint64_t A = 0x020000000a01, B = 0x020000000b01, NOBODY = 0x0200000000ff;
static const uint64_t BETTER = UINT64_C(0x1000) << 48 | UINT64_C(0x020000000077);

static int setup(void **state)
{
	struct rig *r = rig_new(0);
	struct err e;
	struct bridge_config c = *bridge_config(r->b);
	c.rstp = true;
	assert_int_equal(bridge_apply(r->b, &c, 0, &e), 0);
	for (unsigned p = 1; p <= 3; p++)
		rig_plug(r, p);
	*state = r;
	return 0;
}

static int teardown(void **state)
{
	rig_free(*state);
	return 0;
}

static void hear(struct rig *r, unsigned port, const struct bpdu *b)
{
	static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 0x77 };
	uint8_t bytes[RSTP_FRAME_MAX];
	struct frame f = { .data = bytes, .len = bpdu_encode(b, mac, bytes) };
	bridge_rx(r->b, port, &f, 1, r->now);
}

static struct bpdu proposal(void)
{
	return (struct bpdu){ .type = BPDU_RST,
			      .role = BPDU_ROLE_DESIGNATED,
			      .proposal = true,
			      .v = { BETTER, 0, BETTER, 0x8001 },
			      .times = { 0, 20 * 256, 2 * 256, 15 * 256 } };
}

static bool is_bpdu(const struct sent *s)
{
	return s->bytes[0] == 1 && s->bytes[1] == 0x80 && s->bytes[14] == 0x42;
}

static unsigned data_on(const struct rig *r, unsigned port)
{
	unsigned n = 0;
	for (unsigned i = 0; i < r->count; i++)
		n += r->sent[i].port == port && !is_bpdu(&r->sent[i]);
	return n;
}

static void a_switch_born_with_it_runs_it(void **state)
{
	(void)state;
	struct rig *r = calloc(1, sizeof *r);
	struct bridge_config c;
	bridge_config_default(&c);
	c.numports = RIG_PORTS;
	c.rstp = true;
	r->pool = pool_new(1 << 20);
	for (unsigned p = 0; p <= RIG_PORTS; p++)
		r->takes[p] = UINT_MAX;
	r->b = bridge_new(&c, &rig_host, r, r->pool, 0);
	assert_non_null(r->b);
	rig_plug(r, 1);
	assert_non_null(bridge_rstp(r->b));
	assert_int_equal(rig_sent_to(r, 1), 1);
	assert_true(is_bpdu(&r->sent[0]));
	assert_false(bridge_port_forwards(r->b, 1));
	rig_free(r);
}

static void a_closed_port_passes_no_data_either_way(void **state)
{
	struct rig *r = *state;
	rig_run(r, SEC(4)); /* all edges now */
	struct bpdu b = proposal();
	hear(r, 1, &b); /* root port */
	b.v.port = 0x8002;
	hear(r, 2, &b); /* a second way: alternate */
	assert_true(bridge_port_forwards(r->b, 1));
	assert_false(bridge_port_forwards(r->b, 2));
	rig_forget(r);
	rig_send(r, 3, NOBODY, A);
	assert_int_equal(data_on(r, 1), 1);
	assert_int_equal(data_on(r, 2), 0);
	rig_forget(r);
	rig_send(r, 2, NOBODY, B);
	assert_int_equal(data_on(r, 1) + data_on(r, 3), 0);
	assert_int_equal(rig_drops(r, 2, DROP_STP_STATE), 1);
	uint8_t mac[6];
	mac_from_u64(mac, B);
	assert_int_equal(bridge_fdb_find(r->b, mac, 0, r->now), FDB_NONE); /* nor learned */
}

static void a_bpdu_is_taken_in_and_not_relayed(void **state)
{
	struct rig *r = *state;
	rig_run(r, SEC(4));
	rig_forget(r);
	struct bpdu b = proposal();
	hear(r, 1, &b);
	for (unsigned i = 0; i < r->count; i++)
		assert_memory_equal(r->sent[i].bytes + 6, bridge_config(r->b)->mac, 6);
	struct bridge_stats s;
	bridge_stats(r->b, &s);
	assert_int_equal(s.trapped, 1);
}

static void a_bpdu_goes_before_data_that_waits_however_full_the_queue(void **state)
{
	struct rig *r = *state;
	struct err e;
	struct port_config c = *bridge_port_config(r->b, 2);
	c.queue = 4;
	assert_int_equal(bridge_port_apply(r->b, 2, &c, r->now, &e), 0);
	rig_run(r, SEC(4));
	r->takes[2] = 0;
	for (unsigned i = 0; i < 10; i++)
		rig_send(r, 1, NOBODY, A);
	assert_int_equal(rig_drops(r, 2, DROP_QUEUE_FULL), 6);
	rig_forget(r);
	rig_run(r, SEC(7)); /* hellos fall due */
	assert_int_equal(rig_sent_to(r, 2), 0);
	r->takes[2] = UINT_MAX;
	bridge_writable(r->b, 2, r->now);
	unsigned at = 0;
	while (at < r->count && r->sent[at].port != 2)
		at++;
	assert_true(at < r->count && is_bpdu(&r->sent[at]));
	assert_int_equal(data_on(r, 2), 4);
}

static void a_change_flushes_the_other_ports_and_no_edge(void **state)
{
	struct rig *r = *state;
	uint8_t a[6], b[6];
	struct bpdu up = proposal(), down = proposal();
	down.v = (struct rstp_vector){ BETTER, 20000, UINT64_C(0xf) << 60 | 0x99, 0x8001 };
	down.role = BPDU_ROLE_ROOT;
	down.proposal = false;
	down.agreement = true;
	hear(r, 1, &up);
	hear(r, 2, &down);
	rig_run(r, SEC(4)); /* port 3 is an edge */
	rig_send(r, 2, NOBODY, A);
	rig_send(r, 3, NOBODY, B);
	up.proposal = false;
	up.tc = true;
	hear(r, 1, &up);
	mac_from_u64(a, A);
	mac_from_u64(b, B);
	assert_int_equal(bridge_fdb_find(r->b, a, 0, r->now), FDB_NONE);
	assert_int_equal(bridge_fdb_find(r->b, b, 0, r->now), 3);
}

static void bpdu_guard_takes_the_port_down_until_it_is_set_up_again(void **state)
{
	struct rig *r = *state;
	struct err e;
	struct port_config c = *bridge_port_config(r->b, 3);
	struct bpdu b = proposal();
	c.tree.edge = c.tree.bpdu_guard = true;
	assert_int_equal(bridge_port_apply(r->b, 3, &c, r->now, &e), 0);
	assert_true(bridge_port_forwards(r->b, 3));
	hear(r, 3, &b);
	assert_false(bridge_port_forwards(r->b, 3));
	assert_string_equal(bridge_port_shut(r->b, 3), "bpdu-guard");
	bridge_port_revive(r->b, 3, r->now);
	assert_null(bridge_port_shut(r->b, 3));
	assert_true(bridge_port_forwards(r->b, 3));
}

static void every_role_state_and_change_is_an_event(void **state)
{
	struct rig *r = *state;
	bridge_want_events(r->b, event_bit(EVENT_RSTP_ROLE) | event_bit(EVENT_RSTP_STATE) |
					 event_bit(EVENT_RSTP_CHANGE));
	struct bpdu b = proposal();
	hear(r, 1, &b);
	bool role = false, state_ = false, change = false;
	for (unsigned i = 0; i < r->events; i++) {
		const struct event *ev = &r->event[i];
		role |= ev->kind == EVENT_RSTP_ROLE && ev->port == 1 && !strcmp(ev->text, "root");
		state_ |= ev->kind == EVENT_RSTP_STATE && ev->port == 1 &&
			  !strcmp(ev->text, "forwarding");
		change |= ev->kind == EVENT_RSTP_CHANGE && ev->port == 1;
	}
	assert_true(role && state_ && change);
}

static void turned_off_every_port_is_open(void **state)
{
	struct rig *r = *state;
	struct err e;
	struct bridge_config c = *bridge_config(r->b);
	assert_false(bridge_port_forwards(r->b, 1));
	c.rstp = false;
	assert_int_equal(bridge_apply(r->b, &c, r->now, &e), 0);
	for (unsigned p = 1; p <= 3; p++)
		assert_true(bridge_port_forwards(r->b, p));
	assert_null(bridge_rstp(r->b));
	struct bpdu b = proposal();
	rig_forget(r);
	hear(r, 1, &b); /* a frame like any other then */
	assert_int_equal(rig_sent_to(r, 2), 1);
}

static void the_state_moves_with_the_tree_and_not_with_its_hellos(void **state)
{
	struct rig *r = *state;
	struct bpdu b = proposal();
	uint64_t before = bridge_generation(r->b, BRIDGE_GEN_STATE);
	hear(r, 1, &b);
	assert_true(bridge_generation(r->b, BRIDGE_GEN_STATE) > before);
	rig_run(r, SEC(1));
	hear(r, 1, &b);
	before = bridge_generation(r->b, BRIDGE_GEN_STATE);
	rig_run(r, SEC(2));
	hear(r, 1, &b); /* the same again: its own hellos have gone out meanwhile */
	assert_true(bridge_generation(r->b, BRIDGE_GEN_STATE) == before);
	rig_run(r, SEC(20)); /* nobody speaks any more: the root is lost */
	assert_true(bridge_generation(r->b, BRIDGE_GEN_STATE) > before);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_switch_born_with_it_runs_it),
		T(a_closed_port_passes_no_data_either_way),
		T(a_bpdu_is_taken_in_and_not_relayed),
		T(a_bpdu_goes_before_data_that_waits_however_full_the_queue),
		T(a_change_flushes_the_other_ports_and_no_edge),
		T(bpdu_guard_takes_the_port_down_until_it_is_set_up_again),
		T(every_role_state_and_change_is_an_event),
		T(turned_off_every_port_is_open),
		T(the_state_moves_with_the_tree_and_not_with_its_hellos),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
