/* SPDX-License-Identifier: MIT */
/* test_ports.c - endpoints behind bridge ports: who gets which port, what several behind one mean,
 * and that neither a full, a chatty nor a dying one costs the others anything. The endpoints are
 * made up. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lib/base/ether.h"
#include "switch/ports.h"

enum { ME = 1000, OTHER = 1001, GROUP_OF_ME = 100 };

struct fake { /* an endpoint: gives frames from `from` while `waiting`, takes `room` of them */
	struct ep ep;
	uint8_t bytes[64];
	unsigned waiting, room, sent, asked;
	bool carrier, closed;
};

struct rig {
	struct fake fake[8];
	unsigned fakes;
	struct loop *loop;
	struct pool *pool;
	struct ports *ports;
	struct bridge *bridge;
	unsigned plugged, unplugged;
};

static unsigned fake_rx(struct ep *e, struct frame *f, unsigned max)
{
	struct fake *k = (struct fake *)e;
	unsigned n = k->waiting < max ? k->waiting : max;
	k->waiting -= n;
	k->asked++;
	for (unsigned i = 0; i < n; i++)
		f[i] = (struct frame){ .data = k->bytes, .len = sizeof k->bytes };
	return n;
}

static unsigned fake_tx(struct ep *e, const struct txv *v, unsigned n)
{
	struct fake *k = (struct fake *)e;
	(void)v;
	unsigned taken = n < k->room ? n : k->room;
	k->room -= taken;
	k->sent += taken;
	return taken;
}

static void fake_carrier(struct ep *e, bool on)
{
	((struct fake *)e)->carrier = on;
}

static void fake_close(struct ep *e)
{
	((struct fake *)e)->closed = true;
}

static const struct ep_ops fake_ops = {
	.rx = fake_rx,
	.tx = fake_tx,
	.carrier = fake_carrier,
	.close = fake_close,
};

static struct fake *fake_new(struct rig *r) /* says broadcasts, each from an address of its own */
{
	struct fake *k = &r->fake[r->fakes++];
	*k = (struct fake){ .ep = { .ops = &fake_ops, .is_up = true },
			    .room = UINT32_MAX,
			    .carrier = true };
	memset(k->bytes, 0xff, 6);
	mac_from_u64(k->bytes + 6, r->fakes);
	k->bytes[12] = 0x88;
	k->bytes[13] = 0xb5;
	return k;
}

static void count_plugged(void *ctx, const struct ports_member *m, bool first)
{
	struct rig *r = ctx;
	(void)m, (void)first;
	r->plugged++;
}

static void count_unplugged(void *ctx, const struct ports_member *m, bool last)
{
	struct rig *r = ctx;
	(void)m, (void)last;
	r->unplugged++;
}

static unsigned on_tx(void *ctx, unsigned port, const struct txv *v, unsigned n)
{
	struct rig *r = ctx;
	return ports_tx(r->ports, port, v, n);
}

static void on_carrier(void *ctx, unsigned port, bool on)
{
	struct rig *r = ctx;
	ports_carrier(r->ports, port, on);
}

static int setup(void **state)
{
	static const struct ports_notice notice = { count_plugged, count_unplugged };
	static const struct bridge_host host = { .tx = on_tx, .carrier = on_carrier };
	struct rig *r = calloc(1, sizeof *r);
	assert_non_null(r);
	r->loop = loop_new();
	r->pool = pool_new(1 << 22);
	r->ports = ports_new(r->loop, r->pool, &notice, r);
	struct bridge_config c;
	bridge_config_default(&c);
	c.mac[5] = 1;
	c.numports = 4;
	r->bridge = bridge_new(&c, &host, r, r->pool, loop_now(r->loop));
	assert_non_null(r->bridge);
	ports_set_bridge(r->ports, r->bridge);
	*state = r;
	return 0;
}

static int teardown(void **state)
{
	struct rig *r = *state;
	struct err e;
	assert_true(bridge_conserves(r->bridge, &e));
	ports_free(r->ports);
	bridge_free(r->bridge);
	pool_free(r->pool);
	loop_free(r->loop);
	free(r);
	return 0;
}

static unsigned plug(struct rig *r, struct fake *k, int wanted, int uid)
{
	struct err e;
	int port = ports_choose(r->ports, wanted, uid, GROUP_OF_ME, &e);
	assert_true(port >= 0);
	assert_int_equal(ports_join(r->ports, (unsigned)port, &k->ep, "fake", uid), 0);
	return (unsigned)port;
}

/* As the endpoint would from the loop. */
static void say_readable(struct fake *k)
{
	k->ep.host->readable(k->ep.ctx, &k->ep);
}

static void say_closed(struct fake *k)
{
	k->ep.host->closed(k->ep.ctx, &k->ep, "gone");
}

