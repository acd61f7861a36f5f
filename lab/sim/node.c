/* SPDX-License-Identifier: MIT */
/* node.c - the cores of a lab and what joins them. Nodes are joined by wires: a node's frames go
 * into a wire at once, a wire's departures wait in the receiver's inbox (class 1, the same
 * instant), since a notice must never call back into the core that gave it. */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/sim/sim.h"

void sim_key_wire(struct sim_wire *w)
{
	w->touched++;
	heap_set(&w->sim->heap, &w->due, wire_next(w->core));
}

void sim_key_node(struct sim_node *n)
{
	n->touched++;
	int64_t next = TIME_NEVER;
	if (n->bridge && !n->paused)
		next = sim_clock_due(n, bridge_next(n->bridge));
	else if (n->station)
		next = station_next(n->station);
	heap_set(&n->sim->heap, &n->due, next);
}

/* ---- inboxes ---- */

static void inbox_grow(struct sim_node *n)
{
	struct inbox *q = &n->inbox;
	size_t room = q->room ? q->room * 2 : 8;
	struct arrival *v = calloc(room, sizeof *v);
	if (!v) {
		sim_trouble(n->sim, -ENOMEM, "out of memory");
		return;
	}
	for (size_t i = 0; i < q->count; i++)
		v[i] = q->v[(q->head + i) % q->room];
	free(q->v);
	*q = (struct inbox){ .v = v, .count = q->count, .room = room };
}

static void inbox_add(struct sim_node *n, const struct arrival *a)
{
	if (n->inbox.count == n->inbox.room)
		inbox_grow(n);
	struct inbox *q = &n->inbox;
	if (q->count == q->room ||
	    (n->paused && a->what == ARRIVES_FRAME && q->count >= SIM_PAUSED_MAX)) {
		buf_unref(a->frame.buf);
		return;
	}
	q->v[(q->head + q->count++) % q->room] = *a;
	if (!n->paused)
		heap_set(&n->sim->heap, &n->arrives, n->sim->now);
}

static void inbox_clear(struct sim_node *n)
{
	struct inbox *q = &n->inbox;
	for (; q->count; q->count--, q->head = (q->head + 1) % q->room)
		buf_unref(q->v[q->head].frame.buf);
	heap_set(&n->sim->heap, &n->arrives, TIME_NEVER);
}

static void frame_arrives(struct sim_node *n, struct arrival *a)
{
	struct sim *s = n->sim;
	uint64_t drops[DROP_REASONS];
	sim_print_frame(&n->port[a->port], &a->frame, s->now);
	sim_trace_in(n, a->port, &a->frame, a->cause);
	sim_trace_before(n, drops);
	a->frame.rx_ns = s->now;
	if (n->bridge)
		bridge_rx(n->bridge, a->port, &a->frame, 1, sim_clock(n));
	else if (n->station)
		station_rx(n->station, &a->frame, 1, s->now);
	sim_trace_after(n, drops);
	buf_unref(a->frame.buf);
}

static void link_arrives(struct sim_node *n, const struct arrival *a)
{
	sim_trace_cause(n->sim, a->cause);
	if (n->bridge)
		bridge_link(n->bridge, a->port, a->on, &(struct link_info){ 0 }, sim_clock(n));
	else if (n->station)
		station_link(n->station, a->on, n->sim->now);
}

void sim_arrive(struct sim_node *n)
{
	struct inbox *q = &n->inbox;
	assert(q->count);
	struct arrival a = q->v[q->head];
	q->head = (q->head + 1) % q->room;
	q->count--;
	heap_set(&n->sim->heap, &n->arrives, q->count ? n->sim->now : TIME_NEVER);
	if (a.what == ARRIVES_FRAME)
		frame_arrives(n, &a);
	else
		link_arrives(n, &a);
	sim_key_node(n);
	sim_calls_look(n);
}

/* ---- out of a node, into its wire ---- */

static void into_wire(struct sim_node *n, unsigned port, const struct txv *v, unsigned count)
{
	struct sim *s = n->sim;
	struct sim_port *p = port < n->nports ? &n->port[port] : NULL;
	if (!p || !p->wire)
		return; /* nothing is plugged in there: gone, as on an open socket */
	for (unsigned i = 0; i < count; i++) {
		struct frame f;
		pool_grow(s->pool); /* one flood may need more than a slab */
		int r = frame_keep_txv(&f, &v[i], s->pool);
		if (r == -ENOBUFS)
			sim_trouble(s, r, "the pool of frames is exhausted");
		if (r < 0)
			continue;
		sim_trace_out(n, port, p->wire, &f);
		f.rx_ns = s->now;
		wire_rx(p->wire->core, p->end, &f, 1, s->now);
		buf_unref(f.buf);
	}
	sim_key_wire(p->wire);
}

