/* SPDX-License-Identifier: MIT */
/* test_rstp_arcs.c - every arc of every state machine is taken by some scenario of this file, and
 * every scenario takes the arcs that it is about. The tables themselves say which arcs there are.
 */
#include "tests/unit/bridge/rstp_one.h"

#include "lib/base/stream.h"
#include "switch/core/rstp_inner.h"

static const struct rstp_machine *const machines[] = { &rstp_prx, &rstp_ppm, &rstp_bdm, &rstp_pim,
						       &rstp_prt, &rstp_pst, &rstp_tcm, &rstp_ptx };
enum { MACHINES = sizeof machines / sizeof *machines, ARCS_MAX = 64, STEPS_MAX = 8192 };

static struct {
	unsigned long taken[MACHINES][ARCS_MAX];
	const char *first_by[MACHINES][ARCS_MAX];
	const char *scenario;
	struct rstp_move step[STEPS_MAX]; /* of this scenario */
	unsigned steps;
} cover;

static void moved(void *ctx, const struct rstp_move *m)
{
	(void)ctx;
	for (unsigned i = 0; i < MACHINES; i++) {
		if (strcmp(machines[i]->name, m->machine) != 0)
			continue;
		assert_true(m->arc < ARCS_MAX);
		if (!cover.taken[i][m->arc]++)
			cover.first_by[i][m->arc] = cover.scenario;
	}
	if (cover.steps < STEPS_MAX) /* what comes later is counted, not kept */
		cover.step[cover.steps++] = *m;
}

static void expect_step(
	const char *text) /* "PRT ROOT_PORT 1": entered on port 1 by this scenario */
{
	for (unsigned i = 0; i < cover.steps; i++) {
		const struct rstp_move *m = &cover.step[i];
		char step[64];
		snprintf(step, sizeof step, "%s %s %u", m->machine, m->to, m->port);
		if (!strcmp(step, text))
			return;
	}
	fail_msg("%s never entered %s", cover.scenario, text);
}

/* ---- scenarios ---- */
static struct bpdu from_root(unsigned port)
{
	struct bpdu b = rst(PEER(1), 0, PEER(1), (uint16_t)(0x8000 | port));
	b.proposal = true;
	return b;
}

static void proposal_and_agreement(void)
{
	settled();
	expect_step("PIM SUPERIOR_DESIGNATED 1");
	expect_step("PRT ROOT_PROPOSED 1");
	expect_step("PRT ROOT_AGREED 1");
	expect_step("PIM NOT_DESIGNATED 2");
	expect_step("TCM DETECTED 2");
}

static void proposal_again_after_agreement(void)
{
	settled();
	struct bpdu b = from_root(1);
	hear(1, &b); /* repeated, still proposing: the answer got lost */
	expect_step("PIM REPEATED_DESIGNATED 1");
	expect_step("PRT ROOT_AGREED 1");
}

static void silence_ages_information(void)
{
	settled();
	run_for(SEC(10));
	expect_step("PIM AGED 1");
	expect_step("PRT DESIGNATED_PORT 1");
}

static void an_edge_and_its_end(void)
{
	begin(1, NULL);
	run_for(SEC(4));
	expect_step("BDM EDGE 1");
	expect_step("PRT DESIGNATED_FORWARD 1");
	struct bpdu b = rst(WORSE(3), 0, WORSE(3), 0x8001);
	hear(1, &b);
	expect_step("BDM NOT_EDGE 1");
	expect_step("PIM INFERIOR_DESIGNATED 1");
}

static void a_link_goes_and_comes(void)
{
	settled();
	rstp_port_link(t.r, 1, false, false, 0, t.now);
	expect_step("PRX DISCARD 1");
	expect_step("PIM DISABLED 1");
	expect_step("PRT DISABLED_PORT 1");
	expect_step("TCM INACTIVE 1");
	rstp_port_link(t.r, 1, true, false, 0, t.now);
	expect_step("PPM CHECKING_RSTP 1");
	run_for(SEC(30));
}

static void a_neighbour_that_speaks_stp(void)
{
	begin(2, NULL);
	struct bpdu b = from_root(1);
	b.type = BPDU_CONFIG;
	run_for(SEC(4));
	for (unsigned i = 0; i < 30; i++) {
		hear(1, &b);
		run_for(SEC(2));
	}
	expect_step("PPM SELECTING_STP 1");
	expect_step("PTX TRANSMIT_TCN 1");
	b.tc_ack = true;
	hear(1, &b);
	expect_step("TCM ACKNOWLEDGED 1");
}

static void a_notice_of_change_from_a_bridge_below_that_speaks_stp(void)
{
	struct bpdu tcn = { .type = BPDU_TCN };
	settled();
	run_for(SEC(4));
	hear(2, &tcn);
	expect_step("TCM NOTIFIED_TCN 2");
	expect_step("PPM SELECTING_STP 2");
	run_for(SEC(2));
	expect_step("PTX TRANSMIT_CONFIG 2");
}