static bool turn(struct rig *r)
{
	return ports_poll(r->ports, loop_clock(r->loop));
}

/* ---- who gets which port ---- */

static void a_plug_without_a_wish_gets_the_lowest_port_that_is_free(void **state)
{
	struct rig *r = *state;
	struct fake *a = fake_new(r), *b = fake_new(r), *c = fake_new(r);
	assert_int_equal(plug(r, a, PORTS_ANY, ME), 1);
	assert_int_equal(plug(r, b, 3, ME), 3);
	assert_int_equal(plug(r, c, PORTS_ANY, ME), 2);
	assert_int_equal(r->plugged, 3);
}

static void an_unplugged_port_is_given_again(void **state)
{
	struct rig *r = *state;
	struct fake *a = fake_new(r), *b = fake_new(r);
	assert_int_equal(plug(r, a, PORTS_ANY, ME), 1);
	say_closed(a);
	assert_int_equal(plug(r, b, PORTS_ANY, OTHER), 1);
	assert_true(a->closed);
	assert_int_equal(r->unplugged, 1);
}

static void a_port_made_by_command_is_kept_for_who_names_it(void **state)
{
	struct rig *r = *state;
	struct fake *a = fake_new(r), *b = fake_new(r);
	struct err e;
	assert_int_equal(ports_make(r->ports, 1, &e), 0);
	assert_int_equal(ports_make(r->ports, 1, &e), -EEXIST);
	assert_int_equal(plug(r, a, PORTS_ANY, ME), 2);
	assert_int_equal(plug(r, b, 1, ME), 1);
}

static void port_0_is_never_given_unasked(void **state)
{
	struct rig *r = *state;
	struct err e;
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(plug(r, fake_new(r), PORTS_ANY, ME), i + 1);
	assert_int_equal(ports_choose(r->ports, PORTS_ANY, ME, GROUP_OF_ME, &e), -ENOSPC);
	assert_int_equal(ports_choose(r->ports, 0, ME, GROUP_OF_ME, &e), 0);
	assert_int_equal(ports_choose(r->ports, 5, ME, GROUP_OF_ME, &e), -EINVAL);
}

static void a_port_in_use_is_shared_with_the_same_user_only(void **state)
{
	struct rig *r = *state;
	struct fake *a = fake_new(r), *b = fake_new(r);
	struct err e;
	plug(r, a, 2, ME);
	assert_int_equal(ports_choose(r->ports, 2, OTHER, GROUP_OF_ME, &e), -EADDRINUSE);
	assert_int_equal(plug(r, b, 2, ME), 2);
	assert_int_equal(ports_remove(r->ports, 2), -EADDRINUSE);
}

static void a_rule_refuses_all_but_its_user_its_group_and_root(void **state)
{
	struct rig *r = *state;
	struct err e;
	assert_int_equal(ports_make(r->ports, 2, &e), 0);
	struct ports_rule rule = { .allocatable = true, .uid = ME, .gid = PORTS_NOBODY };
	assert_int_equal(ports_set_rule(r->ports, 2, rule), 0);
	assert_int_equal(ports_choose(r->ports, 2, OTHER, 0, &e), -EPERM);
	assert_int_equal(ports_choose(r->ports, 2, -1, -1, &e), -EPERM);
	assert_int_equal(ports_choose(r->ports, 2, ME, 0, &e), 2);
	assert_int_equal(ports_choose(r->ports, 2, 0, 0, &e), 2);
	rule = (struct ports_rule){ .uid = PORTS_NOBODY, .gid = GROUP_OF_ME };
	assert_int_equal(ports_set_rule(r->ports, 2, rule), 0);
	assert_int_equal(ports_choose(r->ports, 2, OTHER, GROUP_OF_ME, &e), 2);
	assert_int_equal(ports_choose(r->ports, 2, OTHER, GROUP_OF_ME + 1, &e), -EPERM);
}

static void removing_a_port_forgets_its_rule(void **state)
{
	struct rig *r = *state;
	struct err e;
	assert_int_equal(ports_remove(r->ports, 3), -ENXIO);
	assert_int_equal(ports_make(r->ports, 3, &e), 0);
	assert_int_equal(ports_set_rule(r->ports, 3, (struct ports_rule){ .uid = ME, .gid = 7 }),
			 0);
	assert_int_equal(ports_remove(r->ports, 3), 0);
	assert_int_equal(ports_make(r->ports, 3, &e), 0);
	assert_int_equal(ports_rule(r->ports, 3).uid, PORTS_NOBODY);
}

/* ---- frames ---- */