static unsigned bridge_tx(void *ctx, unsigned port, const struct txv *v, unsigned n)
{
	into_wire(ctx, port, v, n);
	return n;
}

static unsigned station_tx(void *ctx, const struct txv *v, unsigned n)
{
	into_wire(ctx, 0, v, n);
	return n;
}

static void bridge_event(void *ctx, const struct event *ev)
{
	struct sim_node *n = ctx;
	const struct world_hooks *h = &n->sim->world.setup->hooks;
	struct event at = *ev;
	at.at = n->sim->now; /* not what its own clock says */
	sim_stir(n->sim);
	sim_trace_event(n->sim, n->spec->name, &at);
	if (h->event)
		h->event(h->ctx, (struct ref){ .index = n->idx }, &at);
}

static void bridge_carrier(void *ctx, unsigned port, bool on)
{
	struct sim_node *n = ctx;
	struct sim_port *p = port < n->nports ? &n->port[port] : NULL;
	if (!p || !p->wire)
		return;
	wire_link(p->wire->core, p->end, on, n->sim->now);
	sim_key_wire(p->wire);
}

/* ---- out of a wire, into the node at its far end ---- */

static unsigned wire_tx(void *ctx, enum wire_dir dir, const struct txv *v, unsigned count)
{
	struct sim_wire *w = ctx;
	struct sim_node *n = w->end[!dir].node;
	for (unsigned i = 0; i < count; i++) {
		struct arrival a = { .what = ARRIVES_FRAME,
				     .port = w->end[!dir].port,
				     .cause = sim_trace_leaves(w, dir, &v[i]) };
		int r = frame_keep_txv(&a.frame, &v[i], w->sim->pool);
		if (r == -ENOBUFS)
			sim_trouble(w->sim, r, "the pool of frames is exhausted");
		if (!r)
			inbox_add(n, &a);
	}
	return count;
}

static void wire_carrier(void *ctx, unsigned end, bool on)
{
	struct sim_wire *w = ctx;
	inbox_add(w->end[end].node, &(struct arrival){ .what = ARRIVES_LINK,
						       .port = w->end[end].port,
						       .on = on,
						       .cause = sim_trace_now(w->sim) });
}

static void wire_event(void *ctx, const struct event *ev)
{
	struct sim_wire *w = ctx;
	const struct world_hooks *h = &w->sim->world.setup->hooks;
	sim_stir(w->sim);
	sim_trace_event(w->sim, wire_config(w->core)->name, ev);
	if (h->event)
		h->event(h->ctx, w->ref, ev);
}

/* ---- birth ---- */

/* Learning and forgetting are too many to tell about; all else is told. */
static uint64_t told(void)
{
	uint64_t all = event_bit(EVENT_KINDS) - 1;
	return all & ~event_bit(EVENT_FDB_AGE) & ~event_bit(EVENT_FDB_LEARN);
}

static const struct bridge_host bridge_host = { .tx = bridge_tx,
						.event = bridge_event,
						.carrier = bridge_carrier };
static const struct station_host station_host = { station_tx, sim_heard };
static const struct wire_host wire_host = {
	.tx = wire_tx, .carrier = wire_carrier, .event = wire_event, .tap = sim_capture_tap
};

static int run_lines(struct sim_node *n, struct err *e)
{
	struct cmd_table tables[] = { { bridge_commands, n->bridge }, { sim_switch_rows, n } };
	struct cmd_set set = { tables, 2 };
	for (size_t i = 0; i < n->spec->lines.count; i++) {
		struct out o;
		out_init(&o, false);
		int r = cmd_call(&set, n->spec->lines.v[i], false, sim_clock(n), &o, e);
		out_fini(&o);
		if (r == -ENOMEM)
			return r;
		if (r < 0) {
			err_prefix(e, r, n->spec->lines.v[i]);
			return plan_blame(n->spec->file, n->spec->line, n->spec->name, -EINVAL, e);
		}
	}
	return 0;
}

static int bridge_open(struct sim_node *n, struct err *e)
{
	struct sim *s = n->sim;
	struct bridge_config c;
	bridge_config_default(&c);
	memcpy(c.mac, n->spec->mac, sizeof c.mac);
	c.numports = n->spec->numports;
	c.hub = n->spec->hub;
	c.seed = s->world.setup->seed;
	s->bridge_host = bridge_host;
	if (s->world.setup->files) /* what compiles cables' filters does those of mirrors, too */
		s->bridge_host.compile = wire_files_compiler(s->world.setup->files);
	n->bridge = bridge_new(&c, &s->bridge_host, n, s->pool, sim_clock(n));
	if (!n->bridge)
		return err_set(e, -ENOMEM, "out of memory");
	int r = run_lines(n, e);
	bridge_want_events(n->bridge, told());
	return r;
}

