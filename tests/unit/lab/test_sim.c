/* SPDX-License-Identifier: MIT */
/* test_sim.c - the world in virtual time: exact times, one order of events, fingerprints that are
 * the same for the same lab and seed, and what ends a run. */
#include <errno.h>

#include "tests/unit/lab/lab.h"

struct lab {
	struct plan plan;
	struct world_setup setup;
	struct world *w;
	volatile sig_atomic_t stop;
	char log[256]; /* what timers and calls write */
};

/* a - s1 == s2 - b */
enum { S1, S2, A, B };

static struct lab *lab_of(const char *key)
{
	struct lab *l = calloc(1, sizeof *l);
	plan_init(&l->plan, "test");
	add_node(&l->plan, NODE_SWITCH, "s1");
	add_node(&l->plan, NODE_SWITCH, "s2");
	add_cable(&l->plan, S1, S2, key);
	add_station(&l->plan, "a", S1);
	add_station(&l->plan, "b", S2);
	l->plan.frozen = true;
	l->setup = (struct world_setup){ .plan = &l->plan, .seed = 1, .stop = &l->stop };
	return l;
}

static void up(struct lab *l)
{
	struct err e = { "" };
	if (world_sim.open(&l->w, &l->setup, &e) < 0)
		fail_msg("%s", e.text);
}

static void down(struct lab *l)
{
	if (l->w)
		l->w->ops->free(l->w);
	plan_fini(&l->plan);
	free(l);
}

static int64_t now(struct lab *l)
{
	return l->w->ops->now(l->w);
}

static int step(struct lab *l, int64_t until)
{
	struct err e = { "" };
	return l->w->ops->step(l->w, until, &e);
}

static void run_to(struct lab *l, int64_t until)
{
	while (step(l, until) > 0)
		;
}

static struct call *finish(struct lab *l, const struct request *r)
{
	struct call *c = l->w->ops->start(l->w, r);
	while (!c->done && step(l, TIME_NEVER) > 0)
		;
	assert_true(c->done);
	return c;
}

static int cmd(struct lab *l, bool cable, unsigned idx, const char *line)
{
	struct request r = { .verb = VERB_CMD, .who = { cable, idx }, .line = line };
	struct call *c = finish(l, &r);
	int code = c->error;
	l->w->ops->call_end(l->w, c);
	return code;
}

static struct ping_result ping(struct lab *l, unsigned from, unsigned to)
{
	struct request r = { .verb = VERB_PING,
			     .who.index = from,
			     .to = to,
			     .ping = { .count = 1,
				       .within_ns = NS_PER_SEC,
				       .interval_ns = NS_PER_SEC,
				       .size = 56 } };
	struct call *c = finish(l, &r);
	struct ping_result p = c->ping;
	assert_int_equal(c->error, 0);
	l->w->ops->call_end(l->w, c);
	return p;
}

static uint64_t print_of(struct lab *l)
{
	uint64_t fp;
	assert_true(l->w->ops->fingerprint(l->w, &fp));
	return fp;
}

/* ---- time ---- */

static void a_round_trip_is_what_the_arithmetic_says(void **state)
{
	(void)state;
	struct lab *l = lab_of("delay=5ms");
	up(l);
	ping(l, A, B); /* now both know the other's address */
	struct ping_result p = ping(l, A, B);
	/* 98 bytes at 1 Gbit/s are 784 ns, six times; plugs take 1 us four times, the cable 5 ms
	 * twice; 5 ms were set and the rate was not */
	assert_int_equal(p.rtt_min_ns, 2 * 5 * NS_PER_MS + 4 * NS_PER_US + 6 * 784);
	down(l);
}

static void time_is_that_of_the_next_event_or_until(void **state)
{
	(void)state;
	struct lab *l = lab_of(NULL);
	up(l);
	assert_int_equal(now(l), 0);
	run_to(l, 7 * NS_PER_SEC);
	assert_int_equal(now(l), 7 * NS_PER_SEC);
	assert_int_equal(step(l, 7 * NS_PER_SEC), 0);
	assert_int_equal(now(l), 7 * NS_PER_SEC);
	down(l);
}