static void frames_reach_every_endpoint_of_the_other_ports(void **state)
{
	struct rig *r = *state;
	struct fake *a = fake_new(r), *b = fake_new(r), *c = fake_new(r);
	plug(r, a, 1, ME);
	plug(r, b, 2, ME);
	plug(r, c, 2, ME);
	a->waiting = 3;
	say_readable(a);
	assert_false(turn(r));
	assert_int_equal(b->sent, 3);
	assert_int_equal(c->sent, 3);
	b->waiting = 2;
	say_readable(b);
	turn(r);
	assert_int_equal(a->sent, 2);
	assert_int_equal(c->sent, 3); /* not relayed between those of one port */
}

static void a_full_endpoint_keeps_its_frames_in_the_core_until_it_has_room(void **state)
{
	struct rig *r = *state;
	struct fake *a = fake_new(r), *b = fake_new(r);
	plug(r, a, 1, ME);
	plug(r, b, 2, ME);
	b->room = 4;
	a->waiting = 10;
	say_readable(a);
	turn(r);
	assert_int_equal(b->sent, 4);
	b->room = UINT32_MAX;
	b->ep.host->writable(b->ep.ctx, &b->ep);
	turn(r);
	assert_int_equal(b->sent, 10);
}

static void a_full_endpoint_loses_alone_where_several_share_the_port(void **state)
{
	struct rig *r = *state;
	struct fake *a = fake_new(r), *b = fake_new(r), *c = fake_new(r);
	plug(r, a, 1, ME);
	plug(r, b, 2, ME);
	plug(r, c, 2, ME);
	b->room = 4;
	a->waiting = 10;
	say_readable(a);
	turn(r);
	assert_int_equal(b->sent, 4);
	assert_int_equal(c->sent, 10);
	assert_int_equal(ports_members(r->ports, 2)->lost, 6);
}

static void what_waited_for_a_full_one_goes_on_when_it_leaves_a_shared_port(void **state)
{
	struct rig *r = *state;
	struct fake *a = fake_new(r), *b = fake_new(r), *c = fake_new(r);
	plug(r, a, 1, ME);
	plug(r, b, 2, ME);
	b->room = 0;
	a->waiting = 5;
	say_readable(a);
	turn(r);
	plug(r, c, 2, ME);
	say_closed(b);
	turn(r);
	a->waiting = 1;
	say_readable(a);
	turn(r);
	assert_true(c->sent >= 1);
	struct port_stats s;
	bridge_port_stats(r->bridge, 2, &s);
	assert_int_equal(s.queued, 0);
}

static void a_chatty_endpoint_leaves_the_others_their_turn(void **state)
{
	struct rig *r = *state;
	struct fake *chatty = fake_new(r), *quiet = fake_new(r);
	plug(r, chatty, 1, ME);
	plug(r, quiet, 2, ME);
	chatty->waiting = UINT32_MAX;
	quiet->waiting = 1;
	say_readable(chatty);
	say_readable(quiet);
	assert_true(turn(r)); /* ends although more wait */
	assert_int_equal(quiet->waiting, 0);
	assert_true(chatty->waiting > 0);
	chatty->waiting = 0;
	assert_false(turn(r));
}

static void an_endpoint_that_is_not_up_is_not_asked(void **state)
{
	struct rig *r = *state;
	struct fake *a = fake_new(r), *b = fake_new(r);
	a->ep.is_up = false;
	plug(r, a, 1, ME);
	plug(r, b, 2, ME);
	assert_false(bridge_port_forwards(r->bridge, 1));
	a->ep.is_up = true;
	a->ep.host->up(a->ep.ctx, &a->ep);
	turn(r);
	assert_true(bridge_port_forwards(r->bridge, 1));
	b->waiting = 1;
	say_readable(b);
	turn(r);
	assert_int_equal(a->sent, 1);
}

static struct rstp_port_view tree_view(const struct rig *r, unsigned port)
{
	struct rstp_port_view v;
	assert_true(rstp_port_view(bridge_rstp(r->bridge), port, loop_now(r->loop), &v));
	return v;
}

static void the_tree_goes_by_what_an_endpoint_says_of_its_link(void **state)
{
	struct rig *r = *state;
	struct fake *a = fake_new(r), *b = fake_new(r);
	struct bridge_config c = *bridge_config(r->bridge);
	struct err e;
	c.rstp = true;
	assert_int_equal(bridge_apply(r->bridge, &c, loop_now(r->loop), &e), 0);
	a->ep.caps.speed_bps = UINT64_C(10000000000);
	plug(r, a, 1, ME);
	assert_true(tree_view(r, 1).enabled && tree_view(r, 1).p2p);
	assert_int_equal(tree_view(r, 1).cost, 2000);
	a->ep.is_up = false;
	a->ep.host->down(a->ep.ctx, &a->ep);
	turn(r);
	assert_false(tree_view(r, 1).enabled);
	a->ep.is_up = a->ep.caps.shared = true; /* it comes back as another link */
	a->ep.caps.speed_bps = 100000000;
	a->ep.host->up(a->ep.ctx, &a->ep);
	turn(r);
	assert_true(tree_view(r, 1).enabled && !tree_view(r, 1).p2p);
	assert_int_equal(tree_view(r, 1).cost, 200000);
	a->ep.caps.shared = false; /* or changes while it is up */
	a->ep.host->changed(a->ep.ctx, &a->ep);
	turn(r);
	assert_true(tree_view(r, 1).p2p);
	plug(r, b, 1, ME);
	assert_false(tree_view(r, 1).p2p);
}

