/* SPDX-License-Identifier: MIT */
/* test_rstp_settings.c - numbered checks of settings, guards and bounds of RSTP, on one bridge with
 * a stopped clock and on small networks. Clauses are of 802.1D-2004. */
#include "tests/unit/bridge/rstp_one.h"

static void s31_s32_settings_out_of_range_are_refused_with_words(void **state)
{
	(void)state;
	struct err e;
	struct rstp_config c;
	struct rstp_port_config p;
	rstp_config_default(&c);
	assert_int_equal(rstp_config_check(&c, &e), 0);
	c.priority = 4097;
	assert_true(rstp_config_check(&c, &e) < 0 && strstr(e.text, "4096"));
	rstp_config_default(&c);
	c.max_age = 41 * 256;
	assert_true(rstp_config_check(&c, &e) < 0);
	rstp_config_default(&c);
	c.fwd_delay = 10 * 256; /* 2 x 9 < 20 */
	assert_true(rstp_config_check(&c, &e) < 0 && strstr(e.text, "17.14"));
	rstp_config_default(&c);
	c.hello = 10 * 256; /* 20 < 2 x 11 */
	assert_true(rstp_config_check(&c, &e) < 0);
	rstp_port_config_default(&p);
	p.priority = 8;
	assert_true(rstp_port_config_check(&p, &e) < 0);
	rstp_port_config_default(&p);
	p.cost = 200000001;
	assert_true(rstp_port_config_check(&p, &e) < 0);
}

static void s33_a_change_by_management_is_in_the_next_bpdu(void **state)
{
	(void)state;
	begin(1, NULL);
	run_for(SEC(5));
	forget();
	struct rstp_config c = *rstp_config(t.r);
	c.priority = 4096;
	c.fwd_delay = 20 * 256;
	c.max_age = 30 * 256;
	rstp_apply(t.r, &c, t.now);
	struct bpdu b = decoded(sent_on(1, 0));
	assert_int_equal(b.v.bridge >> 48, 4096);
	assert_int_equal(b.times.fwd_delay, 20 * 256);
	assert_int_equal(b.times.max_age, 30 * 256);
}

static void s34_mcheck_speaks_rst_again(void **state)
{
	(void)state;
	begin(1, NULL);
	run_for(SEC(4));
	struct bpdu b = rst(WORSE(3), 0, WORSE(3), 0x8001);
	b.type = BPDU_CONFIG;
	hear(1, &b);
	run_for(SEC(4));
	assert_false(view(1).rstp);
	forget();
	rstp_mcheck(t.r, 1, t.now);
	run_for(SEC(2));
	assert_int_equal(sent_on(1, -1)->frame[20], 2);
}

/* Not in the standard, where it is one only if the port had left the tree. */
static void a_port_that_was_closed_and_opens_again_is_a_change(void **state)
{
	(void)state;
	struct bpdu root = settled();
	for (unsigned i = 0; i < 5; i++) { /* until the change of the beginning is told */
		run_for(SEC(1));
		hear(1, &root);
	}
	struct bpdu b = rst(WORSE(2), 0, WORSE(2), 0x8001);
	b.learning = true;
	hear(2, &b); /* a dispute */
	assert_int_equal(t.state[2], RSTP_DISCARDING);
	forget();
	t.flushed[1] = 0;
	struct bpdu a = rst(PEER(1), 40000, WORSE(2), 0x8001);
	a.role = BPDU_ROLE_ROOT;
	a.agreement = true;
	hear(2, &a); /* it hears us again */
	assert_int_equal(t.state[2], RSTP_FORWARDING);
	assert_int_equal(t.flushed[1], 1);
	assert_true(decoded(sent_on(1, -1)).tc);
}

static void s35_forced_to_stp_it_waits_twice_and_speaks_config(void **state)
{
	(void)state;
	struct rstp_config c;
	rstp_config_default(&c);
	c.version = 0;
	begin(1, &c);
	run_for(SEC(60));
	for (unsigned k = 0; k < t.count; k++)
		assert_int_equal(t.sent[k].frame[20], 0);
	assert_int_equal(t.state[1], RSTP_FORWARDING);
	assert_true(t.state_at[1] - SEC(100) >= SEC(30));
}

static void s35_told_so_while_it_runs_it_begins_anew_and_opens_again(void **state)
{
	(void)state;
	struct rstp_config c;
	settled();
	int64_t told = t.now;
	rstp_config_default(&c);
	c.version = 0;
	rstp_apply(t.r, &c, t.now);
	assert_int_equal(t.state[2], RSTP_DISCARDING);
	run_for(SEC(60));
	assert_int_equal(view(2).role, RSTP_DESIGNATED);
	assert_int_equal(t.state[2], RSTP_FORWARDING);
	assert_true(t.state_at[2] - told >= SEC(30));
	assert_int_equal(sent_on(2, -1)->frame[20], 0);
}