static void a_lab_that_has_nothing_to_do_is_idle(void **state)
{
	(void)state;
	struct lab *l = lab_of(NULL);
	up(l);
	while (!l->w->ops->idle(l->w)) {
		int64_t before = now(l);
		step(l, TIME_NEVER);
		assert_true(now(l) >= before);
		assert_true(now(l) <
			    3600 * NS_PER_SEC); /* addresses have aged by then, all is still */
	}
	assert_int_equal(step(l, TIME_NEVER), 0);
	down(l);
}

static void bridges_that_only_repeat_themselves_are_idle(void **state)
{
	(void)state;
	struct lab *l = lab_of(NULL);
	words_add(&l->plan.nodes[S1].lines, "rstp/set enabled=yes");
	words_add(&l->plan.nodes[S2].lines, "rstp/set enabled=yes");
	up(l);
	while (!l->w->ops->idle(l->w)) {
		run_to(l, now(l) + 30 * NS_PER_SEC);
		assert_true(now(l) < 300 * NS_PER_SEC);
	}
	assert_true(now(l) > 60 * NS_PER_SEC);
	assert_int_equal(cmd(l, true, 0, "cut"), 0);
	assert_false(l->w->ops->idle(l->w));
	down(l);
}

static void fires_late(void *ctx)
{
	(void)ctx;
}

static void what_is_planned_for_later_is_worth_waiting_for(void **state)
{
	(void)state;
	struct lab *l = lab_of(NULL);
	words_add(&l->plan.nodes[S1].lines, "rstp/set enabled=yes");
	up(l);
	assert_int_equal(l->w->ops->at(l->w, 1000 * NS_PER_SEC, fires_late, l), 0);
	for (int i = 0; i < 33; i++) {
		assert_false(l->w->ops->idle(l->w));
		run_to(l, now(l) + 30 * NS_PER_SEC);
	}
	down(l);
}

/* ---- order ---- */

static void first_timer(void *ctx)
{
	struct lab *l = ctx;
	l->log[strlen(l->log)] = '1';
}

static void second_timer(void *ctx)
{
	struct lab *l = ctx;
	l->log[strlen(l->log)] = '2';
	assert_int_equal(now(l), NS_PER_SEC);
}

static void timers_go_first_and_in_the_order_given(void **state)
{
	(void)state;
	struct lab *l = lab_of(NULL);
	up(l);
	l->w->ops->at(l->w, 2 * NS_PER_SEC, first_timer, l);
	l->w->ops->at(l->w, NS_PER_SEC, second_timer, l);
	l->w->ops->at(l->w, NS_PER_SEC, first_timer, l);
	run_to(l, 3 * NS_PER_SEC);
	assert_string_equal(l->log, "211");
	l->w->ops->at(l->w, 9 * NS_PER_SEC, first_timer, l); /* forgotten with the world */
	down(l);
}

static void cut_now(void *ctx)
{
	struct lab *l = ctx;
	cmd(l, true, 0, "cut");
}

static void a_fault_comes_before_the_frame_of_its_instant(void **state)
{
	(void)state;
	struct lab *l = lab_of("delay=5ms");
	up(l);
	ping(l, A, B);
	/* The echo request enters the cable 1 us and two frame times after it was sent, and would
	 * leave it 5 ms and one frame time later: the cut at that very instant takes it. */
	int64_t leaves = now(l) + NS_PER_US + 784 + 5 * NS_PER_MS + 784;
	l->w->ops->at(l->w, leaves, cut_now, l);
	assert_int_equal(ping(l, A, B).received, 0);
	down(l);
}

/* ---- fingerprints ---- */

static uint64_t print_with(const char *key, uint64_t seed)
{
	struct lab *l = lab_of(key);
	l->setup.seed = seed;
	up(l);
	for (int i = 0; i < 20; i++)
		ping(l, A, B);
	uint64_t fp = print_of(l);
	down(l);
	return fp;
}

