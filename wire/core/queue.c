/* SPDX-License-Identifier: MIT */
/* queue.c - what waits for the rate, first in, first out. `limit` bounds those that wait; the frame
 * being sent is not one of them. Ticking late changes nothing: each frame starts when the one
 * before it ended, not when the tick came. */
#include "wire/core/side.h"

static bool queue_wanted(const struct side *s)
{
	return s->law->rate_bps > 0 || s->queue.count > 0;
}

static bool queue_is_full(const struct side *s, uint32_t len)
{
	struct amount limit = s->law->limit;
	if (limit.packets)
		return s->queue.count >= limit.count;
	return len > limit.count || s->queue.bytes > limit.count - len;
}

static void queue_enter(struct run *r, const struct stage *const *at, struct pass *p)
{
	struct side *s = r->s;
	if (!s->queue.count && !rate_is_busy(s, r->now)) {
		p->due = rate_send(s, p->f.len, r->now);
		pass_on(r, at, p);
		return;
	}
	if (queue_is_full(s, p->f.len)) {
		pass_drop(s, p, DROP_QUEUE_LIMIT);
		return;
	}
	struct node *n = pass_keep(s, p);
	if (n)
		fifo_push(&s->queue, n);
}

static int64_t queue_next(const struct side *s)
{
	return s->queue.head ? rate_free_at(s) : TIME_NEVER;
}

static void queue_tick(struct run *r, const struct stage *const *at)
{
	struct side *s = r->s;
	while (s->queue.head && !rate_is_busy(s, r->now)) {
		struct node *n = fifo_pop(&s->queue);
		struct pass p = n->p;
		node_done(s->w, n);
		p.due = rate_send(s, p.f.len, p.in_ns);
		pass_on(r, at, &p);
	}
}

static void queue_flush(struct side *s, enum drop_reason why)
{
	for (struct node *n; (n = fifo_pop(&s->queue)) != NULL; node_done(s->w, n))
		pass_drop(s, &n->p, why);
	s->finish = (struct finish){ 0 };
}

const struct stage stage_queue = { .name = "queue",
				   .wanted = queue_wanted,
				   .enter = queue_enter,
				   .next = queue_next,
				   .tick = queue_tick,
				   .flush = queue_flush };
