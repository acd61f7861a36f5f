/* SPDX-License-Identifier: MIT */
/* pipeline.c - the order of the stages: one row a stage, in the order that frames pass them. What
 * they decide at the entry they decide in this order too, but by their own streams. */
#include "wire/core/side.h"

static const struct stage *const stages[STAGES] = {
	[STAGE_FILTER] = &stage_filter,   [STAGE_MTU] = &stage_mtu,
	[STAGE_LOSS] = &stage_loss,       [STAGE_DUPLICATE] = &stage_duplicate,
	[STAGE_CORRUPT] = &stage_corrupt, [STAGE_QUEUE] = &stage_queue,
	[STAGE_REORDER] = &stage_reorder, [STAGE_DELAY] = &stage_delay,
	[STAGE_NETEM] = &stage_netem,     [STAGE_DELIVER] = &stage_deliver,
};

static const struct stage *const own_order[] = {
	&stage_filter, &stage_mtu,     &stage_loss,  &stage_duplicate, &stage_corrupt,
	&stage_queue,  &stage_reorder, &stage_delay, &stage_deliver,   NULL,
};

static const struct stage *const netem_order[] = { &stage_filter, &stage_mtu, &stage_netem,
						   &stage_deliver, NULL };

/* Noise comes last there: what waits is not damaged yet. */
static const struct stage *const wirefilter_order[] = {
	&stage_filter,  &stage_mtu,   &stage_loss,    &stage_duplicate, &stage_queue,
	&stage_reorder, &stage_delay, &stage_corrupt, &stage_deliver,   NULL,
};

static const struct stage *const *const orders[] = {
	[WIRE_OWN] = own_order,
	[WIRE_NETEM] = netem_order,
	[WIRE_WIREFILTER] = wirefilter_order,
};

const struct stage *stage_at(enum stage_id id)
{
	return stages[id];
}

void side_route(struct side *s)
{
	unsigned n = 0, deciding = 0;
	for (const struct stage *const *at = orders[s->law->compat]; *at; at++) {
		if (!(*at)->wanted(s))
			continue;
		if ((*at)->prepare)
			(*at)->prepare(s);
		if ((*at)->begin)
			s->begin[deciding++] = *at;
		if ((*at)->enter)
			s->path[n++] = *at;
	}
	s->path[n] = s->begin[deciding] = NULL;
	s->straight = n == 1 && deciding == 0;
	s->leaving = s->queue.count > 0 && !queue_has_law(s->law);
}
