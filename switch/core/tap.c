/* SPDX-License-Identifier: MIT */
/* tap.c - tells of every frame that came in, left or was lost, each once, in the order of events.
 */
#include "switch/core/pipeline.h"

static void tell(struct bridge *b, unsigned port, enum bridge_dir dir, const struct pieces *f,
		 enum drop_reason why, int64_t now)
{
	b->host->tap(b->ctx, port, dir, f, why, now);
}

/* A frame that the owner's port refused has no header of its own there: shown as it came. */
static void tell_refused(const struct batch *t, unsigned i)
{
	struct pieces p = pieces_of_frame(&t->f[i]);
	tell(t->b, t->to[i], BRIDGE_OUT, &p, t->why[i], t->now);
}

void tap_in(const struct batch *t)
{
	for (unsigned i = 0; i < t->n; i++) {
		struct pieces p = pieces_of_frame(&t->f[i]);
		bool live = t->live >> i & 1;
		tell(t->b, t->in->no, BRIDGE_IN, &p, live ? PASS : t->why[i], t->now);
		if (t->refused >> i & 1)
			tell_refused(t, i);
	}
}

void tap_out(struct bridge *b, const struct port *p, const struct txv *v, unsigned n,
	     enum drop_reason why, int64_t now)
{
	for (unsigned i = 0; i < n; i++) {
		struct pieces f = pieces_of_txv(&v[i]);
		tell(b, p->no, BRIDGE_OUT, &f, why, now);
	}
}
