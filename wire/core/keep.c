/* SPDX-License-Identifier: MIT */
/* keep.c - frames that stay in the wire for a while: their nodes come from the pool, many to a
 * buffer, and are used again until the wire goes. */
#include "wire/core/side.h"

enum { CHUNK_BYTES = 2048 }; /* a size class of the pool */

struct chunk { /* what a pooled buffer holds */
	struct buf *next;
	struct node nodes[];
};

static_assert((CHUNK_BYTES - sizeof(struct chunk)) / sizeof(struct node) >= 8,
	      "many nodes to a buffer");

static void *buf_room(struct buf *b) /* buffers are aligned for any object */
{
	static_assert(offsetof(struct buf, bytes) % _Alignof(struct chunk) == 0,
		      "nodes lie aligned");
	return b->bytes;
}

static struct node *node_new(struct wire *w)
{
	if (!w->spare) {
		struct buf *b = pool_get(w->pool, CHUNK_BYTES);
		if (!b)
			return NULL;
		struct chunk *c = buf_room(b);
		c->next = w->chunks;
		w->chunks = b;
		for (size_t i = 0; i < (CHUNK_BYTES - sizeof *c) / sizeof c->nodes[0]; i++)
			node_done(w, &c->nodes[i]);
	}
	struct node *n = w->spare;
	w->spare = n->next;
	return n;
}

void node_done(struct wire *w, struct node *n)
{
	n->next = w->spare;
	w->spare = n;
}

void nodes_free(struct wire *w)
{
	while (w->chunks) {
		struct buf *b = w->chunks;
		struct chunk *c = buf_room(b);
		w->chunks = c->next;
		buf_unref(b);
	}
	w->spare = NULL;
}

void pass_drop(struct side *s, struct pass *p, enum drop_reason why)
{
	s->stats.drops[why] += p->f.segs;
	if (s->w->tapped)
		pass_tap(s, p, why);
	if (p->kept)
		buf_unref(p->f.buf);
}

struct node *pass_keep(struct side *s, const struct pass *p)
{
	struct pass kept = *p;
	struct node *n = node_new(s->w);
	if (!n || (!kept.kept && frame_keep(&kept.f, s->w->pool) < 0)) {
		if (n)
			node_done(s->w, n);
		pass_drop(s, &kept, DROP_NO_BUFFER);
		return NULL;
	}
	kept.kept = true;
	*n = (struct node){ .p = kept };
	return n;
}

void fifo_push(struct fifo *q, struct node *n)
{
	n->next = NULL;
	if (q->tail)
		q->tail->next = n;
	else
		q->head = n;
	q->tail = n;
	q->count += n->p.f.segs;
	q->bytes += n->p.f.len;
}

struct node *fifo_pop(struct fifo *q)
{
	struct node *n = q->head;
	if (!n)
		return NULL;
	q->head = n->next;
	if (!q->head)
		q->tail = NULL;
	q->count -= n->p.f.segs;
	q->bytes -= n->p.f.len;
	return n;
}
