/* SPDX-License-Identifier: MIT */
/* test_tap.c - who watches a wire is told once of each frame and each duplicate, at the end of its
 * way: how it fared, when it came and what was done to it. */
#include "tests/unit/wire/rig.h"

static void expect(const struct rig *g, unsigned i, enum drop_reason why, uint32_t id,
		   int64_t in_ns, int64_t at)
{
	assert_true(i < g->tells);
	assert_int_equal(g->told[i].t.why, why);
	assert_int_equal(g->told[i].id, id);
	assert_int_equal(g->told[i].t.in_ns, in_ns);
	assert_int_equal(g->told[i].at, at);
}

static void a_frame_that_passes_is_told_of_when_it_leaves(void **state)
{
	(void)state;
	struct rig g;
	rig_begin(&g);
	rig_watch(&g);
	rig_send(&g, WIRE_AB, 1, 60); /* straight through */
	expect(&g, 0, DROP_REASONS, 0, 0, 0);
	rig_keys(&g, "delay", "5ms", NULL);
	rig_send(&g, WIRE_BA, 1, 100);
	assert_int_equal(g.tells, 1);
	rig_run(&g, MS(10));
	assert_int_equal(g.tells, 2);
	expect(&g, 1, DROP_REASONS, 0, 0, MS(5));
	assert_int_equal(g.told[1].t.dir, WIRE_BA);
	assert_int_equal(pieces_len(&g.told[1].t.frame), 100);
	wire_want_tap(g.w, false);
	rig_send(&g, WIRE_AB, 1, 60);
	rig_run(&g, MS(20));
	assert_int_equal(g.tells, 2);
	rig_end(&g);
}

static void each_way_to_lose_a_frame_is_told_with_its_reason(void **state)
{
	(void)state;
	struct rig g;
	rig_begin(&g);
	rig_watch(&g);
	struct frame runt = { .data = (const uint8_t *)"abc", .len = 3 };
	wire_rx(g.w, WIRE_AB, &runt, 1, g.now);
	expect(&g, 0, DROP_RUNT, 0, 0, 0);
	rig_keys(&g, "loss-pattern", "1", NULL);
	rig_send(&g, WIRE_AB, 1, 60);
	expect(&g, 1, DROP_LOSS, 0, 0, 0);
	rig_keys(&g, "loss-pattern", "0", "mtu", "100B", NULL);
	rig_send(&g, WIRE_AB, 1, 101);
	expect(&g, 2, DROP_MTU, 1, 0, 0);
	rig_keys(&g, "rate", "1kbit", "limit", "1p", NULL);
	rig_send(&g, WIRE_AB, 3, 100);
	expect(&g, 3, DROP_QUEUE_LIMIT, 4, 0, 0); /* one on the line, one waits */
	g.now = MS(1);
	wire_cut(g.w, true, g.now);
	assert_int_equal(g.tells, 6);
	expect(&g, 5, DROP_CUT, g.told[5].id, 0, MS(1));
	wire_mend(g.w, g.now);
	rig_keys(&g, "rate", "1Gbit", NULL);
	wire_link(g.w, 1, false, g.now);
	rig_send(&g, WIRE_AB, 1, 60);
	rig_run(&g, SEC(9));
	assert_int_equal(g.tells, 7);
	assert_int_equal(g.told[6].t.why, DROP_PEER);
	rig_conserves(&g);
	rig_end(&g);
}

static void duplicates_corruption_and_overtaking_are_told(void **state)
{
	(void)state;
	struct rig g;
	rig_begin(&g);
	rig_watch(&g);
	rig_keys(&g, "dup", "100%", NULL);
	rig_send(&g, WIRE_AB, 1, 60);
	rig_run(&g, MS(1));
	assert_int_equal(g.tells, 2);
	assert_int_equal(g.told[0].t.copy, 0);
	assert_int_equal(g.told[1].t.copy, 1);
	rig_keys(&g, "dup", "0%", "ber", "100%", NULL);
	rig_send(&g, WIRE_AB, 1, 60);
	rig_run(&g, MS(2));
	assert_int_equal(g.tells, 3);
	assert_true(g.told[2].t.corrupted);
	assert_false(g.told[0].t.corrupted);
	rig_keys(&g, "ber", "0%", "delay", "5ms", "reorder", "100%", "gap", "2", NULL);
	rig_send(&g, WIRE_AB, 2, 60);
	rig_run(&g, MS(20));
	assert_int_equal(g.tells, 5);
	assert_true(g.told[3].t.overtook);
	assert_false(g.told[4].t.overtook);
	rig_end(&g);
}

/* Under every impairment at once: as many as were delivered, lost for each reason, and made. */
static void told_and_counted_agree(void **state)
{
	(void)state;
	struct rig g;
	uint64_t fate[DROP_REASONS + 1] = { 0 }, copies = 0, corrupted = 0;
	struct wire_stats s;
	rig_begin(&g);
	rig_watch(&g);
	rig_keys(&g, "delay", "3ms", "jitter", "1ms", "loss", "10%", "dup", "10%", "corrupt", "10%",
		 "rate", "3Mbit", "limit", "20p", "mtu", "400B", "reorder", "5%", NULL);
	for (unsigned i = 0; i < 10000; i++) {
		rig_send(&g, WIRE_AB, 1, 60 + i * 7 % 400);
		rig_run(&g, g.now + NS_PER_MS / 3);
	}
	rig_run(&g, g.now + SEC(1));
	wire_stats(g.w, WIRE_AB, &s);
	for (unsigned i = 0; i < g.tells; i++) {
		fate[g.told[i].t.why]++;
		copies += g.told[i].t.copy > 0;
		corrupted += g.told[i].t.corrupted;
	}
	assert_int_equal(fate[DROP_REASONS], s.tx_frames);
	for (unsigned i = 0; i < DROP_REASONS; i++)
		assert_int_equal(fate[i], s.drops[i]);
	assert_int_equal(copies, s.duplicates);
	assert_int_equal(corrupted, s.corrupted);
	assert_true(fate[DROP_LOSS] > 500 && fate[DROP_MTU] > 500 && fate[DROP_QUEUE_LIMIT] > 0);
	rig_end(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_frame_that_passes_is_told_of_when_it_leaves),
		cmocka_unit_test(each_way_to_lose_a_frame_is_told_with_its_reason),
		cmocka_unit_test(duplicates_corruption_and_overtaking_are_told),
		cmocka_unit_test(told_and_counted_agree),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
