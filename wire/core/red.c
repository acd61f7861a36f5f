/* SPDX-License-Identifier: MIT */
/* red.c - random early detection (Floyd and Jacobson 1993): the longer the queue has been on
 * average, the likelier a frame is dropped before the limit is reached. */
#include "wire/core/side.h"

enum {
	WEIGHT_SHIFT = 9, /* of a new sample in the average: 1/512, the authors' 0.002 */
	AVG_SHIFT = 30,   /* fraction bits of the average */
};

/* Thresholds that were not given: a quarter of the limit, and a third of that (as tc-red(8)
 * advises). */
static void thresholds(const struct wire_law *law, uint64_t *min, uint64_t *max)
{
	*max = law->queue.max.count ? law->queue.max.count : law->limit.count / 4;
	*min = law->queue.min.count ? law->queue.min.count : *max / 3;
	if (*max <= *min)
		*max = *min + 1;
}

/* While the queue was empty the average falls as if small frames had passed: one in the time that
 * the shortest frame takes (the authors' m = idle / s). */
static void decay(struct red *r, const struct wire_law *law, int64_t now)
{
	int64_t per_frame =
		law->rate_bps ? (int64_t)((u128)64 * 8 * NS_PER_SEC / law->rate_bps) : 0;
	int64_t m = per_frame > 0 ? (now - r->idle_since) / per_frame : 0;
	for (; m > 0 && r->avg; m--)
		r->avg -= (r->avg + (1 << WEIGHT_SHIFT) - 1) >> WEIGHT_SHIFT;
	r->idle_since = now; /* goes on until a frame has to wait: red_busy() */
}

void red_idle(struct side *s, int64_t now)
{
	if (!s->red.idle_since)
		s->red.idle_since = now;
}

void red_busy(struct side *s)
{
	s->red.idle_since = 0;
}

bool red_drops(struct side *s, const struct pass *p, int64_t now)
{
	struct red *r = &s->red;
	const struct wire_law *law = s->law;
	uint64_t min, max;
	thresholds(law, &min, &max);
	if (r->idle_since)
		decay(r, law, now);
	uint64_t sample = (law->limit.packets ? s->queue.count : s->queue.bytes) << AVG_SHIFT;
	if (sample > r->avg)
		r->avg += (sample - r->avg) >> WEIGHT_SHIFT;
	else
		r->avg -= (r->avg - sample) >> WEIGHT_SHIFT;
	min <<= AVG_SHIFT;
	max <<= AVG_SHIFT;
	if (r->avg < min) {
		r->since_drop = 0;
		return false;
	}
	if (r->avg >= max) {
		r->since_drop = 0;
		return true;
	}
	/* p_b grows from 0 at min to p at max; p_a = p_b / (1 - count * p_b) spreads the drops
	 * evenly. */
	const u128 one = (u128)1 << 64;
	u128 pb = (u128)law->queue.p * (r->avg - min) / (max - min);
	u128 spent = pb * r->since_drop++;
	u128 pa = spent < one ? (pb << 64) / (one - spent) : one;
	if (!chance(pa >= one ? PROB_ONE : (uint64_t)pa, pass_draw(s, STAGE_QUEUE, p, 0)))
		return false;
	r->since_drop = 0;
	return true;
}
