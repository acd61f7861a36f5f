/* SPDX-License-Identifier: MIT */
/* station_end.c - a built-in station over a real plug: its own in a switch, where it plugs in again
 * by itself, or that of a cable, which comes to it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lab/real/real.h"
#include "lib/base/units.h"

enum { ROUNDS = 4 }; /* batches in one go, then others have their turn */

static const int64_t RETRY_NS = 20 * NS_PER_MS;

static int64_t end_clock(const struct node *n)
{
	return loop_clock(n->real->loop) - n->real->epoch;
}

/* After every call into the core. */
static void rekey(struct node *n)
{
	int64_t next = station_next(n->st.core);
	timer_set(&n->st.timer, next == TIME_NEVER ? TIME_NEVER : next + n->real->epoch);
	calls_look(n);
}

static void timer_fires(struct timer *t, int64_t now)
{
	struct node *n = container_of(t, struct node, st.timer);
	(void)now;
	station_tick(n->st.core, end_clock(n));
	rekey(n);
}

/* ---- the plug ---- */

static void readable(void *ctx, struct ep *e)
{
	struct node *n = ctx;
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct frame f[BATCH_MAX];
		unsigned count = ep_rx(e, f, BATCH_MAX);
		if (count)
			station_rx(n->st.core, f, count, end_clock(n));
		ep_rx_done(e);
		pool_grow(n->real->pool);
		if (count < BATCH_MAX)
			break;
	}
	rekey(n);
}

static void writable(void *ctx, struct ep *e)
{
	struct node *n = ctx;
	(void)e;
	station_writable(n->st.core, end_clock(n));
	rekey(n);
}

static void link_is(struct node *n, bool on)
{
	n->st.was_up |= on;
	n->touched++;
	station_link(n->st.core, on, end_clock(n));
	rekey(n);
}

static void up(void *ctx, struct ep *e)
{
	(void)e;
	link_is(ctx, true);
}

static void down(void *ctx, struct ep *e)
{
	(void)e;
	link_is(ctx, false);
}

static void closed(void *ctx, struct ep *e, const char *reason)
{
	struct node *n = ctx;
	snprintf(n->st.reason, sizeof n->st.reason, "%s", reason ? reason : "");
	n->st.ep = NULL;
	ep_close(e);
	link_is(n, false);
	if (!n->st.server)
		timer_set(&n->st.retry, loop_now(n->real->loop) + RETRY_NS);
}

static const struct ep_host plug_host = {
	.readable = readable, .writable = writable, .up = up, .down = down, .closed = closed
};

static void plug_in(struct timer *t, int64_t now)
{
	struct node *n = container_of(t, struct node, st.retry);
	struct err e = { "" };
	if (ep_open(&n->st.ep, n->real->loop, n->st.locator, &plug_host, n, NULL, &e) < 0) {
		snprintf(n->st.reason, sizeof n->st.reason, "%.150s", e.text);
		n->st.ep = NULL;
		timer_set(t, now + RETRY_NS); /* the switch is down; it may come back */
		return;
	}
	if (n->st.ep->is_up)
		link_is(n, true);
}

/* ---- the plug of a cable ---- */

static int admit(void *ctx, const struct vde_plug *plug, struct err *why)
{
	const struct node *n = ctx;
	(void)plug;
	return n->st.ep ? err_set(why, -EBUSY, "something is plugged in already") : 1;
}

static void plugged(void *ctx, unsigned port, struct ep *e, const struct vde_plug *plug)
{
	struct node *n = ctx;
	(void)port;
	(void)plug;
	n->st.ep = e;
	e->host = &plug_host;
	e->ctx = n;
	if (e->is_up)
		link_is(n, true);
}

static void say(void *ctx, const char *words)
{
	struct node *n = ctx;
	snprintf(n->st.reason, sizeof n->st.reason, "%s", words);
}

static int serve(struct node *n, struct err *e)
{
	static const struct vde_server_host host = { admit, plugged, say };
	char dir[SOCK_PATH_MAX];
	snprintf(dir, sizeof dir, "%s/%s", n->real->dir, n->spec->name);
	const struct vde_server_config c = { .dir = dir,
					     .mode = 0600,
					     .dirmode = 0700,
					     .gid = -1,
					     .mgmt_mode = 0600,
					     .mgmt_gid = -1 };
	return vde_server_open(&n->st.server, n->real->loop, &c, &host, n, e);
}

/* ---- notices of the core ---- */

static unsigned core_tx(void *ctx, const struct txv *v, unsigned count)
{
	struct node *n = ctx;
	return n->st.ep && n->st.ep->is_up ? ep_tx(n->st.ep, v, count) : 0;
}