static void stp_is_left_by_mcheck_by_rst_and_by_link_loss(void)
{
	struct bpdu b = from_root(1);
	for (unsigned how = 0; how < 3; how++) {
		b.type = BPDU_CONFIG;
		begin(1, NULL);
		run_for(SEC(4));
		hear(1, &b);
		if (how == 0)
			rstp_mcheck(t.r, 1, t.now);
		else if (how == 1)
			rstp_port_link(t.r, 1, false, false, 0, t.now);
		else
			b.type = BPDU_RST;
		run_for(SEC(4));
		hear(1, &b);
		run_for(SEC(4));
		teardown(NULL);
	}
	expect_step("PPM SENSING 1");
	begin(0, NULL);
}

static void a_topology_change_comes_by_and_is_told_on(void)
{
	struct bpdu b = settled();
	run_for(SEC(1));
	b.tc = true;
	hear(1, &b);
	expect_step("TCM NOTIFIED_TC 1");
	expect_step("TCM PROPAGATING 2");
}

static void a_second_way_to_the_root(void)
{
	struct bpdu b = settled();
	struct bpdu other = from_root(2);
	hear(2, &other); /* worse by its port number: Alternate */
	expect_step("PRT BLOCK_PORT 2");
	expect_step("PRT ALTERNATE_PORT 2");
	expect_step("PRT ALTERNATE_PROPOSED 2");
	expect_step("PRT ALTERNATE_AGREED 2");
	hear(2, &other);
	rstp_port_link(t.r, 1, false, false, 0, t.now);
	expect_step("PRT REROOT 2");
	expect_step("PRT REROOTED 2");
	rstp_port_link(t.r, 1, true, false, 0, t.now);
	hear(1, &b);
	run_for(SEC(5));
}

static void the_root_port_moves_and_the_old_one_is_closed_for_the_new(void)
{
	settled();
	struct bpdu better = rst(PEER(0), 0, PEER(0), 0x8001);
	better.proposal = true;
	hear(2, &better);
	expect_step("PRT ROOT_PORT 2");
	expect_step("PRT DESIGNATED_PORT 1");
	expect_step("PRT DESIGNATED_DISCARD 1");
	expect_step("PRT ROOT_AGREED 2");
}

static void the_root_tells_another_forward_delay(void)
{
	struct bpdu b = settled();
	unsigned before = cover.steps;
	b.times.fwd_delay = 10 * 256;
	hear(1, &b);
	bool again = false; /* rrWhile is held at the new one */
	for (unsigned i = before; i < cover.steps; i++)
		again |= !strcmp(cover.step[i].from, "ROOT_PORT") &&
			 !strcmp(cover.step[i].to, "ROOT_PORT");
	assert_true(again);
}

static void a_root_port_of_stp_opens_by_time(void)
{
	struct rstp_config c;
	rstp_config_default(&c);
	c.version = 0;
	begin(2, &c);
	struct bpdu b = from_root(1);
	b.type = BPDU_CONFIG;
	for (unsigned i = 0; i < 30; i++) {
		hear(1, &b);
		run_for(SEC(2));
	}
	expect_step("PRT ROOT_LEARN 1");
	expect_step("PRT ROOT_FORWARD 1");
	expect_step("PRT DESIGNATED_LEARN 2");
}

static void a_backup_of_its_own(void)
{
	begin(2, NULL);
	struct bpdu b = rst(OWN, 0, OWN, 0x8001);
	for (unsigned i = 0; i < 4; i++) {
		hear(2, &b);
		run_for(SEC(2));
	}
	expect_step("PRT BACKUP_PORT 2");
	run_for(SEC(20)); /* and it is heard no more */
}

static void a_dispute(void)
{
	settled();
	struct bpdu b = rst(WORSE(2), 0, WORSE(2), 0x8001);
	b.learning = true;
	hear(2, &b);
	expect_step("PIM INFERIOR_DESIGNATED 2");
	expect_step("PRT DESIGNATED_DISCARD 2");
}

static void closed_but_still_of_the_tree(void)
{
	settled();
	struct bpdu b = rst(WORSE(2), 0, WORSE(2), 0x8001), tcn = { .type = BPDU_TCN };
	b.learning = true;
	hear(2, &b);
	expect_step("TCM CLOSED 2");
	hear(2, &tcn);
	expect_step("TCM NOTIFIED_TCN 2");
	struct bpdu better = rst(PEER(0), 0, PEER(0), 0x8001);
	better.type = BPDU_CONFIG;
	better.tc_ack = true;
	hear(2, &better);
	expect_step("TCM ACKNOWLEDGED 2");
}

