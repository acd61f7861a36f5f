/* SPDX-License-Identifier: MIT */
/* rstp_timers.c - Port Timers, 802.1D-2004 17.22, in nanoseconds: a timer is zero once its deadline
 * has come. A port's earliest deadline stands in the heap. */
#include "switch/core/rstp_inner.h"

void timer_start(struct rstp_port *p, enum rstp_timer t, int64_t span_ns)
{
	p->timer[t] = (struct rstp_while){ .due = p->r->now + span_ns, .span = span_ns };
}

void timer_hold(struct rstp_port *p, enum rstp_timer t, int64_t span_ns)
{
	p->timer[t] = (struct rstp_while){ .due = RSTP_HELD, .span = span_ns };
}

void timer_release(struct rstp_port *p, enum rstp_timer t)
{
	if (p->timer[t].due == RSTP_HELD)
		timer_start(p, t, p->timer[t].span);
}

bool timer_zero(const struct rstp_port *p, enum rstp_timer t)
{
	const struct rstp_while *w = &p->timer[t];
	return w->due == RSTP_HELD ? w->span == 0 : w->due <= p->r->now;
}

bool timer_held_at(const struct rstp_port *p, enum rstp_timer t, int64_t span_ns)
{
	return p->timer[t].due == RSTP_HELD && p->timer[t].span == span_ns;
}

int64_t timer_left(const struct rstp_port *p, enum rstp_timer t)
{
	const struct rstp_while *w = &p->timer[t];
	if (w->due == RSTP_HELD)
		return w->span;
	return w->due > p->r->now ? w->due - p->r->now : 0;
}

void timers_key(struct rstp_port *p)
{
	int64_t first = TIME_NEVER;
	for (unsigned t = 0; t < RSTP_TIMERS; t++)
		if (p->timer[t].due > p->r->now && p->timer[t].due < first)
			first = p->timer[t].due;
	heap_set(&p->r->heap, &p->d, first);
}

/* What an expiry does besides making a condition true; at most once for each. */
void timers_pass(struct rstp_port *p)
{
	int64_t now = p->r->now;
	while (p->txCount && p->timer[TX_TICK].due <= now) {
		p->txCount--;
		p->timer[TX_TICK].due += SECOND_NS;
	}
	if (!p->txCount)
		p->timer[TX_TICK].due = 0;
	int64_t rr = p->timer[RR_WHILE].due;
	if (rr > p->looked && rr <= now)
		rstp_touch_all(p->r); /* reRooted, 17.20.10, is read on every port */
	p->looked = now;
}