static int station_open(struct sim_node *n, struct err *e)
{
	const struct node_spec *spec = n->spec;
	struct station_config c = { .ip = spec->ip,
				    .prefix = spec->prefix,
				    .tag = spec->tag,
				    .seed = n->sim->world.setup->seed };
	memcpy(c.name, spec->name, sizeof c.name);
	memcpy(c.mac, spec->mac, sizeof c.mac);
	n->station = station_new(&c, &station_host, n, n->sim->pool, n->sim->now);
	return n->station ? 0 : err_set(e, -ENOMEM, "out of memory");
}

static int node_open(struct sim *s, unsigned idx, struct err *e)
{
	struct sim_node *n = &s->node[idx];
	*n = (struct sim_node){ .sim = s, .spec = &s->world.setup->plan->nodes[idx], .idx = idx };
	n->due.id = sim_id(CLASS_DEADLINE, idx);
	n->arrives.id = sim_id(CLASS_ARRIVAL, idx);
	if (n->spec->kind == NODE_VM || n->spec->kind == NODE_ATTACH)
		return err_set(e, -ENOTSUP, "%s: virtual time has no %s; try --backend proc",
			       n->spec->name,
			       n->spec->kind == NODE_VM ? "machines" : "outside endpoints");
	n->nports = n->spec->kind == NODE_SWITCH ? n->spec->used + 1 : 1;
	n->port = calloc(n->nports, sizeof *n->port);
	if (!n->port)
		return err_set(e, -ENOMEM, "out of memory");
	return n->spec->kind == NODE_SWITCH ? bridge_open(n, e) : station_open(n, e);
}

static int wire_keys(struct wire_config *c, const struct cable_spec *spec, struct err *e)
{
	int r = 0;
	for (size_t i = 0; i < spec->keys.count && !r; i++) {
		char *word = strdup(spec->keys.v[i]), *key, *value;
		if (!word)
			return err_set(e, -ENOMEM, "out of memory");
		args_keyval(word, &key, &value);
		r = wire_set_key(c, key, value ? value : "", e);
		free(word);
	}
	if (!r)
		r = wire_check(c, e);
	return r < 0 ? plan_blame(spec->file, spec->line, spec->name, -EINVAL, e) : 0;
}

/* Slots stand in the place of a rate: then there is none to begin with. */
static bool has_slots(const struct cable_spec *spec)
{
	for (size_t i = 0; i < spec->keys.count; i++) {
		const char *key = spec->keys.v[i];
		key += strncmp(key, "ab.", 3) == 0 || strncmp(key, "ba.", 3) == 0 ? 3 : 0;
		if (strncmp(key, "slot=", 5) == 0)
			return true;
	}
	return false;
}

/* spec NULL: the plug of an end, which is a perfect wire. */
static int wire_open(struct sim *s, unsigned idx, const char *name, const struct cable_spec *spec,
		     struct err *e)
{
	struct sim_wire *w = &s->wire[idx];
	struct wire_config c;
	wire_config_default(&c);
	snprintf(c.name, sizeof c.name, "%s", name);
	c.seed = s->world.setup->seed;
	c.files = s->world.setup->files;
	for (unsigned d = 0; d < WIRE_DIRS; d++) {
		c.law[d].delay_ns = SIM_WIRE_DELAY_NS;
		c.law[d].rate_bps = spec && has_slots(spec) ? 0 : SIM_WIRE_RATE_BPS;
	}
	int r = spec ? wire_keys(&c, spec, e) : 0;
	if (r < 0)
		return r;
	w->sim = s;
	w->due.id = sim_id(CLASS_DEADLINE, s->nnodes + idx);
	w->core = wire_new(&c, &wire_host, w, s->pool, s->now);
	if (!w->core)
		return err_set(e, -ENOMEM, "out of memory");
	wire_want_events(w->core, told());
	wire_want_tap(w->core, s->world.setup->record != NULL);
	return 0;
}

static void join(struct sim_wire *w, unsigned end, struct sim_node *n, unsigned port)
{
	w->end[end].node = n;
	w->end[end].port = port;
	n->port[port].wire = w;
	n->port[port].end = end;
}

static void link_up(struct sim_wire *w)
{
	for (unsigned end = 0; end < WIRE_DIRS; end++) {
		struct sim_node *n = w->end[end].node;
		const struct port_config *c =
			n->bridge ? bridge_port_config(n->bridge, w->end[end].port) : NULL;
		if (c && !c->up)
			wire_link(w->core, end, false, w->sim->now);
		wire_carrier(w, end, wire_has_carrier(w->core, end));
	}
	sim_key_wire(w);
}

