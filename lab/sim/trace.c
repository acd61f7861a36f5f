/* SPDX-License-Identifier: MIT */
/* trace.c - what happens in virtual time, for the record: frames out of nodes, lost in wires, into
 * nodes, lost there, and what the cores tell. Only reads; a frame that is recorded gets a buffer of
 * its own, by whose number it is known again at the far end. */
#include <stdlib.h>
#include <string.h>

#include "lab/record.h"
#include "lab/sim/sim.h"
#include "lib/base/hash.h"

struct sent { /* into one direction of a wire */
	uint64_t id, number;
};

struct sim_trace {
	struct sent sent[SIM_TRACE_KEPT]; /* a ring */
	uint64_t count;
};

static struct record *record_of(const struct sim *s)
{
	return s->world.setup->record;
}

static uint32_t hash_of(const struct pieces *p)
{
	uint8_t bytes[ETH_FRAME_MAX + 64];
	uint32_t len = pieces_len(p) < sizeof bytes ? pieces_len(p) : sizeof bytes;
	pieces_copy(p, bytes, len);
	return (uint32_t)siphash24(0, 0, bytes, len);
}

static void name_port(char *out, size_t room, const struct sim_node *n, unsigned port)
{
	if (n->spec->kind == NODE_SWITCH)
		snprintf(out, room, "%s.%u", n->spec->name, port);
	else
		snprintf(out, room, "%s", n->spec->name);
}

static void name_wire(char *out, size_t room, const struct sim_wire *w, unsigned dir)
{
	snprintf(out, room, "%s.%s", wire_config(w->core)->name, dir ? "ba" : "ab");
}

static uint64_t sent_as(const struct sim_wire *w, unsigned dir, uint64_t id)
{
	const struct sim_trace *t = w->trace[dir];
	for (uint64_t i = t ? t->count : 0; i && i + SIM_TRACE_KEPT > t->count; i--)
		if (t->sent[(i - 1) % SIM_TRACE_KEPT].id == id)
			return t->sent[(i - 1) % SIM_TRACE_KEPT].number;
	return 0;
}

/* A copy under a number of its own; without memory or buffers the frame goes unrecorded. */
static void own_buffer(struct sim *s, struct frame *f)
{
	struct frame kept = *f;
	kept.buf = NULL;
	if (frame_keep(&kept, s->pool) < 0)
		return;
	buf_unref(f->buf);
	*f = kept;
}

void sim_trace_out(struct sim_node *n, unsigned port, struct sim_wire *w, struct frame *f)
{
	struct record *r = record_of(n->sim);
	char who[NODE_NAME_MAX + 16];
	unsigned dir = n->port[port].end;
	if (!r)
		return;
	own_buffer(n->sim, f);
	struct pieces p = pieces_of_frame(f);
	name_port(who, sizeof who, n, port);
	uint64_t number = record_event(r, n->sim->now, who, "out", r->cause, 0, "%u %08x", f->len,
				       hash_of(&p));
	if (!w->trace[dir])
		w->trace[dir] = calloc(1, sizeof *w->trace[dir]);
	struct sim_trace *t = w->trace[dir];
	if (t)
		t->sent[t->count++ % SIM_TRACE_KEPT] =
			(struct sent){ f->buf ? f->buf->id : 0, number };
}

uint64_t sim_trace_leaves(const struct sim_wire *w, unsigned dir, const struct txv *v)
{
	return record_of(w->sim) && v->f->buf ? sent_as(w, dir, v->f->buf->id) : 0;
}

void sim_trace_lost(struct sim_wire *w, const struct wire_tapped *t, int64_t now)
{
	struct record *r = record_of(w->sim);
	char who[CABLE_NAME_MAX + 8];
	if (!r || t->why == DROP_REASONS)
		return;
	name_wire(who, sizeof who, w, t->dir);
	record_event(r, now, who, "lost", sent_as(w, t->dir, t->id), w->changed,
		     "%u %08x %s, draw %llu", pieces_len(&t->frame), hash_of(&t->frame),
		     drop_name(t->why), (unsigned long long)t->ordinal);
}

void sim_trace_in(struct sim_node *n, unsigned port, const struct frame *f, uint64_t cause)
{
	struct record *r = record_of(n->sim);
	char who[NODE_NAME_MAX + 16];
	if (!r)
		return;
	struct pieces p = pieces_of_frame(f);
	name_port(who, sizeof who, n, port);
	r->cause =
		record_event(r, n->sim->now, who, "in", cause, 0, "%u %08x", f->len, hash_of(&p));
}

/* ---- what a switch loses: its counters before and after ---- */

static void count_drops(const struct sim_node *n, uint64_t sum[static DROP_REASONS])
{
	memset(sum, 0, DROP_REASONS * sizeof *sum);
	for (unsigned i = 0; n->bridge && i < n->nports; i++) {
		struct port_stats st;
		bridge_port_stats(n->bridge, i, &st);
		for (unsigned k = 0; k < DROP_REASONS; k++)
			sum[k] += st.drops[k];
	}
}

void sim_trace_before(struct sim_node *n, uint64_t sum[static DROP_REASONS])
{
	if (record_of(n->sim))
		count_drops(n, sum);
}

void sim_trace_after(struct sim_node *n, const uint64_t before[static DROP_REASONS])
{
	struct record *r = record_of(n->sim);
	uint64_t after[DROP_REASONS];
	if (!r)
		return;
	count_drops(n, after);
	for (unsigned k = 0; n->bridge && k < DROP_REASONS; k++)
		if (after[k] != before[k])
			record_event(r, n->sim->now, n->spec->name, "drops", r->cause, n->changed,
				     "%s %llu", drop_name(k),
				     (unsigned long long)(after[k] - before[k]));
	r->cause = 0;
}

/* ---- what cores tell, and what is asked of them ---- */

void sim_trace_event(struct sim *s, const char *who, const struct event *ev)
{
	struct record *r = record_of(s);
	char port[32] = "";
	if (!r)
		return;
	if (ev->port)
		snprintf(port, sizeof port, "port %u ", ev->port);
	r->noticed = record_event(r, ev->at, who, event_name(ev->kind), r->cause, 0, "%s%s", port,
				  ev->text ? ev->text : "");
}

void sim_trace_asked(struct sim_call *c, const struct request *q)
{
	struct record *r = record_of(c->sim);
	if (!r)
		return;
	const char *line = q->verb == VERB_CMD ? q->line : "";
	if (!r->asked || strncmp(line, "show", 4) == 0 || strstr(line, "print") ||
	    strstr(line, "stats") || strstr(line, "config"))
		return;
	if (q->who.cable)
		c->sim->wire[c->sim->nnodes + q->who.index].changed = r->asked;
	else if (c->node)
		c->node->changed = r->asked;
	if (c->to)
		c->to->changed = r->asked;
}

void sim_trace_cause(struct sim *s, uint64_t cause)
{
	if (record_of(s))
		record_of(s)->cause = cause;
}

uint64_t sim_trace_now(const struct sim *s)
{
	return record_of(s) ? record_of(s)->cause : 0;
}

void sim_trace_timer(struct sim_node *n)
{
	struct record *r = record_of(n->sim);
	if (r) /* a station acts because it was asked to; a bridge by itself */
		r->cause = n->station ? n->changed : 0;
}

void sim_trace_close(struct sim_wire *w)
{
	free(w->trace[0]);
	free(w->trace[1]);
}
