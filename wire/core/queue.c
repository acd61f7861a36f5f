/* SPDX-License-Identifier: MIT */
/* queue.c - what waits for the rate, first in, first out. `limit` bounds those that wait; the frame
 * being sent is not one of them. Ticking late changes nothing: each frame starts when the one
 * before it ended, not when the tick came. */
#include "wire/core/side.h"

static const struct server *server_of(const struct wire_law *law)
{
	if (law->trace)
		return &server_trace;
	if (law->slot.max_ns > 0)
		return &server_slot;
	return law->rate_bps > 0 ? &server_rate : NULL;
}

bool queue_has_law(const struct wire_law *law)
{
	return server_of(law) != NULL;
}

/* wirefilter's channel has a capacity also where it has no rate. */
static bool bounds_channel(const struct wire_law *law)
{
	return law->compat == WIRE_WIREFILTER;
}

static bool queue_wanted(const struct side *s)
{
	return queue_has_law(s->law) || s->queue.count > 0 || bounds_channel(s->law);
}

static void queue_prepare(struct side *s)
{
	/* Frames that wait when all limits are lifted leave through a rate without one. */
	s->server = server_of(s->law) ? server_of(s->law) : &server_rate;
	if (s->law->trace && s->law->trace != s->opportunity.of)
		s->opportunity =
			(struct opportunity){ .of = s->law->trace, .start_ns = s->w->applied_at };
}

static bool queue_is_full(const struct side *s, uint32_t len)
{
	struct amount limit = s->law->limit;
	uint64_t count = s->queue.count, bytes = s->queue.bytes;
	if (bounds_channel(s->law)) { /* all that is under way */
		count += s->line.count;
		bytes += s->line.bytes;
	}
	if (limit.packets)
		return count >= limit.count;
	return len > limit.count || bytes > limit.count - len;
}

void queue_drop_head(struct side *s, enum drop_reason why)
{
	struct node *n = fifo_pop(&s->queue);
	pass_drop(s, &n->p, why);
	node_done(s->w, n);
}

/* Room for the frame, or it is dropped. */
static bool admit(struct side *s, struct pass *p, int64_t now)
{
	if (s->law->queue.kind == WIRE_RED && red_drops(s, p, now)) {
		pass_drop(s, p, DROP_AQM);
		return false;
	}
	while (queue_is_full(s, p->f.len)) {
		if (s->law->queue.kind != WIRE_DROPHEAD || !s->queue.count) {
			pass_drop(s, p, DROP_QUEUE_LIMIT);
			return false;
		}
		queue_drop_head(s, DROP_QUEUE_LIMIT);
	}
	return true;
}

static void queue_enter(struct run *r, const struct stage *const *at, struct pass *p)
{
	struct side *s = r->s;
	if (bounds_channel(s->law) && queue_is_full(s, p->f.len)) {
		pass_drop(s, p, DROP_QUEUE_LIMIT);
		return;
	}
	if (!s->queue.count) {
		if (s->server->arrive)
			s->server->arrive(s, r->now);
		if (s->server->free_at(s) <= r->now) {
			red_idle(s, r->now);
			p->due = s->server->send(s, p->f.len, r->now);
			pass_on(r, at, p);
			return;
		}
	}
	if (!admit(s, p, r->now))
		return;
	struct node *n = pass_keep(s, p);
	if (!n)
		return;
	fifo_push(&s->queue, n);
	red_busy(s);
}

static int64_t queue_next(const struct side *s)
{
	return s->queue.head ? s->server->free_at(s) : TIME_NEVER;
}

static void queue_tick(struct run *r, const struct stage *const *at)
{
	struct side *s = r->s;
	int64_t start;
	while (s->queue.head && (start = s->server->free_at(s)) <= r->now) {
		if (s->law->queue.kind == WIRE_CODEL)
			codel_drop(s, start);
		struct node *n = fifo_pop(&s->queue);
		if (!n)
			break;
		struct pass p = n->p;
		node_done(s->w, n);
		p.due = s->server->send(s, p.f.len, p.in_ns);
		pass_on(r, at, &p);
		if (!s->queue.count)
			red_idle(s, start);
	}
}

static void queue_flush(struct side *s, enum drop_reason why)
{
	while (s->queue.count)
		queue_drop_head(s, why);
	s->finish = (struct finish){ 0 };
	s->slot.at = 0;
	s->red = (struct red){ 0 };
	s->codel = (struct codel){ 0 };
}

const struct stage stage_queue = {
	.name = "queue",
	.takes_bare = true,
	.wanted = queue_wanted,
	.prepare = queue_prepare,
	.enter = queue_enter,
	.next = queue_next,
	.tick = queue_tick,
	.flush = queue_flush,
};
