/* SPDX-License-Identifier: MIT */
/* delay.c - propagation: a fixed part and jitter. A delay is never negative: what jitter takes
 * below zero leaves at once. */
#include "wire/core/dist.h"
#include "wire/core/side.h"

static bool delay_wanted(const struct side *s)
{
	return s->law->delay_ns > 0 || s->law->jitter_ns > 0;
}

static void delay_enter(struct run *r, const struct stage *const *at, struct pass *p)
{
	struct side *s = r->s;
	const struct wire_law *law = s->law;
	int64_t delay = law->delay_ns;
	if (law->jitter_ns > 0)
		delay += dist_deviation(law->dist, law->jitter_ns,
					draw(s->stream[STAGE_DELAY], p->n, 0));
	if (delay > 0)
		p->due += delay;
	pass_on(r, at, p);
}

const struct stage stage_delay = { .name = "delay", .wanted = delay_wanted, .enter = delay_enter };
