/* SPDX-License-Identifier: MIT */
/* calls.c - what a scenario asks of a real lab: each call goes through its ends in turn, and is
 * done when the last of them says so. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/real/real.h"

enum {
	PORT_FIRST = 20000,
	PORT_LAST = 29999
}; /* of flows and transfers, below the kernel's own choice */

struct real_call *call_of_id(struct real *r, uint32_t id)
{
	struct real_call *c = r->calls;
	while (c && c->id != id)
		c = c->next;
	return c;
}

int call_text(struct real_call *c, const void *bytes, size_t len)
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

static const char *name_of(const struct real_call *c)
{
	return c->node ? c->node->spec->name : c->wire->name;
}

/* ---- one end after the other ---- */

static int tcp_near(struct real_call *c)
{
	struct tcp_args a = c->tcp;
	a.ip = c->to->spec->ip;
	a.port = c->port;
	c->has_near = true;
	return c->node->ops->tcp(c->node, c, &a);
}

static int flow_near(struct real_call *c)
{
	struct flow_args a = c->flow;
	a.ip = c->to->spec->ip;
	a.port = c->port;
	c->has_near = true;
	return c->node->ops->flow(c->node, c, &a);
}

/* The step that `c` is at. 0 or negative errno: it is over; -EINPROGRESS: call_done() later. */
static int step(struct real_call *c)
{
	const struct real_call *of = (const struct real_call *)c->of;
	if (c->step == STEP_FAR) {
		if (c->verb == VERB_ACCOUNT)
			return of->to->ops->account(of->to, c, of);
		c->has_far = true;
		return c->verb == VERB_FLOW ? c->to->ops->expect(c->to, c, c->port)
					    : c->to->ops->listen(c->to, c, c->port);
	}
	if (c->verb == VERB_ACCOUNT)
		return of->node->ops->sent(of->node, c, of);
	return c->verb == VERB_FLOW ? flow_near(c) : tcp_near(c);
}

static int far_error(const struct real_call *c)
{
	const struct tcp_result *t =
		c->to->st.core ? station_tcp_result(c->to->st.core, c->far) : NULL;
	return t ? t->error : c->far_error;
}

/* Instants of the ends' time, as lab time. */
static void shift_times(struct real_call *c)
{
	int64_t ahead = c->real->stood - c->real->epoch;
	if (c->verb == VERB_TCP) {
		c->call.tcp.started_ns -= ahead;
		c->call.tcp.ended_ns -= ahead;
	} else if (c->verb == VERB_ACCOUNT) {
		c->call.flow.account.started_ns -= ahead;
		c->call.flow.account.last_ns -= ahead;
	}
}

static void finish(struct real_call *c, int code)
{
	struct call *k = &c->call;
	shift_times(c);
	if (c->verb == VERB_TCP && c->has_near) {
		int far = far_error(c);
		if (far && (code == 0 ||
			    code == -ECONNRESET)) { /* EBADMSG: the bytes differ; it then resets */
			k->tcp.error = far;
			code = -far;
		}
	}
	if (c->late)
		code = -ETIMEDOUT;
	if (code < 0 && !k->words.text[0])
		err_set(&k->words, code, "%s: %s", name_of(c), strerror(-code));
	k->error = code;
	k->done = true;
	timer_fini(&c->timer);
	real_happened(c->real);
	const struct world_hooks *h = &c->real->world.setup->hooks;
	if (!c->starting && h->done)
		h->done(h->ctx, k);
}

void call_done(struct real_call *c, int code)
{
	while (!c->call.done && code != -EINPROGRESS) {
		if (code < 0 || c->step == STEP_NEAR || c->late) {
			finish(c, code);
			return;
		}
		c->step = STEP_NEAR;
		code = step(c);
	}
}

/* ---- a transfer that takes too long ---- */

static void too_late(struct timer *t, int64_t now)
{
	struct real_call *c = container_of(t, struct real_call, timer);
	(void)now;
	c->late = true;
	call_done(c, c->has_near ? c->node->ops->result(c->node, c) : -ETIMEDOUT);
}

/* ---- stations say little by themselves: they are looked at ---- */

static void look(struct real_call *c)
{
	if (c->verb == VERB_PING) {
		const struct ping_result *p = station_ping_result(c->node->st.core, c->near);
		if (!p)
			return;
		c->call.ping = *p;
		if (p->done)
			call_done(c, 0);
	} else if (c->verb == VERB_TCP && c->has_near && c->near >= 0) {
		const struct tcp_result *t = station_tcp_result(c->node->st.core, c->near);
		if (!t)
			return;
		c->call.tcp = *t;
		if (t->done)
			call_done(c, -t->error);
	}
}

void calls_look(struct node *n)
{
	struct real_call *next;
	for (struct real_call *c = n->real->calls; c; c = next) {
		next = c->next;
		if (c->node == n && !c->call.done && !c->starting)
			look(c);
	}
}

void calls_heard(struct node *n, const void *frame, uint32_t len)
{
	struct real_call *next;
	for (struct real_call *c = n->real->calls; c; c = next) {
		next = c->next;
		if (c->node == n && c->verb == VERB_AWAIT && !c->call.done &&
		    frame_matches(&c->match, frame, len))
			call_done(c, call_text(c, frame, len));
	}
}

static int start_await(struct real_call *c, const struct request *r)
{
	c->match = r->match;
	if (r->match.len) {
		c->match_data = malloc(r->match.len);
		if (!c->match_data)
			return -ENOMEM;
		memcpy(c->match_data, r->match.data, r->match.len);
		c->match.data = c->match_data;
	}
	c->node->ops->watch(c->node, true);
	return -EINPROGRESS;
}