static void one_that_dies_with_frames_waiting_is_not_read_again(void **state)
{
	struct rig *r = *state;
	struct fake *a = fake_new(r), *b = fake_new(r);
	plug(r, a, 1, ME);
	plug(r, b, 2, ME);
	a->waiting = 100;
	say_readable(a);
	say_closed(a);
	turn(r);
	assert_int_equal(a->asked, 0);
	assert_true(a->closed);
	assert_int_equal(ports_count(r->ports), 1);
}

static void a_port_that_is_down_tells_its_endpoints(void **state)
{
	struct rig *r = *state;
	struct fake *a = fake_new(r), *b = fake_new(r);
	struct err e;
	plug(r, a, 1, ME);
	struct port_config pc = *bridge_port_config(r->bridge, 1);
	pc.up = false;
	assert_int_equal(bridge_port_apply(r->bridge, 1, &pc, loop_now(r->loop), &e), 0);
	assert_false(a->carrier);
	plug(r, b, 1, ME); /* also one that comes later */
	assert_false(b->carrier);
	pc.up = true;
	assert_int_equal(bridge_port_apply(r->bridge, 1, &pc, loop_now(r->loop), &e), 0);
	assert_true(a->carrier && b->carrier);
}

static void counters_start_anew_at_a_reset(void **state)
{
	struct rig *r = *state;
	struct fake *a = fake_new(r), *b = fake_new(r);
	struct port_stats s;
	plug(r, a, 1, ME);
	plug(r, b, 2, ME);
	a->waiting = 5;
	say_readable(a);
	turn(r);
	assert_int_equal(ports_reset_counters(r->ports, 1), 0);
	a->waiting = 2;
	say_readable(a);
	turn(r);
	ports_counters(r->ports, 1, &s);
	assert_int_equal(s.rx_frames, 2);
	assert_int_equal(s.rx_bytes, 128);
	bridge_port_stats(r->bridge, 1, &s);
	assert_int_equal(s.rx_frames, 7);
}

static void closing_one_endpoint_leaves_the_other_of_its_port(void **state)
{
	struct rig *r = *state;
	struct fake *a = fake_new(r), *b = fake_new(r);
	plug(r, a, 1, ME);
	plug(r, b, 1, ME);
	assert_int_equal(ports_close(r->ports, 1, 999), -ENOENT);
	assert_int_equal(ports_close(r->ports, 1, ports_members(r->ports, 1)->id), 0);
	assert_true(a->closed);
	assert_false(b->closed);
	assert_true(bridge_port_forwards(r->bridge, 1));
}

static void a_locator_that_fails_leaves_no_port_behind(void **state)
{
	struct rig *r = *state;
	struct err e = { "" };
	assert_true(ports_open(r->ports, "nonsense", PORTS_ANY, &e) < 0);
	assert_true(*e.text);
	assert_null(bridge_port_config(r->bridge, 1));
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_plug_without_a_wish_gets_the_lowest_port_that_is_free),
		T(an_unplugged_port_is_given_again),
		T(a_port_made_by_command_is_kept_for_who_names_it),
		T(port_0_is_never_given_unasked),
		T(a_port_in_use_is_shared_with_the_same_user_only),
		T(a_rule_refuses_all_but_its_user_its_group_and_root),
		T(removing_a_port_forgets_its_rule),
		T(frames_reach_every_endpoint_of_the_other_ports),
		T(a_full_endpoint_keeps_its_frames_in_the_core_until_it_has_room),
		T(a_full_endpoint_loses_alone_where_several_share_the_port),
		T(what_waited_for_a_full_one_goes_on_when_it_leaves_a_shared_port),
		T(a_chatty_endpoint_leaves_the_others_their_turn),
		T(an_endpoint_that_is_not_up_is_not_asked),
		T(the_tree_goes_by_what_an_endpoint_says_of_its_link),
		T(one_that_dies_with_frames_waiting_is_not_read_again),
		T(a_port_that_is_down_tells_its_endpoints),
		T(counters_start_anew_at_a_reset),
		T(closing_one_endpoint_leaves_the_other_of_its_port),
		T(a_locator_that_fails_leaves_no_port_behind),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