static void fingerprints_are_equal_when_and_only_when_the_frames_are(void **state)
{
	(void)state;
	assert_int_equal(print_with("loss=20%", 1), print_with("loss=20%", 1));
	assert_int_not_equal(print_with("loss=20%", 1), print_with("loss=20%", 2));
	assert_int_not_equal(print_with("delay=1ms", 1), print_with("delay=1001us", 1));
}

static void more_frames_are_another_fingerprint(void **state)
{
	(void)state;
	struct lab *l = lab_of("delay=5ms");
	up(l);
	ping(l, A, B);
	ping(l, A, B);
	uint64_t fp = print_of(l);
	down(l);
	l = lab_of("delay=5ms");
	up(l);
	assert_int_not_equal(print_of(l), fp); /* nothing but announcements */
	down(l);
}

/* ---- power ---- */

static int power(struct lab *l, unsigned sw, enum power p)
{
	struct request r = { .verb = VERB_POWER, .who.index = sw, .power = p };
	struct call *c = finish(l, &r);
	int code = c->error;
	l->w->ops->call_end(l->w, c);
	run_to(l, now(l));
	return code;
}

static void a_killed_switch_neither_answers_nor_forwards(void **state)
{
	(void)state;
	struct lab *l = lab_of(NULL);
	up(l);
	assert_int_equal(ping(l, A, B).received, 1);
	assert_int_equal(power(l, S2, POWER_KILL), 0);
	assert_int_equal(cmd(l, false, S2, "port/stats"), -ECONNREFUSED);
	assert_int_equal(ping(l, A, B).received, 0);
	assert_int_equal(power(l, S2, POWER_RESTART), 0);
	assert_int_equal(cmd(l, false, S2, "port/stats"), 0);
	assert_int_equal(ping(l, A, B).received, 1);
	down(l);
}

static void a_generation_never_comes_back_with_a_restart(void **state)
{
	(void)state;
	struct lab *l = lab_of(NULL);
	up(l);
	struct ref s2 = { .index = S2 };
	uint64_t before = l->w->ops->generation(l->w, s2, GEN_STATE);
	power(l, S2, POWER_RESTART);
	assert_true(l->w->ops->generation(l->w, s2, GEN_STATE) > before);
	down(l);
}

/* ---- what ends a run ---- */

static void a_loop_without_time_is_found(void **state)
{
	(void)state;
	struct lab *l = lab_of("delay=0");
	l->plan.frozen = false;
	unsigned second = add_cable(&l->plan, S1, S2, "delay=0");
	l->plan.frozen = true;
	for (unsigned c = 0; c <= second; c++)
		words_add(&l->plan.cables[c].keys, "rate=0bit");
	struct err e = { "" };
	int r = world_sim.open(&l->w, &l->setup, &e);
	while (r == 0 && now(l) < NS_PER_SEC)
		r = l->w->ops->step(l->w, NS_PER_SEC, &e) < 0 ? -ELOOP : 0;
	assert_int_equal(r, -ELOOP);
	assert_non_null(strstr(e.text, "time does not advance at "));
	down(l);
}

static void a_pool_that_is_exhausted_ends_the_run(void **state)
{
	(void)state;
	struct lab *l = lab_of(NULL);
	l->setup.frame_bytes = 1 << 20;
	up(l);
	assert_int_equal(cmd(l, true, 0, "hold"), 0);
	uint8_t frame[60] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 9, 0x88, 0xb5 };
	struct err e = { "" };
	int r = 0;
	for (int i = 0; i < 5000 && r >= 0; i++) {
		struct request send = {
			.verb = VERB_SEND, .who.index = A, .frame = frame, .len = sizeof frame
		};
		l->w->ops->call_end(l->w, l->w->ops->start(l->w, &send));
		r = l->w->ops->step(l->w, now(l) + NS_PER_MS, &e);
	}
	assert_int_equal(r, -ENOBUFS);
	assert_non_null(strstr(e.text, "pool of frames"));
	down(l);
}

