/* SPDX-License-Identifier: MIT */
/* calls.c - what a scenario asks of the nodes: most is done at once, some when a station says so.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/sim/sim.h"

enum { PORT_FIRST = 20000, PORT_LAST = 59999 }; /* of flows and bulk transfers, in turn */

static void set_error(struct sim_call *c, int error, const char *what)
{
	if (error < 0 && !c->call.words.text[0])
		err_set(&c->call.words, error, "%s: %s", what, strerror(-error));
	c->call.error = error;
}

void sim_done(struct sim_call *c, int error)
{
	if (c->call.done)
		return;
	set_error(c, error, c->node ? c->node->spec->name : "cable");
	c->call.done = true;
	heap_set(&c->sim->heap, &c->due, TIME_NEVER);
	sim_stir(c->sim);
	const struct world_hooks *h = &c->sim->world.setup->hooks;
	if (h->done)
		h->done(h->ctx, &c->call);
}

static int keep_text(struct sim_call *c, const void *bytes, size_t len)
{
	c->call.text = malloc(len + 1);
	if (!c->call.text)
		return -ENOMEM;
	if (len)
		memcpy(c->call.text, bytes, len);
	c->call.text[len] = '\0';
	c->call.len = len;
	return 0;
}

/* ---- management lines ---- */

static int run_cmd(struct sim_call *c, struct cmd_set *set, const char *line, int64_t now)
{
	struct out o;
	out_init(&o, true);
	int r = cmd_call(set, line, true, now, &o, &c->call.words);
	if (!r)
		r = keep_text(c, o.text, o.len);
	out_fini(&o);
	return r;
}

static int cmd_switch(struct sim_call *c, const char *line)
{
	struct sim_node *n = c->node;
	if (!n->bridge)
		return err_set(&c->call.words, -ECONNREFUSED, "%s is not running", n->spec->name);
	if (n->paused)
		return err_set(&c->call.words, -ETIMEDOUT, "%s stands still and does not answer",
			       n->spec->name);
	struct cmd_table tables[] = { { bridge_commands, n->bridge }, { sim_switch_rows, n } };
	int r = run_cmd(c, &(struct cmd_set){ tables, 2 }, line, sim_clock(n));
	sim_key_node(n);
	return r;
}

static int cmd_cable(struct sim_call *c, unsigned idx, const char *line)
{
	struct sim_wire *w = &c->sim->wire[c->sim->nnodes + idx];
	struct cmd_table tables[] = { { wire_commands, w->core },
				      { sim_cable_rows, w },
				      { sim_capture_rows, w } };
	int r = run_cmd(c, &(struct cmd_set){ tables, 3 }, line, c->sim->now);
	sim_key_wire(w);
	return r;
}

/* ---- stations ---- */

static uint16_t take_port(struct sim *s)
{
	if (s->next_port < PORT_FIRST || s->next_port > PORT_LAST)
		s->next_port = PORT_FIRST;
	return s->next_port++;
}

static int start_ping(struct sim_call *c, const struct request *r)
{
	struct ping_args a = r->ping;
	a.ip = c->to->spec->ip;
	c->handle = station_ping(c->node->station, &a, c->sim->now);
	return c->handle < 0 ? c->handle : -EINPROGRESS;
}

static int start_flow(struct sim_call *c, const struct request *r)
{
	struct flow_args a = r->flow;
	a.ip = c->to->spec->ip;
	a.port = take_port(c->sim);
	c->far = station_flow_expect(c->to->station, a.port, c->sim->now);
	if (c->far < 0)
		return c->far;
	c->handle = station_flow(c->node->station, &a, c->sim->now);
	return c->handle < 0 ? c->handle : 0;
}

static int account(struct sim_call *c, const struct request *r)
{
	const struct sim_call *f = (const struct sim_call *)r->of;
	if (f->verb != VERB_FLOW || f->handle < 0)
		return err_set(&c->call.words, -EINVAL, "no such flow");
	c->call.flow.sent = station_flow_sent(f->node->station, f->handle)->sent;
	station_flow_account(f->to->station, f->far, &c->call.flow.account);
	return 0;
}

static int start_tcp(struct sim_call *c, const struct request *r)
{
	struct sim *s = c->sim;
	struct tcp_args a = r->tcp;
	a.ip = c->to->spec->ip;
	a.port = take_port(s);
	c->far = station_tcp_listen(c->to->station, a.port, s->now);
	if (c->far < 0)
		return c->far;
	c->handle = station_tcp(c->node->station, &a, s->now);
	if (c->handle < 0)
		return c->handle;
	if (r->within_ns > 0) {
		if (heap_reserve(&s->heap, s->heap.count + s->wanted + 1) < 0)
			return -ENOMEM;
		heap_set(&s->heap, &c->due, s->now + r->within_ns);
	}
	return -EINPROGRESS;
}

static int start_await(struct sim_call *c, const struct request *r)
{
	c->match = r->match;
	if (r->match.len) {
		c->match_data = malloc(r->match.len);
		if (!c->match_data)
			return -ENOMEM;
		memcpy(c->match_data, r->match.data, r->match.len);
		c->match.data = c->match_data;
	}
	station_watch(c->node->station, true);
	return -EINPROGRESS;
}

void sim_heard(void *node, const struct frame *f)
{
	struct sim_node *n = node;
	for (struct sim_call *c = n->calls; c; c = c->next)
		if (c->verb == VERB_AWAIT && !c->call.done &&
		    frame_matches(&c->match, f->data, f->len))
			sim_done(c, keep_text(c, f->data, f->len));
}

