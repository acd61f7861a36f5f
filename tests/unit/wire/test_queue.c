/* SPDX-License-Identifier: MIT */
/* test_queue.c - queue disciplines: drophead, and RED and CoDel against plain models of their
 * papers. */
#include "tests/unit/wire/rig.h"
#include "tests/unit/wire/stat.h"

static void drophead_keeps_the_newest(void **state)
{
	struct rig g;
	(void)state;
	rig_begin(&g);
	rig_keys(&g, "rate", "1Mbit", "limit", "3p", "queue", "drophead", NULL);
	rig_send(&g, WIRE_AB, 10, 1000); /* 0 is being sent; of 1..9 the last three stay */
	rig_run(&g, SEC(1));
	static const uint32_t want[] = { 0, 7, 8, 9 };
	assert_int_equal(g.count[WIRE_AB], 4);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(g.out[WIRE_AB][i].id, want[i]);
	assert_int_equal(rig_drops(&g, WIRE_AB, DROP_QUEUE_LIMIT), 6);
	rig_conserves(&g);
	rig_end(&g);
	rig_begin(&g);
	rig_keys(&g, "rate", "1Mbit", "limit", "1000B", "queue", "drophead", NULL);
	rig_send(&g, WIRE_AB, 4, 400);
	rig_send(&g, WIRE_AB, 1, 900);  /* two must go for it */
	rig_send(&g, WIRE_AB, 1, 1001); /* fits nowhere, whoever goes */
	rig_run(&g, SEC(1));
	assert_int_equal(g.count[WIRE_AB], 1);
	assert_int_equal(rig_drops(&g, WIRE_AB, DROP_QUEUE_LIMIT), 5);
	rig_conserves(&g);
	rig_end(&g);
}

enum { FRAMES = 40000, LEN = 1000 };

/* Load that swings between half and double the rate of 8 Mbit (1 ms a frame); bit i: frame i came
 * out. */
struct load {
	int64_t came[FRAMES];
	bool passed[FRAMES];
	int64_t left[FRAMES];
};

static struct load *run_load(const char *queue, int64_t late)
{
	struct rig g;
	struct stream s = stream_of(SEED, "load");
	struct load *l = calloc(1, sizeof *l);
	assert_non_null(l);
	rig_begin(&g);
	rig_keys(&g, "rate", "8Mbit", "limit", "300p", "queue", queue, NULL);
	for (unsigned i = 0; i < FRAMES; i++) {
		uint64_t mean = i / 4000 % 2 ? 1000000
					     : 4000000; /* twice: a gap of half of it on average */
		int64_t until = g.now + (int64_t)draw_below(s, i, 0, mean);
		if (late) /* ticks come when they like */
			g.now = until;
		else
			rig_run(&g, until);
		l->came[i] = g.now;
		rig_send(&g, WIRE_AB, 1, LEN);
	}
	rig_run(&g, g.now + SEC(10));
	for (size_t i = 0; i < g.count[WIRE_AB]; i++) {
		l->passed[g.out[WIRE_AB][i].id] = true;
		l->left[g.out[WIRE_AB][i].id] = g.out[WIRE_AB][i].stamp;
	}
	rig_conserves(&g);
	rig_end(&g);
	return l;
}

static void disciplines_do_not_depend_on_when_the_tick_comes(void **state)
{
	static const char *const queues[] = { "droptail", "drophead", "red,min=20p,max=100p,p=10%",
					      "codel" };
	(void)state;
	for (size_t k = 0; k < 4; k++) {
		struct load *a = run_load(queues[k], 0), *b = run_load(queues[k], 1);
		unsigned lost = 0;
		for (unsigned i = 0; i < FRAMES; i++) {
			assert_int_equal(a->passed[i], b->passed[i]);
			assert_int_equal(a->left[i], b->left[i]);
			lost += !a->passed[i];
		}
		assert_true(lost > 100);
		free(a);
		free(b);
	}
}

/* Floyd and Jacobson 1993, figure 2, in floating point over the same arrivals and draws. */
static void red_is_the_authors(void **state)
{
	const double min = 20, max = 100, max_p = 0.1, w = 1.0 / 512, typical = 64 * 8 / 8e6 * 1e9;
	struct load *l = run_load("red,min=20p,max=100p,p=10%", 0);
	struct stream s = stream_of(SEED, "a--b/ab/queue");
	double avg = 0, count = 0;
	int64_t free_at = 0, idle_since = 0;
	unsigned head = 0, tail = 0, differ = 0, early = 0;
	(void)state;
	for (unsigned i = 0; i < FRAMES; i++) {
		int64_t now = l->came[i];
		while (head < tail && free_at <= now) {
			head++;
			if (head == tail)
				idle_since = free_at;
			free_at += MS(1);
		}
		if (head == tail && free_at <= now) {
			free_at = now + MS(1);
			assert_true(l->passed[i]);
			continue;
		}
		if (idle_since >= 0)
			avg *= pow(1 - w, floor((double)(now - idle_since) / typical));
		idle_since = l->passed[i] ? -1 : idle_since >= 0 ? now : -1;
		avg += w * (tail - head - avg);
		bool drop = avg >= max;
		if (avg >= min && avg < max) {
			double pb = max_p * (avg - min) / (max - min), pa = pb / (1 - count * pb);
			count++;
			drop = pa >= 1 || pa < 0 ||
			       (double)draw(s, i, 0) / 18446744073709551616.0 < pa;
		}
		if (drop || avg < min)
			count = 0;
		if (tail - head >= 300)
			drop = true;
		early += drop;
		differ += drop == l->passed[i];
		tail += l->passed[i]; /* follows the wire where the two differ: one rounding stays
					 one */
	}
	assert_true(early > 200);
	assert_true(differ < FRAMES / 1000);
	free(l);
}

