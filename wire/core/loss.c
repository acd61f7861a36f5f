/* SPDX-License-Identifier: MIT */
/* loss.c - frames that vanish: each by itself with the probability `loss`. */
#include "wire/core/side.h"

static bool loss_wanted(const struct side *s)
{
	return s->law->loss > 0;
}

static void loss_enter(struct run *r, const struct stage *const *at, struct pass *p)
{
	struct side *s = r->s;
	if (chance(s->law->loss, draw(s->stream[STAGE_LOSS], p->n, 0)))
		pass_drop(s, p, DROP_LOSS);
	else
		pass_on(r, at, p);
}

const struct stage stage_loss = { .name = "loss", .wanted = loss_wanted, .enter = loss_enter };