static void s36_shared_media_get_no_rapid_transition(void **state)
{
	(void)state;
	begin(1, NULL);
	rstp_port_link(t.r, 1, true, true, 0, t.now);
	struct bpdu a = rst(OWN, 20000, WORSE(2), 0x8001);
	a.role = BPDU_ROLE_ROOT;
	a.agreement = true;
	hear(1, &a);
	assert_int_equal(t.state[1], RSTP_DISCARDING);
}

static void the_cost_is_that_of_the_speed_unless_it_was_set(void **state)
{
	static const struct {
		uint64_t bps;
		uint32_t cost;
	} rows[] = { /* 802.1Q-2018 table 13-4; 802.1D-2004 table 17-3 */
		     { UINT64_C(100000), 200000000 },
		     { UINT64_C(1000000), 20000000 },
		     { UINT64_C(10000000), 2000000 },
		     { UINT64_C(100000000), 200000 },
		     { UINT64_C(1000000000), 20000 },
		     { UINT64_C(10000000000), 2000 },
		     { UINT64_C(100000000000), 200 },
		     { UINT64_C(1000000000000), 20 },
		     { UINT64_C(10000000000000), 2 },
		     { UINT64_C(100000000000000), 1 }, /* what follows is beyond the table */
		     { UINT64_C(2500000000), 8000 },
		     { UINT64_C(9600), 200000000 },
		     { 0, 20000 }
	};
	(void)state;
	begin(1, NULL);
	struct rstp_port_config c;
	rstp_port_config_default(&c);
	rstp_port_apply(t.r, 1, &c, t.now);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		rstp_port_link(t.r, 1, true, false, rows[i].bps, t.now);
		assert_int_equal(view(1).cost, rows[i].cost);
	}
	c.cost = 7;
	rstp_port_apply(t.r, 1, &c, t.now);
	rstp_port_link(t.r, 1, true, false, UINT64_C(1000000000), t.now);
	assert_int_equal(view(1).cost, 7);
}

static void s37_admin_edge_opens_at_once_and_ends_with_a_bpdu(void **state)
{
	(void)state;
	begin(0, NULL);
	struct rstp_port_config c;
	rstp_port_config_default(&c);
	c.edge = true;
	rstp_port_apply(t.r, 1, &c, t.now);
	rstp_port_link(t.r, 1, true, false, 0, t.now);
	assert_int_equal(t.state[1], RSTP_FORWARDING);
	struct bpdu b = rst(WORSE(3), 0, WORSE(3), 0x8001);
	hear(1, &b);
	assert_false(view(1).edge);
}

static void s38_max_age_bounds_the_hops(void **state)
{
	(void)state;
	struct rstp_config c;
	rstp_config_default(&c);
	c.max_age = 6 * 256;
	c.fwd_delay = 15 * 256;
	struct net *n = net_new();
	for (int i = 0; i < 9; i++)
		net_add(n, (uint16_t)(i ? 32768 : 4096), &c);
	for (int i = 0; i + 1 < 9; i++)
		net_join(n, i, 1, i + 1, 2);
	net_run(n, SEC(30));
	for (int i = 0; i < 9; i++) {
		struct rstp_view v;
		rstp_view(n->b[i].r, &v);
		assert_int_equal((v.root.root >> 48) == 4096, i <= 6);
	}
	net_free(n);
}

static void s40_a_dead_root_in_a_cycle_is_forgotten_within_max_age_hops(void **state)
{
	(void)state;
	struct net *n = net_new();
	net_add(n, 4096, NULL); /* the root hangs on a ring of four */
	for (int i = 1; i < 5; i++)
		net_add(n, 32768, NULL);
	for (int i = 1; i < 5; i++)
		net_join(n, i, 1, i == 4 ? 1 : i + 1, 2);
	net_join(n, 0, 3, 1, 3);
	net_run(n, SEC(20));
	unsigned before = 0, after = 0;
	for (int i = 0; i < 5; i++)
		for (unsigned p = 1; p <= 3; p++)
			before += n->b[i].sent[p];
	net_link_up(n, 0, 3, false);
	assert_int_equal(net_run(n, SEC(30)), 0);
	for (int i = 0; i < 5; i++)
		for (unsigned p = 1; p <= 3; p++)
			after += n->b[i].sent[p];
	for (int i = 1; i < 5; i++) {
		struct rstp_view v;
		rstp_view(n->b[i].r, &v);
		assert_true(v.root.root >> 48 == 32768);
	}
	assert_true(after - before <
		    200); /* no storm: at most 7 a second and port while it counts up */
	net_free(n);
}

