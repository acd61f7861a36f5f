/* SPDX-License-Identifier: MIT */
/* pipeline.c - the order of the stages: one row a stage, in the order that frames pass them. */
#include "wire/core/side.h"

static const struct stage *const stages[STAGES] = {
	[STAGE_MTU] = &stage_mtu,         [STAGE_LOSS] = &stage_loss,
	[STAGE_QUEUE] = &stage_queue,     [STAGE_DELAY] = &stage_delay,
	[STAGE_DELIVER] = &stage_deliver,
};

const struct stage *stage_at(enum stage_id id)
{
	return stages[id];
}

void side_route(struct side *s)
{
	unsigned n = 0;
	for (unsigned i = 0; i < STAGES; i++)
		if (stages[i]->wanted(s))
			s->path[n++] = stages[i];
	s->path[n] = NULL;
	s->straight = n == 1;
	s->leaving = s->queue.count > 0 && s->law->rate_bps == 0;
}