static void an_answer_that_claims_more_than_it_may(void)
{
	settled();
	struct bpdu b = rst(PEER(0), 0, WORSE(2), 0x8001);
	b.role = BPDU_ROLE_ROOT;
	hear(2, &b);
	expect_step("PIM OTHER 2");
}

static void closed_while_it_learns(void)
{
	begin(2, NULL);
	struct bpdu b = rst(WORSE(2), 0, WORSE(2), 0x8001);
	for (unsigned i = 0; i < 11; i++) { /* 20 s, then Learning for 2 */
		hear(2, &b);
		run_for(i < 10 ? SEC(2) : SEC(1));
	}
	expect_step("PRT DESIGNATED_LEARN 2");
	assert_int_equal(view(2).state, RSTP_LEARNING);
	b.learning = true;
	hear(2, &b);
	assert_int_equal(view(2).state, RSTP_DISCARDING);
}

static void a_role_goes_while_changes_are_told(void)
{
	struct bpdu b = settled();
	b.tc = true;
	hear(1, &b);
	struct bpdu other = from_root(2);
	other.tc = true;
	hear(2, &other);
	expect_step("TCM LEARNING 2");
	hear(2, &other); /* heard while blocked */
}

static void a_network_under_faults(void)
{
	struct net *n = net_new();
	struct stream s = stream_of(1, "rstp-arcs");
	unsigned used[6] = { 0 };
	for (int i = 0; i < 6; i++)
		net_add(n, 32768, NULL);
	for (int i = 0; i < 6; i++)
		for (int j = i + 1; j < 6; j++)
			net_join(n, i, ++used[i], j, ++used[j]);
	for (uint64_t k = 0; k < 200; k++) {
		net_run(n, n->now + (int64_t)draw_below(s, k, 0, 3000000000u));
		int a = (int)draw_below(s, k, 1, 6);
		unsigned p = 1 + (unsigned)draw_below(s, k, 2, 5);
		net_link_up(n, a, p, !n->peer[a][p].up);
	}
	net_free(n);
}

/* ---- one test a scenario, and the sum of them ---- */
static void run(const char *name, void (*scenario)(void))
{
	cover.scenario = name;
	cover.steps = 0;
	host.moved = net_host.moved = moved;
	scenario();
	teardown(NULL);
	host.moved = net_host.moved = NULL;
}

/* clang-format off: a list, one a line */
#define SCENARIOS(X)                                                                               \
	X(proposal_and_agreement)                                                                  \
	X(proposal_again_after_agreement)                                                          \
	X(silence_ages_information)                                                                \
	X(an_edge_and_its_end)                                                                     \
	X(a_link_goes_and_comes)                                                                   \
	X(a_neighbour_that_speaks_stp)                                                             \
	X(a_notice_of_change_from_a_bridge_below_that_speaks_stp)                                  \
	X(stp_is_left_by_mcheck_by_rst_and_by_link_loss)                                           \
	X(a_topology_change_comes_by_and_is_told_on)                                               \
	X(a_second_way_to_the_root)                                                                \
	X(the_root_port_moves_and_the_old_one_is_closed_for_the_new)                               \
	X(the_root_tells_another_forward_delay)                                                    \
	X(a_root_port_of_stp_opens_by_time)                                                        \
	X(a_backup_of_its_own)                                                                     \
	X(a_dispute)                                                                               \
	X(closed_but_still_of_the_tree)                                                            \
	X(an_answer_that_claims_more_than_it_may)                                                  \
	X(closed_while_it_learns) X(a_role_goes_while_changes_are_told) X(a_network_under_faults)
/* clang-format on */

#define AS_TEST(name)                                                                              \
	static void test_##name(void **state)                                                      \
	{                                                                                          \
		(void)state;                                                                       \
		run(#name, name);                                                                  \
	}
SCENARIOS(AS_TEST)

static void every_arc_was_taken(void **state)
{
	(void)state;
	unsigned arcs = 0, missing = 0;
	for (unsigned i = 0; i < MACHINES; i++) {
		const struct rstp_machine *m = machines[i];
		for (unsigned a = 0; m->arcs[a].when; a++, arcs++) {
			const struct rstp_arc *arc = &m->arcs[a];
			const char *from = arc->from == ANY ? "any" : m->box[arc->from].name;
			const char *by = cover.first_by[i][a];
			printf("# %s %2u: %s -> %s: %s\n", m->name, a, from, m->box[arc->to].name,
			       by ? by : "NEVER TAKEN");
			missing += !by;
		}
	}
	printf("# %u arcs, %u never taken\n", arcs, missing);
	assert_int_equal(missing, 0);
}

#define IN_LIST(name) { #name, test_##name, NULL, NULL, NULL },

int main(void)
{
	const struct CMUnitTest tests[] = { SCENARIOS(IN_LIST)
						    cmocka_unit_test(every_arc_was_taken) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