static void core_heard(void *ctx, const struct frame *f)
{
	calls_heard(ctx, f->data, f->len);
}

static const struct station_host core_host = { core_tx, core_heard };

/* ---- what is asked of it ---- */

static int under_way(struct node *n, int *handle, int r)
{
	if (r >= 0)
		*handle = r;
	rekey(n);
	return r;
}

static int ping(struct node *n, struct real_call *c, const struct ping_args *a)
{
	int r = under_way(n, &c->near, station_ping(n->st.core, a, end_clock(n)));
	return r < 0 ? r : -EINPROGRESS;
}

static int expect(struct node *n, struct real_call *c, uint16_t port)
{
	int r = under_way(n, &c->far, station_flow_expect(n->st.core, port, end_clock(n)));
	return r < 0 ? r : 0;
}

static int flow(struct node *n, struct real_call *c, const struct flow_args *a)
{
	int r = under_way(n, &c->near, station_flow(n->st.core, a, end_clock(n)));
	return r < 0 ? r : 0;
}

static int listen_for(struct node *n, struct real_call *c, uint16_t port)
{
	int r = under_way(n, &c->far, station_tcp_listen(n->st.core, port, end_clock(n)));
	return r < 0 ? r : 0;
}

static int tcp(struct node *n, struct real_call *c, const struct tcp_args *a)
{
	int r = under_way(n, &c->near, station_tcp(n->st.core, a, end_clock(n)));
	return r < 0 ? r : -EINPROGRESS;
}

static int send_raw(struct node *n, struct real_call *c, const void *frame, uint32_t len)
{
	(void)c;
	int r = station_send(n->st.core, frame, len, end_clock(n));
	rekey(n);
	return r;
}

static int stats(struct node *n, struct real_call *c)
{
	station_stats(n->st.core, &c->call.stats);
	return 0;
}

static int account(struct node *n, struct real_call *c, const struct real_call *of)
{
	station_flow_account(n->st.core, of->far, &c->call.flow.account);
	return 0;
}

static int sent(struct node *n, struct real_call *c, const struct real_call *of)
{
	const struct flow_sent *s = station_flow_sent(n->st.core, of->near);
	c->call.flow.sent = s ? s->sent : 0;
	return 0;
}

static int result(struct node *n, struct real_call *c)
{
	const struct tcp_result *t = station_tcp_result(n->st.core, c->near);
	if (t)
		c->call.tcp = *t;
	return 0;
}

static void watch(struct node *n, bool on)
{
	station_watch(n->st.core, on);
}

static void forget(struct node *n, struct real_call *c, bool far)
{
	int handle = far ? c->far : c->near;
	if (c->verb == VERB_PING)
		station_ping_end(n->st.core, handle);
	else if (c->verb == VERB_FLOW && far)
		station_flow_forget(n->st.core, handle);
	else if (c->verb == VERB_FLOW)
		station_flow_end(n->st.core, handle);
	else if (c->verb == VERB_TCP)
		station_tcp_end(n->st.core, handle);
	rekey(n);
}

static void close_end(struct node *n)
{
	if (!n->st.core)
		return;
	timer_fini(&n->st.timer);
	timer_fini(&n->st.retry);
	ep_close(n->st.ep);
	vde_server_close(n->st.server);
	station_free(n->st.core);
	n->st.core = NULL;
}

static const struct end_ops station_ops = {
	.ping = ping,
	.expect = expect,
	.flow = flow,
	.listen = listen_for,
	.tcp = tcp,
	.send = send_raw,
	.stats = stats,
	.account = account,
	.sent = sent,
	.result = result,
	.watch = watch,
	.forget = forget,
	.close = close_end,
};

int station_end_open(struct node *n, struct err *e)
{
	struct real *r = n->real;
	const struct node_spec *s = n->spec;
	struct station_config c = { .ip = s->ip, .prefix = s->prefix, .tag = s->tag };
	memcpy(c.name, s->name, sizeof c.name);
	memcpy(c.mac, s->mac, sizeof c.mac);
	c.seed = r->world.setup->seed;
	n->st.core = station_new(&c, &core_host, n, r->pool, end_clock(n));
	if (!n->st.core)
		return err_set(e, -ENOMEM, "%s: out of memory", s->name);
	n->ops = &station_ops;
	timer_init(&n->st.timer, r->loop, timer_fires);
	timer_init(&n->st.retry, r->loop, plug_in);
	if (s->at_cable)
		return serve(n, e);
	snprintf(n->st.locator, sizeof n->st.locator, "%s/%s,port=%u", r->dir,
		 r->node[s->plug.node].spec->name, s->plug.port);
	plug_in(&n->st.retry, loop_now(r->loop));
	return 0;
}
