/* SPDX-License-Identifier: MIT */
/* egress.c - last stage: which ports a frame may leave by, each port's own header, and the bounded
 * queue of frames that a full endpoint did not take. Frames of a port never overtake each other,
 * except that control frames go in front. Nodes come from the pool: nothing here allocates. */
#include "switch/core/pipeline.h"

#include <assert.h>
#include <stdalign.h>

struct qnode {
	struct qnode *next;
	struct buf *self; /* the pooled buffer this node lies in */
	struct frame f;   /* owns one reference to its bytes */
	uint8_t hlen, hdr[sizeof((struct txv *)NULL)->hdr];
};
static_assert(offsetof(struct buf, bytes) % alignof(struct qnode) == 0,
	      "a node may lie in a buffer");

enum drop_reason egress_decide(const struct batch *t, const struct port *out, const struct frame *f)
{
	if (!out->open)
		return out->live ? DROP_STP_STATE : DROP_DOWN;
	if (out->copies_only)
		return DROP_POLICY;
	if (t->b->cfg.hub)
		return PASS;
	if (t->in->cfg.isolated && out->cfg.isolated)
		return DROP_ISOLATED;
	unsigned i = (unsigned)(f - t->f);
	if (t->choosy >> i & 1 && vepa_egress(t, out, i) != PASS)
		return DROP_VEPA;
	return vlan_egress(&out->cfg.vlan, f);
}

void drop_out(struct port *p, const struct frame *f, enum drop_reason why)
{
	p->count.out_drops += f->segs;
	p->count.drops[why] += f->segs;
}

static void count_tx(struct port *p, const struct txv *v, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		p->count.tx_frames += v[i].f->segs;
		p->count.tx_bytes += gso_bytes(v[i].f, txv_len(&v[i]));
	}
}

/* --- the queue --- */

static void append(struct queue *q, struct qnode *n)
{
	n->next = NULL;
	if (q->tail)
		q->tail->next = n;
	else
		q->head = n;
	q->tail = n;
}

static void drop_head(struct port *p, struct queue *q)
{
	struct qnode *n = q->head;
	assert(n);
	q->head = n->next;
	if (!q->head)
		q->tail = NULL;
	if (q == &p->data)
		p->queued -= n->f.segs;
	buf_unref(n->f.buf);
	buf_unref(n->self);
}

/* Copies a borrowed frame once for all queues of this batch; egress_done() gives the batch's own
 * reference back. */
static bool keep(struct batch *t, unsigned i)
{
	struct frame *f = &t->f[i];
	if (f->buf)
		return true;
	const uint8_t *data = f->data;
	if (frame_keep(f, t->b->pool) < 0)
		return false;
	t->data[i] = data;
	t->kept |= UINT64_C(1) << i;
	return true;
}

void egress_lose(struct batch *t, struct port *p, const struct txv *v, enum drop_reason why)
{
	drop_out(p, v->f, why);
	if (t->b->tapped)
		tap_out(t->b, p, v, 1, why, t->now);
}

static void enqueue(struct batch *t, struct port *p, const struct txv *v)
{
	bool control = v->f->flags & FRAME_CONTROL;
	if (!control && p->queued + v->f->segs > p->cfg.queue) {
		egress_lose(t, p, v, DROP_QUEUE_FULL);
		return;
	}
	struct buf *self = pool_get(t->b->pool, sizeof(struct qnode));
	if (!self || !keep(t, (unsigned)(v->f - t->f))) {
		buf_unref(self);
		egress_lose(t, p, v, DROP_NO_BUFFER);
		return;
	}
	struct qnode *n = (void *)self->bytes;
	n->self = self;
	n->f = *v->f;
	buf_ref(n->f.buf);
	n->hlen = v->hlen;
	memcpy(n->hdr, v->hdr, sizeof n->hdr);
	append(control ? &p->control : &p->data, n);
	if (!control)
		p->queued += n->f.segs;
}

/* The oldest frames of a queue as the host wants them. */
static unsigned peek(const struct queue *q, struct txv v[static BATCH_MAX])
{
	unsigned n = 0;
	for (const struct qnode *q1 = q->head; q1 && n < BATCH_MAX; q1 = q1->next) {
		v[n].f = &q1->f;
		v[n].hlen = q1->hlen;
		memcpy(v[n++].hdr, q1->hdr, sizeof q1->hdr);
	}
	return n;
}

