/* SPDX-License-Identifier: MIT */
/* tap.c - tells of every frame that came in, left or was lost, each once, in the order of events.
 */
#include "switch/core/pipeline.h"

struct note { /* of one frame */
	struct bridge *b;
	unsigned port;
	enum bridge_dir dir;
	enum drop_reason why;
	int64_t now;
};

static void tell(const struct note *n, const struct pieces *f)
{
	n->b->host->tap(n->b->ctx, n->port, n->dir, f, n->why, n->now);
}

/* What is unfinished is shown as the frames it stands for. */
static void tell_finished(const struct note *n, const struct txv *v)
{
	uint8_t bytes[ETH_FRAME_MAX];
	struct gso g;
	if (gso_longest(v->f, txv_len(v)) > sizeof bytes)
		return; /* no frame that could be shown */
	for (gso_begin(&g, v); gso_more(&g);) {
		struct pieces p = pieces_over(bytes, gso_next(&g, bytes));
		tell(n, &p);
	}
}

/* As it came. */
static void tell_frame(const struct note *n, const struct frame *f)
{
	if (gso_needs(f)) {
		struct txv v = txv_plain(f);
		memcpy(v.hdr, f->data, v.hlen); /* what was read of it since may say otherwise */
		tell_finished(n, &v);
		return;
	}
	struct pieces p = pieces_of_frame(f);
	tell(n, &p);
}

void tap_in(const struct batch *t)
{
	for (unsigned i = 0; i < t->n; i++) {
		bool live = t->live >> i & 1;
		struct note n = { t->b, t->in->no, BRIDGE_IN, live ? PASS : t->why[i], t->now };
		tell_frame(&n, &t->f[i]);
		if (t->refused >> i & 1) { /* by its owner's port: it has no header there */
			n = (struct note){ t->b, t->to[i], BRIDGE_OUT, t->why[i], t->now };
			tell_frame(&n, &t->f[i]);
		}
	}
}

void tap_out(struct bridge *b, const struct port *p, const struct txv *v, unsigned n,
	     enum drop_reason why, int64_t now)
{
	struct note note = { b, p->no, BRIDGE_OUT, why, now };
	for (unsigned i = 0; i < n; i++) {
		if (gso_needs(v[i].f)) {
			tell_finished(&note, &v[i]);
			continue;
		}
		struct pieces f = pieces_of_txv(&v[i]);
		tell(&note, &f);
	}
}