/* RFC 8289, 5.5, as it stands there, in floating point over the same arrivals. */
struct codel_model {
	const int64_t *came; /* of the frames in the queue, by number */
	unsigned queue[FRAMES], head, tail;
	double first_above, drop_next;
	unsigned count, lastcount;
	bool dropping, dropped[FRAMES];
};

static const double TARGET = 5e6, INTERVAL = 100e6;

static int dodequeue(struct codel_model *c, double now, bool *ok)
{
	*ok = false;
	if (c->head == c->tail) {
		c->first_above = 0;
		return -1;
	}
	unsigned p = c->queue[c->head++];
	if (now - (double)c->came[p] < TARGET || (c->tail - c->head) * LEN <= LEN)
		c->first_above = 0;
	else if (c->first_above == 0)
		c->first_above = now + INTERVAL;
	else
		*ok = now >= c->first_above;
	return (int)p;
}

static int dequeue(struct codel_model *c, double now)
{
	bool ok;
	int p = dodequeue(c, now, &ok);
	if (c->dropping) {
		if (!ok)
			c->dropping = false;
		while (now >= c->drop_next && c->dropping) {
			c->dropped[p] = true;
			c->count++;
			p = dodequeue(c, now, &ok);
			if (!ok)
				c->dropping = false;
			else
				c->drop_next += INTERVAL / sqrt(c->count);
		}
	} else if (ok) {
		c->dropped[p] = true;
		p = dodequeue(c, now, &ok);
		c->dropping = true;
		unsigned delta = c->count - c->lastcount;
		c->count = 1;
		if (delta > 1 && now - c->drop_next < 16 * INTERVAL)
			c->count = delta;
		c->drop_next = now + INTERVAL / sqrt(c->count);
		c->lastcount = c->count;
	}
	return p;
}

static void codel_is_the_rfcs(void **state)
{
	struct load *l = run_load("codel", 0);
	struct codel_model *c = calloc(1, sizeof *c);
	assert_non_null(c);
	c->came = l->came;
	int64_t free_at = 0;
	unsigned dropped = 0;
	(void)state;
	for (unsigned i = 0; i <= FRAMES; i++) {
		int64_t now = i < FRAMES ? l->came[i] : INT64_MAX;
		while (c->head < c->tail && free_at <= now)
			if (dequeue(c, (double)free_at) >= 0)
				free_at += MS(1);
		if (i == FRAMES)
			break;
		if (c->head == c->tail && free_at <= now)
			free_at = now + MS(1);
		else if (c->tail - c->head < 300)
			c->queue[c->tail++] = i;
		else
			c->dropped[i] = true;
	}
	for (unsigned i = 0; i < FRAMES; i++) {
		assert_int_equal(c->dropped[i], !l->passed[i]);
		dropped += c->dropped[i];
	}
	assert_true(dropped > 200);
	free(c);
	free(l);
}

static void codel_holds_the_wait_near_its_target(void **state)
{
	enum { SECONDS = 60 };
	struct rig g;
	(void)state;
	rig_begin(&g);
	rig_keys(&g, "rate", "8Mbit", "limit", "10000p", "queue", "codel", NULL);
	for (unsigned i = 0; i < SECONDS * 1100; i++) { /* 10 % more than the line carries */
		rig_send(&g, WIRE_AB, 1, LEN);
		rig_run(&g, g.now + 909091);
	}
	int64_t sum = 0, n = 0;
	for (size_t i = g.count[WIRE_AB] / 2; i < g.count[WIRE_AB]; i++, n++)
		sum += g.out[WIRE_AB][i].at - (int64_t)g.out[WIRE_AB][i].id * 909091;
	assert_true(sum / n < MS(100)); /* droptail would stand at ten seconds */
	assert_true(rig_drops(&g, WIRE_AB, DROP_AQM) > 0);
	assert_int_equal(rig_drops(&g, WIRE_AB, DROP_QUEUE_LIMIT), 0);
	rig_conserves(&g);
	rig_end(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(drophead_keeps_the_newest),
		cmocka_unit_test(disciplines_do_not_depend_on_when_the_tick_comes),
		cmocka_unit_test(red_is_the_authors),
		cmocka_unit_test(codel_is_the_rfcs),
		cmocka_unit_test(codel_holds_the_wait_near_its_target),
	};
	printf("seed %llu\n", (unsigned long long)SEED);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
