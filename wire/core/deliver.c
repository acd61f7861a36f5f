/* SPDX-License-Identifier: MIT */
/* deliver.c - the end of the wire: frames wait here for their due time, or because the wire is held
 * or the far end takes nothing, and leave in order of (due, entry), in batches. */
#include "wire/core/side.h"

/* Jitter reorders unless `fifo` is asked for; nothing else but `reorder` does, not even a change of
 * the delay. */
static bool keeps_order(const struct wire_law *law)
{
	return law->compat != WIRE_NETEM && (law->fifo || law->jitter_ns == 0);
}

static bool stuck(const struct side *s)
{
	return s->w->hold || s->blocked;
}

static bool deliver_wanted(const struct side *s)
{
	(void)s;
	return true;
}

/* The frame of a departure: in its node, or beside it when it never had to wait. */
static struct pass *departing(struct departure *d)
{
	return d->node ? &d->node->p : &d->p;
}

static void collect(struct run *r, const struct pass *p, struct node *n)
{
	struct departure *d = &r->out[r->count];
	d->node = n;
	if (!n)
		d->p = *p;
	struct frame *f = &departing(d)->f;
	int64_t stamp = departing(d)->due;
	f->rx_ns = stamp > r->s->w->released_at ? stamp : r->s->w->released_at;
	r->v[r->count] = txv_plain(f);
	if (++r->count == BATCH_MAX)
		run_flush(r);
}

static void deliver_enter(struct run *r, const struct stage *const *at, struct pass *p)
{
	struct side *s = r->s;
	(void)at;
	bool overtakes = p->fate & FATE_OVERTAKE;
	if (overtakes && p->due < s->last_due)
		s->stats.overtaking += p->f.segs;
	if (keeps_order(s->law) && !overtakes && p->due < s->last_due)
		p->due = s->last_due;
	if (p->due > s->last_due)
		s->last_due = p->due;
	p->seq = s->next_seq++;
	/* What a late tick lets go late (due < now) is sorted in the line with the rest. */
	struct node *head = line_head(&s->line);
	if (p->due == r->now && !stuck(s) && (!head || p->due < head->p.due)) {
		collect(r, p, NULL);
		return;
	}
	struct node *n = pass_keep(s, p);
	if (n)
		line_add(&s->line, n);
}

static int64_t deliver_next(const struct side *s)
{
	struct node *n = stuck(s) ? NULL : line_head(&s->line);
	return n ? n->p.due : TIME_NEVER;
}

static void deliver_tick(struct run *r, const struct stage *const *at)
{
	struct side *s = r->s;
	(void)at;
	while (deliver_next(s) <= r->now)
		collect(r, NULL, line_pop(&s->line));
	run_flush(r);
}

static void deliver_flush(struct side *s, enum drop_reason why)
{
	for (struct node *n; (n = line_pop(&s->line)) != NULL; node_done(s->w, n))
		pass_drop(s, &n->p, why);
	s->last_due = 0;
}

const struct stage stage_deliver = { .name = "deliver",
				     .takes_bare = true,
				     .wanted = deliver_wanted,
				     .enter = deliver_enter,
				     .next = deliver_next,
				     .tick = deliver_tick,
				     .flush = deliver_flush };

static void let_go(struct side *s, struct departure *d)
{
	struct pass *p = departing(d);
	if (p->kept)
		buf_unref(p->f.buf);
	if (d->node)
		node_done(s->w, d->node);
}

/* Back to its place in the line: the far end will take it later. */
static void put_back(struct side *s, struct departure *d)
{
	struct node *n = d->node ? d->node : pass_keep(s, &d->p);
	if (n)
		line_add(&s->line, n);
}

void run_flush(struct run *r)
{
	struct side *s = r->s;
	struct wire *w = s->w;
	unsigned n = r->count, taken = 0;
	if (!n)
		return;
	r->count = 0;
	if (!w->present[!s->dir]) {
		for (unsigned i = 0; i < n; i++) {
			s->stats.drops[DROP_PEER] += departing(&r->out[i])->f.segs;
			if (w->tapped)
				pass_tap(s, departing(&r->out[i]), DROP_PEER);
			let_go(s, &r->out[i]);
		}
		return;
	}
	if (!s->blocked)
		taken = w->host.tx(w->ctx, s->dir, r->v, n);
	assert(taken <= n);
	for (unsigned i = 0; i < taken; i++) {
		const struct pass *p = departing(&r->out[i]);
		meter_delivered(s, &p->f, p->in_ns, r->now);
		if (w->tapped)
			pass_tap(s, p, DROP_REASONS);
		let_go(s, &r->out[i]);
	}
	for (unsigned i = taken; i < n; i++)
		put_back(s, &r->out[i]);
	s->blocked = taken < n;
}
