/* SPDX-License-Identifier: MIT */
/* finish.c - frames that their sender left unfinished, for an endpoint that cannot finish them: cut
 * and completed in the copy. A bundle of which only the first frames were taken is the endpoint's
 * all the same: the rest waits here and goes first. */
#include <stdlib.h>
#include <string.h>

#include "lib/base/gso.h"
#include "lib/io/ep/impl.h"

struct ep_tail { /* of a bundle; made when first needed */
	bool waits;
	struct gso cut;
	struct frame f;
	struct txv v;
	uint8_t bytes[GSO_BUNDLE_MAX + 16];
};

/* Frames on their way out: finished ones lie in `room`. */
struct outgoing {
	struct ep *ep;
	struct txv v[BATCH_MAX];
	struct frame f[BATCH_MAX]; /* of the finished ones */
	unsigned of[BATCH_MAX];    /* which frame of the caller's each belongs to ... */
	uint32_t piece[BATCH_MAX]; /* ... and which piece of it, from 0 */
	unsigned n;
	uint8_t *room;
	size_t used;
};

static bool has_room(const struct outgoing *o)
{
	return o->n < BATCH_MAX && o->used + ETH_FRAME_MAX <= TX_ROOM;
}

static void add_piece(struct outgoing *o, struct gso *g, unsigned of, uint32_t piece)
{
	uint8_t *out = o->room + o->used;
	uint32_t len = gso_next(g, out);
	o->f[o->n] = frame_over(out, len, NULL);
	o->f[o->n].rx_ns = g->v.f->rx_ns;
	o->v[o->n] = txv_plain(&o->f[o->n]);
	o->of[o->n] = of;
	o->piece[o->n++] = piece;
	o->used += (len + 63u) & ~63u;
}

static void add_whole(struct outgoing *o, const struct txv *v, unsigned of)
{
	o->v[o->n] = *v;
	o->of[o->n] = of;
	o->piece[o->n++] = 0;
}

static unsigned push(struct outgoing *o) /* pieces taken */
{
	unsigned taken = o->n ? o->ep->ops->tx(o->ep, o->v, o->n) : 0;
	o->used = 0;
	return taken;
}

/* ---- the tail ---- */

static void keep_tail(struct ep *e, const struct txv *v, uint32_t taken)
{
	struct ep_tail *t = e->tail ? e->tail : calloc(1, sizeof *t);
	if (!t || txv_len(v) > sizeof t->bytes) {
		e->tx_dropped += v->f->segs - taken;
		free(e->tail ? NULL : t);
		return;
	}
	e->tail = t;
	txv_copy(v, t->bytes);
	t->f = frame_over(t->bytes, txv_len(v), NULL);
	t->f.gso_type = v->f->gso_type;
	t->f.gso_size = v->f->gso_size;
	t->f.csum_start = (uint16_t)(v->f->csum_start + txv_len(v) - v->f->len);
	t->f.csum_off = v->f->csum_off;
	t->f.segs = v->f->segs;
	t->v = txv_plain(&t->f);
	gso_begin(&t->cut, &t->v);
	gso_skip(&t->cut, taken);
	t->waits = true;
}

bool ep_tail_waits(const struct ep *e)
{
	return e->tail && e->tail->waits;
}

bool ep_tail_send(struct ep *e)
{
	struct ep_tail *t = e->tail;
	while (ep_tail_waits(e)) {
		struct outgoing o = { .ep = e, .room = tx_room() };
		struct gso begin = t->cut;
		while (gso_more(&t->cut) && has_room(&o))
			add_piece(&o, &t->cut, 0, 0);
		unsigned n = o.n, taken = push(&o);
		if (taken < n) {
			t->cut = begin;
			gso_skip(&t->cut, taken);
			return false;
		}
		t->waits = gso_more(&t->cut);
	}
	return true;
}

void ep_tail_free(struct ep *e)
{
	free(e->tail);
}

/* ---- a batch ---- */

/* What was collected goes out. true: all of it; else *done says how many of the caller's frames are
 * the endpoint's. */
static bool flush(struct outgoing *o, const struct txv *v, unsigned *done)
{
	unsigned n = o->n, taken = push(o);
	o->n = 0;
	if (taken == n)
		return true;
	*done = o->of[taken];
	if (o->piece[taken]) { /* its first pieces have left */
		keep_tail(o->ep, &v[*done], o->piece[taken]);
		++*done;
	}
	return false;
}

unsigned ep_tx_finished(struct ep *e, const struct txv *v, unsigned n)
{
	struct outgoing o = { .ep = e, .room = tx_room() };
	unsigned done;
	if (!ep_tail_send(e))
		return 0;
	for (unsigned i = 0; i < n; i++) {
		if (!(gso_needs(v[i].f) & ~e->caps.offloads)) {
			if (!has_room(&o) && !flush(&o, v, &done))
				return done;
			add_whole(&o, &v[i], i);
			continue;
		}
		struct gso g;
		uint32_t piece = 0;
		for (gso_begin(&g, &v[i]); gso_more(&g); piece++) {
			if (!has_room(&o) && !flush(&o, v, &done))
				return done;
			add_piece(&o, &g, i, piece);
		}
	}
	return flush(&o, v, &done) ? n : done;
}
