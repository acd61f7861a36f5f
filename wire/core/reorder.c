/* SPDX-License-Identifier: MIT */
/* reorder.c - frames that overtake: they skip the delay. Only one that has `gap` - 1 others behind
 * it since the last such frame may, so that with 100 % exactly every gap-th does. */
#include "wire/core/side.h"

static bool reorder_wanted(const struct side *s)
{
	return s->law->reorder > 0;
}

static void reorder_begin(struct side *s, struct lane *l, struct pass *p)
{
	if (!l) /* a copy goes with its frame */
		return;
	bool may = l->since_overtake + 1 >= s->law->gap;
	l->since_overtake++;
	if (!may || !chance(s->law->reorder, pass_draw(s, STAGE_REORDER, p, 0)))
		return;
	l->since_overtake = 0;
	p->fate |= FATE_OVERTAKE;
}

const struct stage stage_reorder = { .name = "reorder",
				     .wanted = reorder_wanted,
				     .begin = reorder_begin };