static void bpdu_guard_shuts_and_a_new_link_opens(void **state)
{
	(void)state;
	begin(0, NULL);
	struct rstp_port_config c;
	rstp_port_config_default(&c);
	c.edge = c.bpdu_guard = true;
	rstp_port_apply(t.r, 1, &c, t.now);
	rstp_port_link(t.r, 1, true, false, 0, t.now);
	struct bpdu b = rst(PEER(1), 0, PEER(1), 0x8001);
	hear(1, &b);
	assert_true(view(1).shut);
	assert_int_equal(t.state[1], RSTP_DISCARDING);
	assert_true(root_now() == OWN);
	rstp_port_link(t.r, 1, false, false, 0, t.now);
	rstp_port_link(t.r, 1, true, false, 0, t.now);
	assert_int_equal(t.state[1], RSTP_FORWARDING);
}

static void root_guard_and_restricted_role_never_make_a_root_port(void **state)
{
	(void)state;
	for (int guard = 0; guard < 2; guard++) {
		begin(0, NULL);
		struct rstp_port_config c;
		rstp_port_config_default(&c);
		c.root_guard = guard;
		c.restricted_role = !guard;
		rstp_port_apply(t.r, 1, &c, t.now);
		rstp_port_link(t.r, 1, true, false, 0, t.now);
		struct bpdu b = rst(PEER(1), 0, PEER(1), 0x8001);
		hear(1, &b);
		assert_int_equal(view(1).role, RSTP_ALTERNATE);
		assert_true(view(1).guarded);
		assert_true(root_now() == OWN);
		run_for(SEC(20)); /* it fell silent: an ordinary port again */
		assert_int_equal(view(1).role, RSTP_DESIGNATED);
		teardown(NULL);
	}
	begin(1, NULL);
}

static void loop_guard_keeps_a_silent_port_shut(void **state)
{
	(void)state;
	begin(0, NULL);
	struct rstp_port_config c;
	rstp_port_config_default(&c);
	for (unsigned p = 1; p <= 2; p++) {
		c.loop_guard = p == 2;
		rstp_port_apply(t.r, p, &c, t.now);
		rstp_port_link(t.r, p, true, false, 0, t.now);
	}
	struct bpdu b = rst(PEER(1), 0, PEER(1), 0x8001), d = rst(PEER(1), 100, PEER(2), 0x8001);
	hear(2, &d);
	for (int i = 0; i < 40; i++) {
		hear(1, &b); /* only port 1 goes on hearing */
		run_for(SEC(1));
	}
	assert_true(view(2).guarded);
	assert_int_equal(view(2).state, RSTP_DISCARDING);
	hear(2, &d);
	assert_false(view(2).guarded);
	assert_int_equal(view(2).role, RSTP_ALTERNATE);
}

static void restricted_tcn_keeps_changes_to_itself(void **state)
{
	(void)state;
	struct bpdu b = settled();
	struct rstp_port_config c;
	rstp_port_config_default(&c);
	c.cost = 20000;
	c.restricted_tcn = true;
	rstp_port_apply(t.r, 1, &c, t.now);
	for (int i = 0; i < 8; i++) {
		hear(1, &b);
		run_for(SEC(1));
	}
	unsigned flushed = t.flushed[2];
	b.tc = true;
	hear(1, &b);
	assert_int_equal(t.flushed[2], flushed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_teardown(f, teardown)
		T(s31_s32_settings_out_of_range_are_refused_with_words),
		T(s33_a_change_by_management_is_in_the_next_bpdu),
		T(s34_mcheck_speaks_rst_again),
		T(a_port_that_was_closed_and_opens_again_is_a_change),
		T(s35_forced_to_stp_it_waits_twice_and_speaks_config),
		T(s35_told_so_while_it_runs_it_begins_anew_and_opens_again),
		T(s36_shared_media_get_no_rapid_transition),
		T(the_cost_is_that_of_the_speed_unless_it_was_set),
		T(s37_admin_edge_opens_at_once_and_ends_with_a_bpdu),
		T(s38_max_age_bounds_the_hops),
		T(s40_a_dead_root_in_a_cycle_is_forgotten_within_max_age_hops),
		T(bpdu_guard_shuts_and_a_new_link_opens),
		T(root_guard_and_restricted_role_never_make_a_root_port),
		T(loop_guard_keeps_a_silent_port_shut),
		T(restricted_tcn_keeps_changes_to_itself),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
