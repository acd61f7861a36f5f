/* SPDX-License-Identifier: MIT */
/* duplicate.c - frames that come twice. The copy follows the frame; what the later stages do to it
 * is decided for it alone. */
#include "wire/core/side.h"

enum { COPIES_MAX = 255 }; /* of one frame: 100 % is no endless loop here */

static bool duplicate_wanted(const struct side *s)
{
	return s->law->dup > 0;
}

static void duplicate_prepare(struct side *s)
{
	s->twice_step = step_correlated(s->law->dup, s->law->dup_corr);
}

static void duplicate_begin(struct side *s, struct lane *l, struct pass *p)
{
	if (l && chain_step(&l->twice, &s->twice_step, pass_draw(s, STAGE_DUPLICATE, p, 0)))
		p->fate |= FATE_TWICE;
}

/* wirefilter doubles the copies too, as often as chance will have it. */
static bool once_more(const struct side *s, const struct pass *p)
{
	return s->law->compat == WIRE_WIREFILTER && p->copy < COPIES_MAX &&
	       chance(s->law->dup, pass_draw(s, STAGE_DUPLICATE, p, 0));
}

static void duplicate_enter(struct run *r, const struct stage *const *at, struct pass *p)
{
	struct side *s = r->s;
	struct pass last = *p;
	bool more = p->fate & FATE_TWICE;
	while (more) {
		struct pass copy = last;
		if (copy.kept)
			buf_ref(copy.f.buf);
		copy.copy++;
		copy.fate &= (uint8_t) ~(FATE_TWICE | FATE_CORRUPT);
		for (const struct stage *const *b = s->begin; *b; b++)
			(*b)->begin(s, NULL, &copy);
		s->stats.duplicates += copy.f.segs;
		pass_on(r, at, &last);
		last = copy;
		more = once_more(s, &last);
	}
	pass_on(r, at, &last);
}

const struct stage stage_duplicate = {
	.name = "duplicate",
	.wanted = duplicate_wanted,
	.prepare = duplicate_prepare,
	.begin = duplicate_begin,
	.enter = duplicate_enter,
};
