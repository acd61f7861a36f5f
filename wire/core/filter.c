/* SPDX-License-Identifier: MIT */
/* filter.c - which frames are impaired. Those that the filter does not match pass by every stage
 * but the queue and the delivery: they keep to the rate and to the order. */
#include "wire/core/side.h"

static bool filter_wanted(const struct side *s)
{
	return s->law->filter != NULL;
}

static void filter_begin(struct side *s, struct lane *l, struct pass *p)
{
	(void)l;
	struct pieces bytes = pieces_of_frame(&p->f);
	if (!bpf_match(s->law->filter->program, &bytes))
		p->fate |= FATE_BARE;
}

const struct stage stage_filter = { .name = "filter",
				    .wanted = filter_wanted,
				    .begin = filter_begin };
