/* SPDX-License-Identifier: MIT */
/* netem.c - the netem of Linux as one stage (compat=netem): its order, its 32-bit chances, and its
 * way with correlation, which does not keep the mean: for comparing with measurements made through
 * netem. After net/sched/sch_netem.c, netem_enqueue(), whose names are used. */
#include <string.h>

#include "wire/core/dist.h"
#include "wire/core/side.h"

enum { CRND_DELAY, CRND_LOSS, CRND_DUP };

static const enum stage_id streams[] = { STAGE_DELAY, STAGE_LOSS, STAGE_DUPLICATE };

static bool netem_wanted(const struct side *s)
{
	return s->law->compat == WIRE_NETEM;
}

static uint32_t prob32(uint64_t p) /* tc writes rint(p * (2^32 - 1)) */
{
	return (uint32_t)(((u128)p * UINT32_MAX + (UINT64_C(1) << 63)) >> 64);
}

/* get_crandom(): a weighted sum of the new number and the last answer. Its answers crowd around the
 * middle, so compared with a probability they strike less often than asked. */
static uint32_t get_crandom(struct side *s, struct netem *q, unsigned which, const struct pass *p,
			    uint64_t corr)
{
	uint64_t value = pass_draw(s, streams[which], p, 0) >> 32;
	uint64_t rho = prob32(corr);
	if (rho == 0)
		return (uint32_t)value;
	rho++;
	uint64_t answer = (value * ((UINT64_C(1) << 32) - rho) + q->last[which] * rho) >> 32;
	q->last[which] = (uint32_t)answer;
	return (uint32_t)answer;
}

static bool strikes(struct side *s, struct netem *q, unsigned which, const struct pass *p,
		    uint64_t prob, uint64_t corr)
{
	return prob && prob32(prob) >= get_crandom(s, q, which, p, corr);
}

static bool loss_event(struct side *s, struct netem *q, const struct pass *p)
{
	const struct wire_law *law = s->law;
	uint64_t bits = pass_draw(s, STAGE_LOSS, p, 0);
	if (law->loss_state.on)
		return loss_four_states(law, &q->loss_state, bits);
	if (law->ge.on)
		return loss_gilbert_elliott(law, &q->loss_state, bits,
					    pass_draw(s, STAGE_LOSS, p, 1));
	return strikes(s, q, CRND_LOSS, p, law->loss, law->loss_corr);
}

/* tabledist() */
static int64_t travel(struct side *s, struct netem *q, const struct pass *p)
{
	const struct wire_law *law = s->law;
	if (law->jitter_ns == 0)
		return law->delay_ns;
	uint32_t rnd = get_crandom(s, q, CRND_DELAY, p, law->delay_corr);
	if (law->dist == WIRE_UNIFORM)
		return rnd % (2 * (uint64_t)law->jitter_ns) + law->delay_ns - law->jitter_ns;
	uint64_t size = law->dist == WIRE_DIST_FILE ? law->dist_file->count : DIST_SIZE;
	/* The entry rnd % size, as the bits that dist_deviation() would choose it by. */
	uint64_t bits = (uint64_t)((((u128)(rnd % size) << 64) + ((u128)1 << 63)) / size);
	return law->delay_ns + dist_deviation(law, bits);
}

static bool is_full(const struct side *s, const struct pass *p)
{
	struct amount limit = s->law->limit;
	return limit.packets ? s->line.count >= limit.count
			     : s->line.bytes + p->f.len > limit.count;
}

static void set_due(struct side *s, struct netem *q, struct pass *p, int64_t now)
{
	const struct wire_law *law = s->law;
	bool may = law->reorder && q->counter + 1 >= law->gap;
	if (may && prob32(law->reorder) >= pass_draw(s, STAGE_REORDER, p, 0) >> 32) {
		q->counter = 0;
		p->fate |= FATE_OVERTAKE;
		p->due = now;
		return;
	}
	int64_t delay = travel(s, q, p), from = now;
	if (law->rate_bps) {
		if (s->line.count) { /* the last one queued is the point of reference */
			delay -= s->last_due - now;
			delay = delay > 0 ? delay : 0;
			from = s->last_due;
		}
		delay += (int64_t)((u128)rate_billed(law, p->f.len) * 8 * NS_PER_SEC /
				   law->rate_bps);
	}
	q->counter++;
	p->due = from + delay > now ? from + delay : now;
}

static void netem_enqueue(struct run *r, const struct stage *const *at, struct pass *p,
			  bool may_double)
{
	struct side *s = r->s;
	struct netem *q = &s->lane[p->n >> 63].netem;
	int count = 1;
	if (may_double && strikes(s, q, CRND_DUP, p, s->law->dup, s->law->dup_corr))
		count++;
	if (loss_event(s, q, p))
		count--;
	if (count == 0) {
		pass_drop(s, p, DROP_LOSS);
		return;
	}
	if (count > 1) { /* the clone enters by the root again, and is not doubled there */
		struct pass clone = *p;
		if (clone.kept)
			buf_ref(clone.f.buf);
		clone.copy++;
		s->stats.duplicates += clone.f.segs;
		netem_enqueue(r, at, &clone, false);
	}
	if (s->law->corrupt && prob32(s->law->corrupt) >= pass_draw(s, STAGE_CORRUPT, p, 0) >> 32) {
		p->fate |= FATE_CORRUPT;
		if (!corrupt_strike(s, p))
			return;
	}
	if (is_full(s, p)) {
		pass_drop(s, p, DROP_QUEUE_LIMIT);
		return;
	}
	set_due(s, q, p, r->now);
	pass_on(r, at, p);
}

static void netem_enter(struct run *r, const struct stage *const *at, struct pass *p)
{
	netem_enqueue(r, at, p, true);
}

/* init_crandom(): each starts with a random last answer. */
static void netem_prepare(struct side *s)
{
	for (unsigned lane = 0; lane < LANES; lane++) {
		struct netem *q = &s->lane[lane].netem;
		if (q->begun)
			continue;
		q->begun = true;
		for (unsigned i = 0; i < sizeof streams / sizeof *streams; i++)
			q->last[i] =
				(uint32_t)(draw(s->stream[streams[i]], UINT64_MAX - lane, 0) >> 32);
	}
}

const struct stage stage_netem = {
	.name = "netem",
	.wanted = netem_wanted,
	.prepare = netem_prepare,
	.enter = netem_enter,
};