static int wires_open(struct sim *s, struct err *e)
{
	const struct plan *p = s->world.setup->plan;
	int r = 0;
	for (unsigned i = 0; i < p->nnodes && !r; i++) {
		const struct node_spec *n = &p->nodes[i];
		if (n->kind == NODE_SWITCH || n->at_cable)
			continue;
		char name[CABLE_NAME_MAX];
		snprintf(name, sizeof name, "%s--%s", n->name, p->nodes[n->plug.node].name);
		struct sim_wire *w = &s->wire[i];
		w->ref = (struct ref){ .index = i };
		w->plug = true;
		r = wire_open(s, i, name, NULL, e);
		join(w, 0, &s->node[i], 0);
		join(w, 1, &s->node[n->plug.node], n->plug.port);
	}
	for (unsigned i = 0; i < p->ncables && !r; i++) {
		const struct cable_spec *c = &p->cables[i];
		struct sim_wire *w = &s->wire[s->nnodes + i];
		w->ref = (struct ref){ .cable = true, .index = i };
		r = wire_open(s, (unsigned)s->nnodes + i, c->name, c, e);
		for (unsigned end = 0; end < WIRE_DIRS; end++)
			join(w, end, &s->node[c->end[end].node], c->end[end].port);
	}
	for (size_t i = 0; i < s->nwires && !r; i++)
		if (s->wire[i].core)
			link_up(&s->wire[i]);
	return r;
}

int sim_nodes_open(struct sim *s, struct err *e)
{
	const struct plan *p = s->world.setup->plan;
	s->nnodes = p->nnodes;
	s->nwires =
		p->nnodes + p->ncables; /* the first nnodes: plugs of ends; unused for switches */
	s->node = calloc(s->nnodes + 1, sizeof *s->node);
	s->wire = calloc(s->nwires + 1, sizeof *s->wire);
	s->wanted = 2 * s->nnodes + s->nwires;
	if (!s->node || !s->wire || heap_reserve(&s->heap, s->wanted) < 0)
		return err_set(e, -ENOMEM, "out of memory");
	for (unsigned i = 0; i < s->nnodes; i++) {
		int r = node_open(s, i, e);
		if (r < 0)
			return r;
	}
	int r = wires_open(s, e);
	for (size_t i = 0; i < s->nnodes && !r; i++)
		sim_key_node(&s->node[i]);
	return r;
}

void sim_nodes_close(struct sim *s)
{
	for (size_t i = 0; s->node && i < s->nnodes; i++) {
		struct sim_node *n = &s->node[i];
		if (!n->sim)
			continue; /* opening ended before it */
		inbox_clear(n);
		bridge_free(n->bridge);
		station_free(n->station);
		free(n->inbox.v);
		free(n->port);
	}
	for (size_t i = 0; s->wire && i < s->nwires; i++) {
		wire_free(s->wire[i].core);
		sim_trace_close(&s->wire[i]);
	}
	free(s->node);
	free(s->wire);
}

/* ---- a switch dies, comes back, stands still ---- */

static void links_of(struct sim_node *n, bool present)
{
	for (unsigned i = 0; i < n->nports; i++) {
		struct sim_wire *w = n->port[i].wire;
		if (!w)
			continue;
		const struct port_config *c = n->bridge ? bridge_port_config(n->bridge, i) : NULL;
		wire_link(w->core, n->port[i].end, present && (!c || c->up), n->sim->now);
		sim_key_wire(w);
		if (present)
			wire_carrier(w, n->port[i].end, wire_has_carrier(w->core, n->port[i].end));
	}
}

static void power_off(struct sim_node *n)
{
	if (n->bridge)
		n->lived += bridge_generation(n->bridge, BRIDGE_GEN_STATE) + 1;
	bridge_free(n->bridge);
	n->bridge = NULL;
	n->paused = false;
	inbox_clear(n);
	links_of(n, false);
}

int sim_power(struct sim_node *n, enum power p, struct err *e)
{
	int r = 0;
	switch (p) {
	case POWER_KILL:
		power_off(n);
		break;
	case POWER_RESTART:
		power_off(n);
		if ((r = bridge_open(n, e)) == 0)
			links_of(n, true);
		break;
	case POWER_PAUSE:
		if (!n->bridge)
			return err_set(e, -ESRCH, "%s is not running", n->spec->name);
		n->paused = true;
		heap_set(&n->sim->heap, &n->arrives, TIME_NEVER);
		break;
	case POWER_RESUME:
		n->paused = false;
		if (n->inbox.count)
			heap_set(&n->sim->heap, &n->arrives, n->sim->now);
		break;
	}
	sim_key_node(n);
	return r;
}
