/* SPDX-License-Identifier: MIT */
/* test_rstp_net.c - spanning trees of whole networks: rings, meshes, cuts, silent failures, and
 * random networks with random faults. Virtual time, fixed seeds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/bridge/rstp_plan.h"

static struct net *ring(int size)
{
	struct net *n = net_new();
	for (int i = 0; i < size; i++)
		net_add(n, 32768, NULL);
	for (int i = 0; i < size; i++)
		net_join(n, i, 1, (i + 1) % size, 2);
	return n;
}

static void assert_tree(const struct net *n)
{
	int parts, loops = net_loops(n, &parts);
	assert_int_equal(loops, 0);
	assert_int_equal(parts, 1);
}

static void two_bridges_agree_in_the_time_of_three_bpdus(void **state)
{
	(void)state;
	struct net *n = net_new();
	net_add(n, 4096, NULL);
	net_add(n, 8192, NULL);
	net_join(n, 0, 1, 1, 1);
	net_run(n, MS(1));
	assert_int_equal(n->b[0].role[1], RSTP_DESIGNATED);
	assert_int_equal(n->b[1].role[1], RSTP_ROOT);
	assert_true(net_forwards(n, 0, 1) && net_forwards(n, 1, 1));
	net_free(n);
}

static void rings_settle_and_survive_any_cut(void **state)
{
	(void)state;
	for (int size = 3; size <= 20; size++) {
		for (int cut = 0; cut < size; cut++) {
			struct net *n = ring(size);
			assert_int_equal(net_run(n, SEC(10)), 0);
			assert_tree(n);
			net_link_up(n, cut, 1, false);
			assert_int_equal(net_run(n, SEC(10) + MS(50)), 0);
			assert_tree(n); /* within 50 ms */
			net_link_up(n, cut, 1, true);
			assert_int_equal(net_run(n, SEC(20)), 0);
			assert_tree(n);
			net_free(n);
		}
	}
}

static void a_silent_failure_is_healed_within_three_hellos(void **state)
{
	(void)state;
	struct net *n = ring(5);
	net_run(n, SEC(10));
	n->peer[0][1].deaf = n->peer[1][2].deaf = true; /* both ways, links stay up */
	net_run(n, SEC(10) + SEC(6) + MS(500));
	assert_int_equal(n->b[1].role[2], RSTP_DESIGNATED); /* no longer its root port */
	n->peer[0][1].up = false;                           /* not a link any more, for the count */
	assert_tree(n);
	net_free(n);
}

static void the_root_dies_and_the_next_best_takes_over(void **state)
{
	(void)state;
	struct net *n = ring(6);
	net_run(n, SEC(10));
	net_link_up(n, 0, 1, false);
	net_link_up(n, 0, 2, false);
	net_run(n, SEC(11));
	int parts;
	assert_int_equal(net_loops(n, &parts), 0);
	assert_int_equal(parts, 2); /* the dead one, and all the others */
	struct rstp_view v;
	for (int i = 1; i < 6; i++) {
		rstp_view(n->b[i].r, &v);
		assert_int_equal(v.root.root & 0xff, 2);
	}
	net_free(n);
}

/* Counting to infinity: by the standard it takes seconds in each of these. */
static void news_of_a_dead_root_dies_soon(void **state)
{
	(void)state;
	static const struct {
		enum shape shape;
		int size;
	} cases[] = {
		{ RING, 8 }, { RING, 19 }, { GRID, 4 }, { GRID, 6 }, { MESH, 5 }, { MESH, 8 }
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct plan_net p;
		plan_build(&p, cases[i].shape, cases[i].size, 1);
		net_run(p.n, SEC(20));
		plan_kill(&p, 0);
		p.n->split = (struct net_spell){ 0 };
		assert_int_equal(net_run(p.n, SEC(60)), 0);
		assert_true(p.n->split.longest <= MS(50));
		net_free(p.n);
	}
}

static void a_full_mesh_of_eight_keeps_seven_links(void **state)
{
	(void)state;
	struct net *n = net_new();
	unsigned used[8] = { 0 };
	for (int i = 0; i < 8; i++)
		net_add(n, 32768, NULL);
	for (int i = 0; i < 8; i++)
		for (int j = i + 1; j < 8; j++)
			net_join(n, i, ++used[i], j, ++used[j]);
	assert_int_equal(net_run(n, SEC(10)), 0);
	assert_tree(n);
	net_link_up(n, 0, 3, false);
	assert_int_equal(net_run(n, SEC(20)), 0);
	assert_tree(n);
	net_free(n);
}

/* A fixed sample of what the soak does a thousand times. */
static void random_networks_heal_whatever_befalls_them(void **state)
{
	(void)state;
	for (enum plan_kind kind = 0; kind < PLAN_KINDS; kind++)
		for (uint64_t seed = 1; seed <= 48; seed++) {
			struct plan_net p;
			enum shape shape = (enum shape)(seed % SHAPES);
			plan_build(&p, shape, 3 + (int)(seed / SHAPES % (shape == RANDOM ? 12 : 3)),
				   seed);
			struct plan_figures f = plan_run(&p, 20, SEC(4), kind);
			assert_int_equal(f.loops_at_end, 0);
			assert_int_equal(f.parts, 1);
			assert_true(f.loop_longest <= (kind == PLAN_NOTICED ? 0 : SEC(4)));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_bridges_agree_in_the_time_of_three_bpdus),
		cmocka_unit_test(rings_settle_and_survive_any_cut),
		cmocka_unit_test(a_silent_failure_is_healed_within_three_hellos),
		cmocka_unit_test(the_root_dies_and_the_next_best_takes_over),
		cmocka_unit_test(news_of_a_dead_root_dies_soon),
		cmocka_unit_test(a_full_mesh_of_eight_keeps_seven_links),
		cmocka_unit_test(random_networks_heal_whatever_befalls_them),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
