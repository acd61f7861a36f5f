/* SPDX-License-Identifier: MIT */
/* test_rstp_beyond.c - where this spanning tree is stricter than the standard, and why: agreements
 * that stale news of a dead root could turn into loops, changes that nobody would be told of, and
 * the hold count that counting to infinity would use up. Each test says what the standard does. */
#include <stdio.h>

#include "tests/unit/bridge/rstp_one.h"
#include "tests/unit/bridge/rstp_plan.h"

static struct bpdu agreement(uint64_t root, uint32_t cost)
{
	struct bpdu a = rst(root, cost, WORSE(2), 0x8001);
	a.role = BPDU_ROLE_ROOT;
	a.agreement = true;
	return a;
}

/* Standard: the agreement stands, port 2 goes on forwarding. */
static void a_neighbour_that_agreed_on_another_root_is_asked_again(void **state)
{
	(void)state;
	settled();
	rest();
	struct bpdu b = rst(PEER(0), 60000, PEER(1), 0x8001); /* a better root by the same way */
	b.proposal = true;
	hear(1, &b);
	assert_int_equal(t.state[2], RSTP_DISCARDING);
	assert_true(decoded(sent_on(2, -1)).proposal);
	struct bpdu a = agreement(PEER(0), 100000);
	hear(2, &a);
	assert_int_equal(t.state[2], RSTP_FORWARDING);
	assert_int_equal(t.state_at[2], t.now);
}

/* A way that got shorter is news of the same root: nothing moves. */
static void a_shorter_way_to_the_same_root_needs_no_new_agreement(void **state)
{
	(void)state;
	begin(2, NULL);
	struct bpdu b = rst(PEER(1), 500, PEER(3), 0x8001);
	b.proposal = true;
	hear(1, &b);
	struct bpdu a = agreement(PEER(1), 40500);
	hear(2, &a);
	assert_int_equal(t.state[2], RSTP_FORWARDING);
	rest();
	b.v.cost = 100;
	hear(1, &b);
	assert_int_equal(t.state[2], RSTP_FORWARDING);
	assert_false(decoded(sent_on(2, -1)).proposal);
	assert_true(decoded(sent_on(1, -1)).agreement);
}

/* Standard: port 1 agrees at once, since it had agreed on the other root. */
static void what_was_agreed_on_one_root_is_not_agreed_on_the_next(void **state)
{
	(void)state;
	struct bpdu b = settled();
	rest();
	rstp_port_link(t.r, 2, false, false, 0, t.now);
	rstp_port_link(t.r, 2, true, false, 0, t.now); /* opens by time only: nobody answers */
	for (int i = 0; i < 20; i++) {
		struct bpdu w = rst(WORSE(3), 0, WORSE(3), 0x8001);
		hear(1, &b);
		hear(2, &w);
		run_for(SEC(2));
	}
	assert_int_equal(t.state[2], RSTP_FORWARDING);
	forget();
	b = rst(PEER(0), 60000, PEER(1), 0x8001);
	b.proposal = true;
	hear(1, &b);
	assert_int_equal(t.state[2], RSTP_DISCARDING);
	assert_true(decoded(sent_on(1, -1)).agreement);
}

/* Standard: the Root port goes on saying what it said when it was closed. */
static void an_alternate_that_opens_does_not_agree_for_ports_out_of_sync(void **state)
{
	(void)state;
	begin(3, NULL);
	struct bpdu b = rst(PEER(1), 0, PEER(1), 0x8001), c = rst(PEER(1), 100, PEER(2), 0x8001);
	b.proposal = c.proposal = true;
	hear(1, &b);
	hear(2, &c);
	struct bpdu a = agreement(PEER(1), 40000);
	hear(3, &a);
	assert_int_equal(t.state[3], RSTP_FORWARDING);
	assert_true(decoded(sent_on(2, -1)).agreement);
	rest();
	rstp_port_link(t.r, 1, false, false, 0, t.now); /* port 3 has worse to tell now */
	assert_int_equal(view(2).role, RSTP_ROOT);
	assert_int_equal(t.state[2], RSTP_FORWARDING);
	assert_int_equal(t.state[3], RSTP_FORWARDING);
	assert_false(decoded(sent_on(2, -1)).agreement);
	a.v.cost = 40100;
	hear(3, &a);
	run_for(MS(10));
	assert_true(decoded(sent_on(2, -1)).agreement);
}