static void take_tcp(struct sim_call *c)
{
	c->call.tcp = *station_tcp_result(c->node->station, c->handle);
	const struct tcp_result *far = station_tcp_result(c->to->station, c->far);
	if (!c->call.tcp.error)
		c->call.tcp.error = far->error; /* EBADMSG: the bytes differ */
}

static void look(struct sim_call *c)
{
	if (c->verb == VERB_PING) {
		const struct ping_result *p = station_ping_result(c->node->station, c->handle);
		c->call.ping = *p;
		if (p->done)
			sim_done(c, 0);
	} else if (c->verb == VERB_TCP) {
		take_tcp(c);
		if (c->call.tcp.done)
			sim_done(c, -c->call.tcp.error);
	}
}

void sim_calls_look(struct sim_node *n)
{
	for (struct sim_call *c = n->calls; c; c = c->next)
		if (!c->call.done)
			look(c);
}

void sim_call_late(struct sim_call *c)
{
	take_tcp(c);
	sim_done(c, -ETIMEDOUT);
}

/* ---- start and end ---- */

/* 0: done; -EINPROGRESS: later; else the error. */
static int begin(struct sim_call *c, const struct request *r)
{
	struct err *e = &c->call.words;
	switch (r->verb) {
	case VERB_CMD:
		return r->who.cable ? cmd_cable(c, r->who.index, r->line) : cmd_switch(c, r->line);
	case VERB_POWER:
		return sim_power(c->node, r->power, e);
	case VERB_CLOCK:
		sim_clock_skew(c->node, r->ppm);
		sim_key_node(c->node);
		return 0;
	case VERB_EXEC:
	case VERB_SPAWN:
		return err_set(e, -EOPNOTSUPP,
			       "%s is a station here: programs run with --backend ns",
			       c->node->spec->name);
	case VERB_ACCOUNT:
		return account(c, r);
	case VERB_PING:
		return start_ping(c, r);
	case VERB_FLOW:
		return start_flow(c, r);
	case VERB_TCP:
		return start_tcp(c, r);
	case VERB_SEND:
		return station_send(c->node->station, r->frame, r->len, c->sim->now);
	case VERB_AWAIT:
		return start_await(c, r);
	case VERB_CONSOLE:
		return -EOPNOTSUPP;
	case VERB_STATS:
		station_stats(c->node->station, &c->call.stats);
		return 0;
	}
	return -EINVAL;
}

static bool fits(const struct request *r, const struct sim_call *c)
{
	bool to = r->verb == VERB_PING || r->verb == VERB_FLOW || r->verb == VERB_TCP;
	if (to && (r->to >= c->sim->nnodes || !c->to->station))
		return false;
	if (r->verb == VERB_CMD)
		return r->who.cable || c->node->spec->kind == NODE_SWITCH;
	if (r->verb == VERB_POWER || r->verb == VERB_CLOCK)
		return c->node && c->node->spec->kind == NODE_SWITCH;
	return r->verb == VERB_ACCOUNT || (c->node && c->node->station);
}

struct call *sim_start(struct world *w, const struct request *r)
{
	struct sim *s = sim_of(w);
	struct sim_call *c = calloc(1, sizeof *c);
	if (!c)
		return NULL;
	s->stirred_at = s->now;
	c->sim = s;
	c->verb = r->verb;
	c->handle = c->far = -1;
	c->due.id = sim_id(CLASS_DEADLINE, SIM_CALL_ID + ++s->serial);
	c->node = r->who.cable ? NULL : &s->node[r->who.index];
	c->to = r->to < s->nnodes ? &s->node[r->to] : NULL;
	sim_trace_asked(c, r);
	int code = fits(r, c) ? begin(c, r) : -EINVAL;
	if (c->node && c->node->station) {
		struct sim_call **at = &c->node->calls; /* at the end: done in the order asked */
		while (*at)
			at = &(*at)->next;
		*at = c;
		sim_key_node(c->node);
	}
	if (c->to && c->to->station)
		sim_key_node(c->to);
	if (code != -EINPROGRESS) {
		set_error(c, code,
			  c->node ? c->node->spec->name
				  : w->setup->plan->cables[r->who.index].name);
		c->call.done = true;
	}
	return &c->call;
}

static void unlink_call(struct sim_call *c)
{
	if (!c->node)
		return;
	bool awaits = false;
	for (struct sim_call **at = &c->node->calls; *at;) {
		if (*at == c) {
			*at = c->next;
			continue;
		}
		awaits |= (*at)->verb == VERB_AWAIT;
		at = &(*at)->next;
	}
	if (c->verb == VERB_AWAIT && !awaits && c->node->station)
		station_watch(c->node->station, false);
}

static void end_handles(struct sim_call *c)
{
	struct station *near = c->node->station, *far = c->to ? c->to->station : NULL;
	if (c->verb == VERB_PING && c->handle >= 0)
		station_ping_end(near, c->handle);
	if (c->verb == VERB_FLOW && c->handle >= 0)
		station_flow_end(near, c->handle);
	if (c->verb == VERB_FLOW && c->far >= 0)
		station_flow_forget(far, c->far);
	if (c->verb == VERB_TCP && c->handle >= 0)
		station_tcp_end(near, c->handle);
	if (c->verb == VERB_TCP && c->far >= 0)
		station_tcp_end(far, c->far);
	sim_key_node(c->node);
	if (c->to)
		sim_key_node(c->to);
}

void sim_call_end(struct world *w, struct call *call)
{
	(void)w;
	if (!call)
		return;
	struct sim_call *c = (struct sim_call *)call;
	heap_set(&c->sim->heap, &c->due, TIME_NEVER);
	unlink_call(c);
	if (c->node && c->node->station)
		end_handles(c);
	free(c->match_data);
	free(call->text);
	free(call->text2);
	free(c);
}
