/* SPDX-License-Identifier: MIT */
/* pipeline.c - the order of the stages: one row a stage, in the order that frames pass them. */
#include "wire/core/side.h"

static const struct stage *const stages[STAGES] = {
	[STAGE_MTU] = &stage_mtu,
	[STAGE_LOSS] = &stage_loss,
	[STAGE_DUPLICATE] = &stage_duplicate,
	[STAGE_CORRUPT] = &stage_corrupt,
	[STAGE_QUEUE] = &stage_queue,
	[STAGE_REORDER] = &stage_reorder,
	[STAGE_DELAY] = &stage_delay,
	[STAGE_DELIVER] = &stage_deliver,
};

const struct stage *stage_at(enum stage_id id)
{
	return stages[id];
}

void side_route(struct side *s)
{
	unsigned n = 0, deciding = 0;
	for (unsigned i = 0; i < STAGES; i++) {
		if (!stages[i]->wanted(s))
			continue;
		if (stages[i]->prepare)
			stages[i]->prepare(s);
		if (stages[i]->begin)
			s->begin[deciding++] = stages[i];
		if (stages[i]->enter)
			s->path[n++] = stages[i];
	}
	s->path[n] = s->begin[deciding] = NULL;
	s->straight = n == 1 && deciding == 0;
	s->leaving = s->queue.count > 0 && !queue_has_law(s->law);
}
