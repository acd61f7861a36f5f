/* SPDX-License-Identifier: MIT */
/* delay.c - propagation: a fixed part and jitter. A delay is never negative: what jitter takes
 * below zero leaves at once. */
#include "wire/core/dist.h"
#include "wire/core/side.h"

static bool delay_wanted(const struct side *s)
{
	return s->law->delay_ns > 0 || s->law->jitter_ns > 0;
}

static void delay_begin(struct side *s, struct lane *l, struct pass *p)
{
	if (s->law->jitter_ns == 0)
		return;
	p->jitter = pass_draw(s, STAGE_DELAY, p, 0);
	if (l && s->law->delay_corr)
		p->jitter = copula_step(&l->copula, s->law->delay_corr, p->jitter);
}

static void delay_enter(struct run *r, const struct stage *const *at, struct pass *p)
{
	struct side *s = r->s;
	const struct wire_law *law = s->law;
	if (!(p->fate & FATE_OVERTAKE)) {
		int64_t delay = law->delay_ns + dist_deviation(law, p->jitter);
		if (delay > 0)
			p->due += delay;
	}
	pass_on(r, at, p);
}

const struct stage stage_delay = {
	.name = "delay",
	.wanted = delay_wanted,
	.begin = delay_begin,
	.enter = delay_enter,
};
