/* SPDX-License-Identifier: MIT */
/* test_batch.c - properties over random traffic: batches against single frames, order within a
 * port, and the law of conservation after everything that can happen to a bridge. */
#include <errno.h>

#include "tests/unit/bridge/rig.h"
#include "tests/unit/dice.h"

enum { STATIONS = 12, ROUNDS = 400 };

static uint64_t station(uint64_t i) /* one of them is a group */
{
	return i == STATIONS ? UINT64_C(0x01005e000001) : UINT64_C(0x020000000000) + i;
}

struct burst {
	unsigned port, n;
	uint8_t bytes[BATCH_MAX][128];
	uint32_t len[BATCH_MAX];
};

static void throw_burst(struct burst *b, struct dice *d, unsigned *mark)
{
	static const int tags[] = { -1, -1, 0, 10, 20, 0xa00a };
	b->port = 1 + (unsigned)dice_below(d, RIG_PORTS);
	b->n = 1 + (unsigned)dice_below(d, BATCH_MAX);
	for (unsigned i = 0; i < b->n; i++)
		b->len[i] = rig_build(b->bytes[i], station(dice_below(d, STATIONS + 1)),
				      station(dice_below(d, STATIONS)), tags[dice_below(d, 6)], -1,
				      (*mark)++ & 0xffff);
}

static void play(struct rig *r, const struct burst *b, unsigned step)
{
	for (unsigned i = 0; i < b->n; i += step) {
		struct frame f[BATCH_MAX];
		unsigned k = 0;
		for (; k < step && i + k < b->n; k++)
			f[k] = (struct frame){ .data = b->bytes[i + k], .len = b->len[i + k] };
		bridge_rx(r->b, b->port, f, k, r->now);
	}
}

static unsigned mark_at(const uint8_t *bytes)
{
	unsigned at = bytes[12] == 0x81 ? 18 : 14;
	return (unsigned)bytes[at] << 8 | bytes[at + 1];
}

static bool reached(const struct rig *r, unsigned port, unsigned mark)
{
	for (unsigned i = 0; i < r->count; i++)
		if (r->sent[i].port == port && mark_at(r->sent[i].bytes) == mark)
			return true;
	return false;
}

static unsigned owner(const struct rig *r, const uint8_t *bytes)
{
	unsigned vid = bytes[12] == 0x81 ? (bytes[14] << 8 | bytes[15]) & 0xfffu : 0;
	return bridge_fdb_find(r->b, bytes, vid, r->now);
}

/* Whoever owns an address when the batch is over got the same frames either way; the only
 * difference is who else heard them. */
static void a_batch_reaches_the_owners_that_single_frames_reach(void **state)
{
	(void)state;
	struct dice d = dice_of("batch");
	struct rig *many = rig_new(RIG_PORTS), *single = rig_new(RIG_PORTS);
	struct burst b;
	unsigned mark = 0, unicast = 0;
	for (unsigned round = 0; round < ROUNDS; round++) {
		throw_burst(&b, &d, &mark);
		rig_forget(many);
		rig_forget(single);
		play(many, &b, BATCH_MAX);
		play(single, &b, 1);
		for (unsigned i = 0; i < b.n; i++) {
			unsigned port = owner(many, b.bytes[i]), m = mark_at(b.bytes[i]);
			assert_int_equal(port, owner(single, b.bytes[i]));
			if (port == FDB_NONE || port == b.port)
				continue;
			assert_true(reached(many, port, m));
			assert_true(reached(single, port, m));
			unicast++;
		}
	}
	assert_true(unicast > ROUNDS);
	rig_free(many);
	rig_free(single);
}

/* The marks of all frames grow as they are received: they must leave each port in that order. */
static void frames_leave_a_port_in_the_order_they_came(void **state)
{
	(void)state;
	struct dice d = dice_of("order");
	struct rig *r = rig_new(RIG_PORTS);
	struct burst b;
	unsigned mark = 0, next[RIG_PORTS + 1] = { 0 }, queued = 0;
	for (unsigned round = 0; round < ROUNDS; round++) {
		throw_burst(&b, &d, &mark);
		for (unsigned p = 1; p <= RIG_PORTS; p++)
			r->takes[p] = (unsigned)dice_below(&d, 100);
		play(r, &b, 1 + (unsigned)dice_below(&d, BATCH_MAX));
		struct bridge_stats s;
		bridge_stats(r->b, &s);
		queued += s.queued > 0;
		bridge_writable(r->b, 1 + (unsigned)dice_below(&d, RIG_PORTS), r->now);
		for (unsigned i = 0; i < r->count; i++) {
			unsigned m = mark_at(r->sent[i].bytes);
			assert_true(m >= next[r->sent[i].port]);
			next[r->sent[i].port] = m + 1;
		}
		rig_forget(r);
	}
	assert_true(mark < 0x10000 && queued > ROUNDS / 2);
	rig_free(r);
}

static void unplug_or_plug(struct rig *r, struct dice *d)
{
	unsigned p = 1 + (unsigned)dice_below(d, RIG_PORTS);
	struct port_config c;
	switch (dice_below(d, 4)) {
	case 0:
		if (bridge_port_config(r->b, p))
			bridge_link(r->b, p, dice_below(d, 2), NULL, r->now);
		break;
	case 1:
		if (!bridge_port_present(r->b, p))
			bridge_port_remove(r->b, p, r->now);
		break;
	case 2:
		port_config_default(&c);
		c.up = dice_below(d, 4);
		c.queue = (uint32_t)dice_below(d, 100);
		assert_int_equal(bridge_port_apply(r->b, p, &c, r->now, NULL), 0);
		break;
	default:
		rig_plug(r, p);
	}
}

static void nothing_is_ever_lost_without_a_reason(void **state)
{
	(void)state;
	struct dice d = dice_of("conservation");
	struct rig *r = rig_new(RIG_PORTS);
	struct burst b;
	struct err e = { "" };
	unsigned mark = 0;
	for (unsigned round = 0; round < 4 * ROUNDS; round++) {
		rig_forget(r);
		unplug_or_plug(r, &d);
		rig_run(r, r->now + (int64_t)dice_below(&d, SEC(40)));
		for (unsigned p = 1; p <= RIG_PORTS; p++)
			r->takes[p] = (unsigned)dice_below(&d, 40);
		throw_burst(&b, &d, &mark);
		b.len[0] = (uint32_t)dice_below(&d, 30); /* runts too */
		if (bridge_port_config(r->b, b.port))
			play(r, &b, 1 + (unsigned)dice_below(&d, BATCH_MAX));
		bridge_writable(r->b, 1 + (unsigned)dice_below(&d, RIG_PORTS), r->now);
		if (!bridge_conserves(r->b, &e))
			fail_msg("round %u: %s", round, e.text);
	}
	struct bridge_stats s;
	bridge_stats(r->b, &s);
	assert_true(s.tx > 1000 && s.egress_drops > 1000 && s.ingress_drops > 1000);
	rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_batch_reaches_the_owners_that_single_frames_reach),
		cmocka_unit_test(frames_leave_a_port_in_the_order_they_came),
		cmocka_unit_test(nothing_is_ever_lost_without_a_reason),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