static bool drain(struct bridge *b, struct port *p, struct queue *q,
		  int64_t now) /* true: empty now */
{
	struct txv v[BATCH_MAX];
	for (unsigned n; (n = peek(q, v));) {
		unsigned took = b->host->tx(b->ctx, p->no, v, n);
		assert(took <= n);
		count_tx(p, v, took);
		if (b->tapped)
			tap_out(b, p, v, took, PASS, now);
		for (unsigned i = 0; i < took; i++)
			drop_head(p, q);
		if (took < n)
			return false;
	}
	return true;
}

void bridge_writable(struct bridge *b, unsigned port, int64_t now)
{
	struct port *p = bridge_port(b, port);
	if (!p || !p->live || (!p->control.head && !p->data.head))
		return;
	if (drain(b, p, &p->control, now))
		drain(b, p, &p->data, now);
	b->gen[BRIDGE_GEN_TRAFFIC]++;
}

static void purge(struct bridge *b, struct port *p, struct queue *q, enum drop_reason why,
		  int64_t now)
{
	struct txv v[BATCH_MAX];
	for (unsigned n; (n = peek(q, v));) {
		if (b->tapped)
			tap_out(b, p, v, n, why, now);
		for (unsigned k = 0; k < n; k++) {
			drop_out(p, v[k].f, why);
			drop_head(p, q);
		}
	}
}

void egress_purge_data(struct bridge *b, struct port *p, enum drop_reason why, int64_t now)
{
	purge(b, p, &p->data, why, now);
	b->gen[BRIDGE_GEN_TRAFFIC]++;
}

void egress_purge(struct bridge *b, struct port *p, enum drop_reason why, int64_t now)
{
	purge(b, p, &p->control, why, now);
	egress_purge_data(b, p, why, now);
}

uint64_t egress_queued(const struct port *p)
{
	uint64_t n = 0;
	for (const struct qnode *q = p->control.head; q; q = q->next)
		n += q->f.segs;
	for (const struct qnode *q = p->data.head; q; q = q->next)
		n += q->f.segs;
	return n;
}

/* --- sending --- */

void egress_send(struct batch *t, struct port *p, const struct txv *v, unsigned n)
{
	unsigned took = 0;
	if (n && !p->control.head && !p->data.head) {
		took = t->b->host->tx(t->b->ctx, p->no, v, n);
		assert(took <= n);
		count_tx(p, v, took);
		if (t->b->tapped)
			tap_out(t->b, p, v, took, PASS, t->now);
	}
	for (unsigned i = took; i < n; i++)
		enqueue(t, p, &v[i]);
}

enum drop_reason egress_header(const struct batch *t, const struct port *p, const struct frame *f,
			       struct txv *v)
{
	if (t->b->cfg.hub)
		*v = txv_plain(f);
	else
		vlan_header(&p->cfg.vlan, f, v);
	/* a tag may have been one too many */
	return gso_longest(f, txv_len(v)) > ETH_FRAME_MAX ? DROP_OVERSIZE : PASS;
}

static void send_mask(struct batch *t, struct port *p)
{
	struct txv v[BATCH_MAX];
	unsigned n = 0;
	for (uint64_t m = p->mask; m; m &= m - 1) {
		const struct frame *f = &t->f[__builtin_ctzll(m)];
		enum drop_reason r = egress_header(t, p, f, &v[n]);
		t->b->copies += f->segs;
		if (r != PASS)
			egress_lose(t, p, &v[n], r);
		else
			n++;
	}
	p->mask = 0;
	egress_send(t, p, v, n);
}

static void let_go(struct batch *t) /* of the copies: the queues have their own references */
{
	for (uint64_t m = t->kept; m; m &= m - 1) {
		unsigned i = (unsigned)__builtin_ctzll(m);
		buf_unref(t->f[i].buf);
		t->f[i].buf = NULL;
		t->f[i].data = t->data[i];
	}
	t->kept = 0;
}

void egress_act(struct batch *t)
{
	struct portset *s = &t->b->touched;
	for (unsigned p = portset_next(s, 0); p != UINT_MAX; p = portset_next(s, p + 1)) {
		portset_put(s, p, false);
		send_mask(t, t->b->port[p]);
	}
	let_go(t);
}

void egress_originate(struct bridge *b, struct port *p, const uint8_t *bytes, uint32_t len,
		      int64_t now)
{
	struct frame f = frame_over(bytes, len, NULL);
	f.flags |= FRAME_CONTROL;
	struct batch t = { .b = b, .f = &f, .n = 1, .now = now };
	struct txv v = txv_plain(&f);
	b->originated += f.segs;
	b->forwarded += f.segs;
	b->copies += f.segs;
	egress_send(&t, p, &v, 1);
	mirror_originated(&t, p);
	let_go(&t);
	b->gen[BRIDGE_GEN_TRAFFIC]++;
}
