/* SPDX-License-Identifier: MIT */
/* sim.c - virtual time: the loop over the one heap of all that is due. */
#include "lab/sim/sim.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t order_of(const struct deadline *d)
{
	return d->id & ((UINT64_C(1) << 56) - 1);
}

void sim_trouble(struct sim *s, int code, const char *what)
{
	if (!s->trouble)
		s->trouble = err_set(&s->words, code, "%s", what);
	s->something = true;
}

static void timer_fires(struct sim_timer *t)
{
	void (*fn)(void *) = t->fn;
	void *ctx = t->ctx;
	free(t);
	fn(ctx);
}

static void deadline_fires(struct sim *s, struct deadline *d)
{
	uint64_t order = order_of(d);
	if (order >= SIM_CALL_ID) {
		sim_call_late(container_of(d, struct sim_call, due));
	} else if (order >= s->nnodes) {
		struct sim_wire *w = container_of(d, struct sim_wire, due);
		sim_trace_cause(s, w->changed);
		wire_tick(w->core, s->now);
		sim_key_wire(w);
	} else {
		struct sim_node *n = container_of(d, struct sim_node, due);
		sim_trace_timer(n);
		if (n->bridge)
			bridge_tick(n->bridge, sim_clock(n));
		else if (n->station)
			station_tick(n->station, s->now);
		if (n->station)
			s->stirred_at = s->now;
		sim_key_node(n);
		sim_calls_look(n);
	}
}

static void handle(struct sim *s, struct deadline *d)
{
	switch ((enum sim_class)(d->id >> 56)) {
	case CLASS_PLAN:
		heap_set(&s->heap, d, TIME_NEVER);
		sim_stir(s);
		timer_fires(container_of(d, struct sim_timer, due));
		break;
	case CLASS_ARRIVAL:
		sim_arrive(container_of(d, struct sim_node, arrives)); /* keys it anew */
		break;
	case CLASS_DEADLINE:
		heap_set(&s->heap, d, TIME_NEVER);
		deadline_fires(s, d);
		break;
	}
	pool_grow(s->pool);
}

/* A core that asks for the present again and again, or frames that circle without delay. */
static int stands_still(struct sim *s, const struct deadline *d, struct err *e)
{
	uint64_t order = order_of(d);
	const char *who = order < s->nnodes ? s->node[order].spec->name : "a cable";
	return err_set(
		e, -ELOOP,
		"time does not advance at %lld ns: a million events in one instant, the last at %s",
		(long long)s->now, who);
}

static void advance(struct sim *s, int64_t to)
{
	if (to > s->now) {
		s->now = to;
		s->at_instant = 0;
	}
}

static int sim_step(struct world *w, int64_t until, struct err *e)
{
	struct sim *s = sim_of(w);
	bool handled = false;
	for (s->something = false;;) {
		if (pool_ran_dry(
			    s->pool)) /* a core has counted it: no frame is lost in silence here */
			sim_trouble(s, -ENOBUFS, "the pool of frames is exhausted");
		if (s->trouble)
			return err_set(e, s->trouble, "%s", s->words.text);
		if (*w->setup->stop)
			return -EINTR;
		struct deadline *d = heap_head(&s->heap);
		if ((!d || d->due > s->now) && (s->something || (handled && s->watched)))
			return 1;
		if (!d || d->due > until) {
			if (until != TIME_NEVER)
				advance(s, until);
			return 0;
		}
		advance(s, d->due);
		if (++s->at_instant > SIM_INSTANT_MAX)
			return stands_still(s, d, e);
		handle(s, d);
		handled = true;
	}
}

/* ---- will anything new ever come? ---- */

/* Something is to come that no bridge repeats: a planned fault, a deadline of a call, what a
 * station is about to do, a frame on a long cable. */
static bool awaited(const struct sim *s, const struct deadline *d)
{
	uint64_t order = order_of(d);
	if (d->id >> 56 == CLASS_PLAN || order >= SIM_CALL_ID)
		return true;
	return order < s->nnodes ? s->node[order].station != NULL : d->due > s->now + SIM_QUIET_NS;
}

static uint64_t generations(const struct sim *s)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < s->nnodes; i++)
		if (s->node[i].bridge)
			sum += bridge_generation(s->node[i].bridge, BRIDGE_GEN_STATE);
	return sum;
}