/* Until the changes of the start have been told. */
static struct bpdu long_settled(void)
{
	struct bpdu b = settled();
	for (int i = 0; i < 5; i++) {
		run_for(SEC(1));
		hear(1, &b);
	}
	forget();
	return b;
}

/* Standard: while a change is being told, the next one waits for a hello. */
static void a_change_soon_after_another_is_told_at_once(void **state)
{
	(void)state;
	struct bpdu b = long_settled();
	b.tc = true;
	hear(1, &b);
	assert_int_equal(count_on(2), 1);
	run_for(MS(100));
	forget();
	hear(1, &b);
	assert_int_equal(count_on(2), 1);
	assert_true(decoded(sent_on(2, 0)).tc);
}

/* Standard: telling may end before the next hello, and nobody hears of the last change. */
static void a_change_is_told_even_when_the_hold_count_is_short(void **state)
{
	(void)state;
	struct bpdu b = long_settled(), quiet = b;
	b.tc = true;
	for (int i = 0; i < 29; i++) { /* a change each 100 ms: the count is short all the time */
		hear(1, &b);
		run_for(MS(100));
	}
	hear(1, &b);
	run_for(MS(50));
	forget();
	hear(1, &b);
	assert_int_equal(count_on(2), 0);
	int64_t last = t.now;
	for (int i = 0; i < 30 && count_on(2) == 0; i++) {
		run_for(MS(100));
		hear(1, &quiet);
	}
	assert_true(decoded(sent_on(2, 0)).tc);
	assert_true(t.now - last <= SEC(3));
}

/* Standard: six BPDUs at once, and the last word a second later. */
static void news_in_quick_succession_is_said_as_one(void **state)
{
	(void)state;
	struct bpdu b = settled();
	rest();
	for (int i = 1; i <= 20; i++) {
		b.v.cost = (uint32_t)i * 1000;
		hear(1, &b);
		run_for(MS(1) / 10);
	}
	run_for(MS(10));
	assert_true(count_on(2) < 6);
	assert_int_equal(decoded(sent_on(2, -1)).v.cost, 40000);
}

/* Port 1 is Root, port 2 Alternate with news of the same root. */
static struct bpdu with_an_alternate(void)
{
	begin(2, NULL);
	struct bpdu b = rst(PEER(1), 0, PEER(1), 0x8001), c = rst(PEER(1), 100, PEER(2), 0x8001);
	b.proposal = c.proposal = true;
	hear(1, &b);
	hear(2, &c);
	assert_int_equal(view(2).role, RSTP_ALTERNATE);
	rest();
	return b;
}

/* Standard: it is said at once; if the root is dead, that sends news of it round in circles. */
static void a_claim_by_old_news_waits(void **state)
{
	(void)state;
	struct bpdu b = with_an_alternate();
	b.v.root = PEER(9); /* the other is gone, says the Root port's neighbour */
	hear(1, &b);
	assert_int_equal(view(1).role, RSTP_DESIGNATED);
	assert_int_equal(view(2).role, RSTP_ROOT);
	run_for(MS(10) - 1);
	assert_int_equal(count_on(1), 0);
	run_for(1);
	assert_true(decoded(sent_on(1, 0)).proposal);
	assert_true(decoded(sent_on(1, 0)).v.root == PEER(1));
}

static void old_news_that_is_corrected_in_time_is_never_told(void **state)
{
	(void)state;
	struct bpdu b = with_an_alternate(), c = rst(PEER(9), 100, PEER(2), 0x8001);
	b.v.root = PEER(9);
	hear(1, &b);
	run_for(MS(5));
	hear(2, &c);
	run_for(SEC(1));
	for (unsigned i = 0; i < t.count; i++) {
		struct bpdu said = decoded(&t.sent[i]);
		assert_true(said.v.root == PEER(9) || t.sent[i].port == 2);
	}
	hear(1, &b); /* the answer to what was said there instead */
	assert_int_equal(view(1).role, RSTP_ROOT);
}