static void a_stop_is_heard_between_events(void **state)
{
	(void)state;
	struct lab *l = lab_of(NULL);
	up(l);
	l->stop = 1;
	assert_int_equal(step(l, NS_PER_SEC), -EINTR);
	down(l);
}

static void a_line_that_is_refused_names_switch_and_line(void **state)
{
	(void)state;
	struct lab *l = lab_of(NULL);
	struct err e = { "" };
	words_add(&l->plan.nodes[S2].lines, "port/set 1 vln=3");
	l->plan.nodes[S2].file = "x.lua";
	l->plan.nodes[S2].line = 7;
	assert_int_equal(world_sim.open(&l->w, &l->setup, &e), -EINVAL);
	assert_non_null(strstr(e.text, "x.lua:7: s2: port/set 1 vln=3: "));
	l->w = NULL;
	down(l);
}

static void machines_are_not_for_virtual_time(void **state)
{
	(void)state;
	struct lab *l = lab_of(NULL);
	struct err e = { "" };
	l->plan.frozen = false;
	unsigned vm = add_node(&l->plan, NODE_VM, "vm");
	plan_take_port(&l->plan, S1, "vm", NULL, &l->plan.nodes[vm].plug, &e);
	assert_int_equal(world_sim.open(&l->w, &l->setup, &e), -ENOTSUP);
	l->w = NULL;
	down(l);
}

static void what_makes_no_sense_is_an_error_of_the_call(void **state)
{
	(void)state;
	struct lab *l = lab_of(NULL);
	up(l);
	const struct request bad[] = {
		{ .verb = VERB_PING, .who.index = S1, .to = B },
		{ .verb = VERB_PING, .who.index = A, .to = S1 },
		{ .verb = VERB_PING, .who.index = A, .to = 99 },
		{ .verb = VERB_CMD, .who.index = A, .line = "stats" },
		{ .verb = VERB_POWER, .who.index = A, .power = POWER_KILL },
		{ .verb = VERB_POWER, .who = { .cable = true }, .power = POWER_KILL },
		{ .verb = VERB_SEND, .who.index = S1, .frame = "", .len = 0 },
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct call *c = l->w->ops->start(l->w, &bad[i]);
		assert_true(c->done);
		assert_int_equal(c->error, -EINVAL);
		l->w->ops->call_end(l->w, c);
	}
	struct request exec = { .verb = VERB_EXEC, .who.index = A };
	struct call *c = finish(l, &exec);
	assert_int_equal(c->error, -EOPNOTSUPP);
	l->w->ops->call_end(l->w, c);
	down(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_round_trip_is_what_the_arithmetic_says),
		cmocka_unit_test(time_is_that_of_the_next_event_or_until),
		cmocka_unit_test(a_lab_that_has_nothing_to_do_is_idle),
		cmocka_unit_test(bridges_that_only_repeat_themselves_are_idle),
		cmocka_unit_test(what_is_planned_for_later_is_worth_waiting_for),
		cmocka_unit_test(timers_go_first_and_in_the_order_given),
		cmocka_unit_test(a_fault_comes_before_the_frame_of_its_instant),
		cmocka_unit_test(fingerprints_are_equal_when_and_only_when_the_frames_are),
		cmocka_unit_test(more_frames_are_another_fingerprint),
		cmocka_unit_test(a_killed_switch_neither_answers_nor_forwards),
		cmocka_unit_test(a_generation_never_comes_back_with_a_restart),
		cmocka_unit_test(a_loop_without_time_is_found),
		cmocka_unit_test(a_pool_that_is_exhausted_ends_the_run),
		cmocka_unit_test(a_stop_is_heard_between_events),
		cmocka_unit_test(a_line_that_is_refused_names_switch_and_line),
		cmocka_unit_test(machines_are_not_for_virtual_time),
		cmocka_unit_test(what_makes_no_sense_is_an_error_of_the_call),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
