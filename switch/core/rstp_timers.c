/* SPDX-License-Identifier: MIT */
/* rstp_timers.c - Port Timers, 802.1D-2004 17.22, in nanoseconds: a timer is zero once its deadline
 * has come. A port's earliest deadline stands in the heap. */
#include "switch/core/rstp_inner.h"

const struct rstp_while *timer_of(const struct rstp_port *p, enum rstp_timer t)
{
	return t < RSTP_TREE_TIMERS ? &p->tree.timer[t] : &p->timer[t - RSTP_TREE_TIMERS];
}

static void set(struct rstp_port *p, enum rstp_timer t, int64_t due, int64_t span_ns)
{
	struct rstp_while *w =
		t < RSTP_TREE_TIMERS ? &p->tree.timer[t] : &p->timer[t - RSTP_TREE_TIMERS];
	*w = (struct rstp_while){ .due = due, .span = span_ns };
}

void timer_start(struct rstp_port *p, enum rstp_timer t, int64_t span_ns)
{
	set(p, t, p->r->now + span_ns, span_ns);
}

void timer_hold(struct rstp_port *p, enum rstp_timer t, int64_t span_ns)
{
	set(p, t, RSTP_HELD, span_ns);
}

bool timer_held(const struct rstp_port *p, enum rstp_timer t)
{
	return timer_of(p, t)->due == RSTP_HELD;
}

void timer_release(struct rstp_port *p, enum rstp_timer t)
{
	if (timer_held(p, t))
		timer_start(p, t, timer_of(p, t)->span);
}

int64_t timer_left_at(const struct rstp_port *p, enum rstp_timer t, int64_t now)
{
	const struct rstp_while *w = timer_of(p, t);
	if (w->due == RSTP_HELD)
		return w->span;
	return w->due > now ? w->due - now : 0;
}

int64_t timer_left(const struct rstp_port *p, enum rstp_timer t)
{
	return timer_left_at(p, t, p->r->now);
}

bool timer_zero(const struct rstp_port *p, enum rstp_timer t)
{
	return timer_left(p, t) == 0;
}

bool timer_held_at(const struct rstp_port *p, enum rstp_timer t, int64_t span_ns)
{
	return timer_held(p, t) && timer_of(p, t)->span == span_ns;
}

void timers_key(struct rstp_port *p)
{
	int64_t first = TIME_NEVER;
	for (enum rstp_timer t = 0; t < RSTP_TIMERS; t++) {
		int64_t due = timer_of(p, t)->due;
		if (due > p->r->now && due < first)
			first = due;
	}
	heap_set(&p->r->heap, &p->d, first);
}

/* What an expiry does besides making a condition true; at most once for each. */
void timers_pass(struct rstp_port *p)
{
	int64_t now = p->r->now, tick = timer_of(p, TX_TICK)->due;
	for (; p->txCount && tick <= now; tick += SECOND_NS)
		p->txCount--;
	set(p, TX_TICK, p->txCount ? tick : 0, SECOND_NS);
	int64_t rr = timer_of(p, RR_WHILE)->due;
	if (rr > p->looked && rr <= now)
		rstp_touch_all(p->r); /* reRooted, 17.20.10, is read on every port */
	p->looked = now;
}