static void a_claim_by_news_that_just_came_does_not_wait(void **state)
{
	(void)state;
	settled();
	rest();
	struct bpdu better = rst(PEER(0), 0, PEER(0), 0x8001);
	better.proposal = true;
	hear(2, &better);
	assert_int_equal(view(2).role, RSTP_ROOT);
	assert_int_equal(view(1).role, RSTP_DESIGNATED);
	assert_true(decoded(sent_on(1, 0)).v.root == PEER(0));
}

/* Standard: who proposes with worse news hears the better at the next hello. */
static void a_proposal_by_worse_news_is_answered_at_once(void **state)
{
	(void)state;
	settled();
	rest();
	struct bpdu worse = rst(WORSE(2), 0, WORSE(2), 0x8001);
	hear(2, &worse);
	assert_int_equal(count_on(2), 0);
	worse.proposal = true;
	hear(2, &worse);
	assert_true(decoded(sent_on(2, 0)).v.root == PEER(1));
}

/* Standard: one hello of waiting, so a single lost BPDU of the neighbour opens the port. (So does
 * edge detection, after three seconds of silence, where it is on.) */
static void a_dispute_outlives_lost_hellos(void **state)
{
	(void)state;
	begin(1, NULL);
	struct rstp_port_config c;
	rstp_port_config_default(&c);
	c.auto_edge = false;
	rstp_port_apply(t.r, 1, &c, t.now);
	struct bpdu b = rst(WORSE(3), 0, WORSE(3), 0x8001); /* it does not hear us, and learns */
	b.learning = true;
	hear(1, &b);
	for (int i = 0; i < 10; i++) {
		run_for(SEC(6) - 1); /* two of three get lost */
		assert_int_equal(t.state[1], RSTP_DISCARDING);
		hear(1, &b);
	}
	run_for(SEC(6));
	assert_int_equal(t.state[1], RSTP_LEARNING);
}

/* Networks in which the rules of the standard make loops of up to four seconds; the seeds are of
 * plans in which a root dies while news of it goes round. */
static void news_of_a_dead_root_closes_no_loop(void **state)
{
	(void)state;
	static const struct {
		enum shape shape;
		int size;
		uint64_t seed;
	} cases[] = {
		{ RANDOM, 3, 343 }, { GRID, 3, 45 },    { RANDOM, 7, 207 },  { RANDOM, 3, 643 },
		{ MESH, 4, 862 },   { RANDOM, 7, 647 }, { RANDOM, 11, 171 },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct plan_net p;
		plan_build(&p, cases[i].shape, cases[i].size, cases[i].seed);
		struct plan_figures f = plan_run(&p, 40, SEC(4), PLAN_NOTICED);
		assert_int_equal(f.loop, 0);
		assert_int_equal(f.parts, 1);
	}
}

int main(void)
{
#define T(name) cmocka_unit_test_teardown(name, teardown)
	const struct CMUnitTest tests[] = {
		T(a_neighbour_that_agreed_on_another_root_is_asked_again),
		T(a_shorter_way_to_the_same_root_needs_no_new_agreement),
		T(what_was_agreed_on_one_root_is_not_agreed_on_the_next),
		T(an_alternate_that_opens_does_not_agree_for_ports_out_of_sync),
		T(a_change_soon_after_another_is_told_at_once),
		T(a_change_is_told_even_when_the_hold_count_is_short),
		T(news_in_quick_succession_is_said_as_one),
		T(a_claim_by_old_news_waits),
		T(old_news_that_is_corrected_in_time_is_never_told),
		T(a_claim_by_news_that_just_came_does_not_wait),
		T(a_proposal_by_worse_news_is_answered_at_once),
		T(a_dispute_outlives_lost_hellos),
		cmocka_unit_test(news_of_a_dead_root_closes_no_loop),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