/* ---- start ---- */

static uint16_t take_port(struct real *r)
{
	if (r->next_port < PORT_FIRST || r->next_port > PORT_LAST)
		r->next_port = PORT_FIRST;
	return r->next_port++;
}

static int start_pair(struct real_call *c, const struct request *r)
{
	c->step = STEP_FAR;
	c->flow = r->flow;
	c->tcp = r->tcp;
	c->of = r->of;
	if (c->verb != VERB_ACCOUNT)
		c->port = take_port(c->real);
	if (c->verb == VERB_TCP && r->within_ns > 0)
		timer_set(&c->timer, loop_clock(c->real->loop) + r->within_ns);
	return step(c);
}

static int start_cmd(struct real_call *c, const struct request *r)
{
	service_cmd(c->wire ? c->wire : &c->node->sw, c, r->line);
	return -EINPROGRESS; /* or done already */
}

static int begin(struct real_call *c, const struct request *r)
{
	struct ping_args ping = r->ping;
	switch (r->verb) {
	case VERB_CMD:
		return start_cmd(c, r);
	case VERB_POWER:
		return service_power(&c->node->sw, r->power, c);
	case VERB_CLOCK:
		return err_set(&c->call.words, -EOPNOTSUPP,
			       "%s: only clocks in virtual time can be skewed; try --backend sim",
			       c->node->spec->name);
	case VERB_EXEC:
	case VERB_SPAWN:
		return exec_start(c, r->argv);
	case VERB_PING:
		ping.ip = c->to->spec->ip;
		return c->node->ops->ping(c->node, c, &ping);
	case VERB_FLOW:
	case VERB_TCP:
	case VERB_ACCOUNT:
		return start_pair(c, r);
	case VERB_SEND:
		return c->node->ops->send(c->node, c, r->frame, r->len);
	case VERB_AWAIT:
		return start_await(c, r);
	case VERB_CONSOLE:
		return call_text(c, c->node->vm.out.text.v, c->node->vm.out.text.len);
	case VERB_STATS:
		return c->node->ops->stats(c->node, c);
	}
	return -EINVAL;
}

static bool fits(const struct real_call *c, const struct request *r)
{
	const struct real_call *of = (const struct real_call *)r->of;
	switch (r->verb) {
	case VERB_CMD:
		return c->wire || c->node->spec->kind == NODE_SWITCH;
	case VERB_POWER:
	case VERB_CLOCK:
		return c->node && c->node->spec->kind == NODE_SWITCH;
	case VERB_PING: /* of a machine too */
		return c->node && c->node->ops && c->to && (c->to->ops || c->to->vm.spawner);
	case VERB_CONSOLE:
		return c->node && c->node->vm.spawner;
	case VERB_FLOW:
	case VERB_TCP:
		return c->node && c->node->ops && c->to && c->to->ops;
	case VERB_ACCOUNT:
		return of && of->verb == VERB_FLOW && of->has_near && !of->call.error;
	case VERB_SEND:
	case VERB_AWAIT:
	case VERB_STATS:
	case VERB_EXEC:
	case VERB_SPAWN:
		return c->node && c->node->ops;
	}
	return false;
}

static void append(struct real *r, struct real_call *c)
{
	struct real_call **at = &r->calls;
	while (*at)
		at = &(*at)->next;
	*at = c;
}

struct call *calls_start(struct world *w, const struct request *r)
{
	struct real *real = real_of(w);
	struct real_call *c = calloc(1, sizeof *c);
	if (!c)
		return NULL;
	c->real = real;
	c->id = ++real->last_call;
	c->verb = r->verb;
	c->step = STEP_NEAR;
	c->near = c->far = -1;
	c->wire = r->who.cable ? &real->cable[r->who.index] : NULL;
	c->node = r->who.cable ? NULL : &real->node[r->who.index];
	c->to = r->to < real->nnodes ? &real->node[r->to] : NULL;
	timer_init(&c->timer, real->loop, too_late);
	append(real, c);
	c->starting = true;
	loop_clock(real->loop);
	call_done(c, fits(c, r) ? begin(c, r) : -EINVAL);
	if (!c->call.done && c->node && c->node->st.core)
		look(c); /* a station may be done at once */
	c->starting = false;
	return &c->call;
}

/* ---- end ---- */

static void unlink_call(struct real_call *c)
{
	bool awaits = false;
	for (struct real_call **at = &c->real->calls; *at;) {
		if (*at == c) {
			*at = c->next;
			continue;
		}
		awaits |= (*at)->verb == VERB_AWAIT && (*at)->node == c->node && !(*at)->call.done;
		at = &(*at)->next;
	}
	if (c->verb == VERB_AWAIT && !awaits && c->node->ops)
		c->node->ops->watch(c->node, false);
}

void calls_end(struct world *w, struct call *call)
{
	(void)w;
	if (!call)
		return;
	struct real_call *c = (struct real_call *)call;
	bool own_text = c->verb != VERB_EXEC && c->verb != VERB_SPAWN;
	unlink_call(c);
	timer_fini(&c->timer);
	service_forget(c);
	if (c->has_near || (c->verb == VERB_PING && c->near >= 0))
		c->node->ops->forget(c->node, c, false);
	if (c->has_far)
		c->to->ops->forget(c->to, c, true);
	prog_fini(&c->prog);
	free(c->match_data);
	if (own_text)
		free(call->text);
	free(c);
}