static bool sim_idle(struct world *w)
{
	struct sim *s = sim_of(w);
	if (!heap_head(&s->heap))
		return true;
	if (s->now - s->stirred_at < SIM_QUIET_NS)
		return false;
	for (size_t i = 0; i < s->heap.count; i++)
		if (awaited(s, s->heap.v[i]))
			return false;
	uint64_t g = generations(s);
	if (g == s->calm)
		return true;
	s->calm = g;
	s->stirred_at = s->now; /* and once more */
	return false;
}

static int64_t sim_next(struct world *w)
{
	return heap_next(&sim_of(w)->heap);
}

static int64_t sim_now(struct world *w)
{
	return sim_of(w)->now;
}

static int sim_at(struct world *w, int64_t when, void (*fn)(void *ctx), void *ctx)
{
	struct sim *s = sim_of(w);
	struct sim_timer *t = calloc(1, sizeof *t);
	if (!t || heap_reserve(&s->heap, s->heap.count + s->wanted + 1) < 0) {
		free(t);
		return -ENOMEM;
	}
	*t = (struct sim_timer){ .due.id = sim_id(CLASS_PLAN, ++s->serial), .fn = fn, .ctx = ctx };
	heap_set(&s->heap, &t->due, when > s->now ? when : s->now);
	return 0;
}

static uint64_t sim_generation(struct world *w, struct ref who, enum generation g)
{
	struct sim *s = sim_of(w);
	if (who.cable) {
		const struct sim_wire *c = &s->wire[s->nnodes + who.index];
		return g == GEN_STATE ? wire_generation(c->core) : c->touched;
	}
	const struct sim_node *n = &s->node[who.index];
	if (g == GEN_TRAFFIC)
		return n->touched;
	if (n->station)
		return station_generation(n->station);
	return n->lived + (n->bridge ? bridge_generation(n->bridge, BRIDGE_GEN_STATE) : 0);
}

static void sim_watch(struct world *w, bool on)
{
	sim_of(w)->watched = on;
}

/* Timers that have not fired are only in the heap: they are picked out before it forgets them. */
static void forget_all(struct sim *s)
{
	size_t n = 0;
	struct sim_timer **timers = calloc(s->heap.count + 1, sizeof *timers);
	for (size_t i = 0; timers && i < s->heap.count; i++)
		if (s->heap.v[i]->id >> 56 == CLASS_PLAN)
			timers[n++] = container_of(s->heap.v[i], struct sim_timer, due);
	heap_fini(&s->heap);
	for (size_t i = 0; i < n; i++)
		free(timers[i]);
	free(timers);
}

static void sim_free(struct world *w)
{
	if (!w)
		return;
	struct sim *s = sim_of(w);
	sim_captures_close(s);
	forget_all(s);
	sim_nodes_close(s);
	pool_free(s->pool);
	free(s);
}

static const struct world_ops sim_ops = {
	.free = sim_free,
	.now = sim_now,
	.step = sim_step,
	.idle = sim_idle,
	.at = sim_at,
	.start = sim_start,
	.call_end = sim_call_end,
	.generation = sim_generation,
	.watch = sim_watch,
	.fingerprint = sim_fingerprint,
	.next = sim_next,
	.commands = sim_commands,
	.told = sim_told,
	.flush = sim_captures_flush,
};

static int sim_probe(const char *self, struct err *why)
{
	(void)self;
	(void)why;
	return 0;
}

static int sim_open(struct world **out, const struct world_setup *setup, struct err *e)
{
	struct sim *s = calloc(1, sizeof *s);
	if (!s)
		return err_set(e, -ENOMEM, "out of memory");
	s->world = (struct world){ .ops = &sim_ops, .setup = setup, .can = WORLD_EXACT };
	s->pool = pool_new(setup->frame_bytes ? setup->frame_bytes : SIM_POOL_BYTES);
	int r = s->pool ? sim_nodes_open(s, e) : err_set(e, -ENOMEM, "out of memory");
	unsigned id;
	if (!r && setup->capture)
		r = sim_capture_open(s, NULL, -1, setup->capture, NULL, &id, e);
	if (!r)
		r = sim_step(&s->world, 0, e); /* links come up: the lab stands */
	if (r < 0) {
		sim_free(&s->world);
		return r;
	}
	*out = &s->world;
	return 0;
}

const struct world_kind world_sim = { "sim", sim_probe, sim_open };
