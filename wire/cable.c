/* SPDX-License-Identifier: MIT */
/* cable.c - drives one wire: frames of its two endpoints in, departures out, time, links lost and
 * found. */
#include "wire/cable.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/io/ep.h"
#include "wire/capture.h"
#include "wire/spin.h"

enum { ROUNDS = 8 }; /* batches read from one end before the other has its turn */

static const int64_t RETRY_FIRST_NS = 10 * NS_PER_MS;
/* A switch of this machine is missed for at most that long, whatever longest wait was asked for. */
static const int64_t RETRY_LOCAL_NS = 100 * NS_PER_MS;

struct end {
	struct cable *c;
	unsigned idx;       /* also the direction that starts here */
	struct ep *ep;      /* NULL: nothing is plugged in now */
	char locator[1024]; /* "": descriptors, which cannot be opened again */
	char name[256];
	char reason[256]; /* why it closed for good; "": it did not */
	int port;         /* the one it had at the far switch; -1: unknown */
	bool was_up, paused, link_moved;
	bool settled; /* was up, or missing and waited for, at least once */
	bool away;    /* unplugged on purpose: the cable is cut, or its other end lost its link */
	int64_t retry_ns, wait_ns;
	struct timer retry;
	uint64_t pace;   /* bytes a second that are read at most; 0: any */
	int64_t next_ns; /* when the pace allows the next frame */
	struct timer pacer;
};

/* How long before a departure the sleep ends and the spinning begins: twice as long as sleeps were
 * late lately, within these. */
static const int64_t MARGIN_LEAST_NS = 120 * NS_PER_US, MARGIN_MOST_NS = NS_PER_MS;
enum { MARGIN_MEMORY = 1024 }; /* sleeps until a long one is forgotten */

struct cable {
	struct loop *loop;
	struct pool *pool;
	struct wire *wire;
	struct end end[2];
	struct wire_capture capture;
	struct timer timer;
	struct poller poller;
	struct cable_host host;
	void *ctx;
	int spin; /* the token to spin, -1: none */
	int64_t margin_ns,
		wake_ns; /* to spin before a departure; when this sleep is to end, 0: none */
	bool was_ready, ended;
};

static const int64_t PACE_GRAIN_NS = NS_PER_MS; /* a sender is not held up for less */

static void open_again(struct end *n);

/* Only a switch has to be unplugged to see that the link is gone: all others have a carrier, or
 * peers (a stream) that know none. */
static bool is_switch(const struct end *n)
{
	const char *l = n->locator;
	return strncmp(l, "vde://", 6) == 0 || strncmp(l, "dw://", 5) == 0 ||
	       (*l && strcmp(l, "-") != 0 && !strstr(l, "://"));
}

/* ---- frames ---- */

/* Not while the far end takes nothing, nor faster than the sender may be. */
static void keep_reading(struct end *n)
{
	int64_t now = loop_now(n->c->loop);
	bool early = n->pace && n->next_ns > now + PACE_GRAIN_NS;
	bool stop = wire_blocked(n->c->wire, n->idx) || early;
	if (early)
		timer_set(&n->pacer, n->next_ns);
	if (stop == n->paused || !n->ep)
		return;
	n->paused = stop;
	ep_pause(n->ep, stop);
}

static void pacer_fires(struct timer *t, int64_t now)
{
	(void)now;
	keep_reading(container_of(t, struct end, pacer));
}

static void count_pace(struct end *n, const struct frame *f, unsigned count, int64_t now)
{
	uint64_t bytes = 0;
	for (unsigned i = 0; i < count; i++)
		bytes += f[i].len;
	if (n->next_ns < now)
		n->next_ns = now;
	n->next_ns += (int64_t)(bytes * (uint64_t)NS_PER_SEC / n->pace);
}

static void on_readable(void *ctx, struct ep *e)
{
	struct end *n = ctx;
	struct frame f[BATCH_MAX];
	unsigned most = n->pace ? 1 : BATCH_MAX;
	for (unsigned round = 0; round < ROUNDS && !n->paused; round++) {
		int64_t now = loop_clock(n->c->loop);
		unsigned count = ep_rx(e, f, most);
		if (count && n->pace)
			count_pace(n, f, count, now);
		if (count)
			wire_rx(n->c->wire, n->idx, f, count, now);
		ep_rx_done(e);
		pool_grow(n->c->pool);
		keep_reading(n);
		if (count < most)
			break;
	}
}

static unsigned on_tx(void *ctx, enum wire_dir dir, const struct txv *v, unsigned count)
{
	struct cable *c = ctx;
	struct end *n = &c->end[!dir];
	unsigned taken = n->ep && n->ep->is_up ? ep_tx(n->ep, v, count) : 0;
	if (taken && c->host.sent)
		c->host.sent(c->ctx, dir, v, taken);
	return taken;
}

void cable_pace(struct cable *c, unsigned end, uint64_t bytes_per_s)
{
	c->end[end].pace = bytes_per_s;
	keep_reading(&c->end[end]);
}

/* ---- the end of an end ---- */

/* Whether all that goes towards `n` has left. A wire that is held will not let go by itself. */
static bool is_drained(const struct end *n)
{
	struct wire_stats s;
	const struct wire *w = n->c->wire;
	wire_stats(w, n->idx == 0 ? WIRE_BA : WIRE_AB, &s);
	if (!n->ep || !n->ep->is_up || wire_is_held(w))
		return true;
	return s.held == 0 && ep_flushed(n->ep);
}

static void end_if_over(struct cable *c)
{
	for (unsigned i = 0; i < 2; i++)
		if (!c->ended && c->end[i].reason[0] && is_drained(&c->end[!i])) {
			c->ended = true;
			c->host.ended(c->ctx, c, i, c->end[i].reason);
		}
}

static void unplug(struct end *n)
{
	ep_close(n->ep);
	n->ep = NULL;
	n->paused = false;
}

static void try_later(struct end *n)
{
	int64_t most = n->retry_ns;
	if (is_switch(n) && most > RETRY_LOCAL_NS)
		most = RETRY_LOCAL_NS;
	n->wait_ns = n->wait_ns ? 2 * n->wait_ns : RETRY_FIRST_NS;
	if (n->wait_ns > most)
		n->wait_ns = most;
	timer_set(&n->retry, loop_now(n->c->loop) + n->wait_ns);
	n->settled = true;
}

static void on_closed(void *ctx, struct ep *e, const char *reason)
{
	struct end *n = ctx;
	struct cable *c = n->c;
	(void)e;
	if (!n->was_up)
		n->port = -1; /* the port it had may be somebody else's now */
	if (n->retry_ns == CABLE_NO_RETRY) {
		snprintf(n->reason, sizeof n->reason, "%s", reason && *reason ? reason : "closed");
		unplug(n);
		wire_link(c->wire, n->idx, false, loop_clock(c->loop));
		return; /* the poller looks whether that was all */
	}
	unplug(n);
	n->was_up = false;
	wire_link(c->wire, n->idx, false, loop_clock(c->loop));
	try_later(n);
}

/* ---- links ---- */

static void set_link(struct end *n)
{
	bool on = wire_has_carrier(n->c->wire, n->idx);
	if (n->ep && n->ep->caps.carrier) {
		ep_carrier(n->ep, on);
		return;
	}
	if (!is_switch(n))
		return;
	if (!on && n->ep) {
		n->away = true;
		unplug(n);
	} else if (on && n->away) {
		n->away = false;
		open_again(n);
	}
}

/* The wire says so in the middle of its work: acted on before the next sleep. */
static void on_carrier(void *ctx, unsigned end, bool on)
{
	struct cable *c = ctx;
	(void)on;
	c->end[end].link_moved = true;
}

/* Ready: both ends are up, or one is missing and being tried again and again. */
static void say_ready(struct cable *c)
{
	if (c->was_ready || !c->end[0].settled || !c->end[1].settled)
		return;
	c->was_ready = true;
	if (c->host.ready)
		c->host.ready(c->ctx, c);
}

static void on_up(void *ctx, struct ep *e)
{
	struct end *n = ctx;
	struct cable *c = n->c;
	int64_t now = loop_clock(c->loop);
	n->was_up = n->settled = true;
	n->wait_ns = 0;
	n->port = e->port >= 0 ? e->port : n->port;
	wire_link(c->wire, n->idx, true, now);
	if (e->caps.carrier && !wire_has_carrier(c->wire, n->idx))
		ep_carrier(e, false);
	wire_writable(c->wire, !n->idx, now);
	keep_reading(&c->end[!n->idx]);
}

static void on_down(void *ctx, struct ep *e)
{
	struct end *n = ctx;
	(void)e;
	wire_link(n->c->wire, n->idx, false, loop_clock(n->c->loop));
}

static void on_writable(void *ctx, struct ep *e)
{
	struct end *n = ctx;
	(void)e;
	wire_writable(n->c->wire, !n->idx, loop_clock(n->c->loop));
	keep_reading(&n->c->end[!n->idx]);
}

static const struct ep_host ep_host = { .readable = on_readable,
					.writable = on_writable,
					.up = on_up,
					.down = on_down,
					.closed = on_closed };

/* ---- plugging ---- */

static void plugged(struct end *n)
{
	n->was_up = false;
	n->paused = false;
	if (n->ep->is_up)
		on_up(n, n->ep);
}

static bool names_port(const char *locator)
{
	size_t len = strlen(locator);
	return strstr(locator, ",port=") || (len && locator[len - 1] == ']');
}

static void open_again(struct end *n)
{
	char locator[sizeof n->locator + 24];
	struct err e = { "" };
	bool wanted = n->port > 0 && is_switch(n) && !names_port(n->locator);
	if (wanted)
		snprintf(locator, sizeof locator, "%s,port=%d", n->locator, n->port);
	else
		snprintf(locator, sizeof locator, "%s", n->locator);
	if (ep_open(&n->ep, n->c->loop, locator, &ep_host, n, NULL, &e) < 0)
		try_later(n);
	else
		plugged(n);
}

static void retry_fires(struct timer *t, int64_t now)
{
	struct end *n = container_of(t, struct end, retry);
	(void)now;
	open_again(n);
}

static void begin_end(struct end *n, const char *name, int64_t retry_ns)
{
	snprintf(n->name, sizeof n->name, "%.200s", name);
	n->retry_ns = retry_ns;
}

int cable_plug(struct cable *c, unsigned end, const char *locator, int64_t retry_ns, struct err *e)
{
	struct end *n = &c->end[end];
	if (strlen(locator) >= sizeof n->locator)
		return err_set(e, -EINVAL, "%.40s...: the locator is too long", locator);
	begin_end(n, locator, retry_ns);
	memcpy(n->locator, locator, strlen(locator) + 1);
	int r = ep_open(&n->ep, c->loop, locator, &ep_host, n, NULL, e);
	if (!r)
		plugged(n);
	else if (r != -EINVAL && retry_ns != CABLE_NO_RETRY) {
		wire_link(c->wire, end, false, loop_clock(c->loop));
		try_later(n);
		r = 0;
	}
	return r;
}

int cable_plug_fds(struct cable *c, unsigned end, int in, int out, const char *name, struct err *e)
{
	struct end *n = &c->end[end];
	begin_end(n, name, CABLE_NO_RETRY);
	int r = ep_open_fds(&n->ep, c->loop, in, out, 2, name, &ep_host, n, e);
	if (!r)
		plugged(n);
	return r;
}

/* ---- time ---- */

static void tick(struct cable *c, int64_t now)
{
	wire_tick(c->wire, now);
	pool_grow(c->pool);
	for (unsigned i = 0; i < 2; i++)
		keep_reading(&c->end[i]);
}

/* Learns from how late a sleep has ended. */
static void learn_margin(struct cable *c, int64_t late_ns)
{
	int64_t wanted = 2 * late_ns;
	c->margin_ns -= (c->margin_ns - MARGIN_LEAST_NS) / MARGIN_MEMORY;
	if (wanted > c->margin_ns)
		c->margin_ns = wanted < MARGIN_MOST_NS ? wanted : MARGIN_MOST_NS;
}

static void timer_fires(struct timer *t, int64_t now)
{
	struct cable *c = container_of(t, struct cable, timer);
	if (c->spin >= 0 && c->wake_ns)
		learn_margin(c, now - c->wake_ns);
	c->wake_ns = 0;
	tick(c, now);
}

/* true: the next departure is near, look again without sleeping. */
static bool spin(struct cable *c, int64_t next)
{
	int64_t now = loop_clock(c->loop);
	if (now < next - c->margin_ns)
		return false;
	if (now >= next)
		tick(c, now);
	return true;
}

bool cable_precise(struct cable *c)
{
	c->spin = c->spin < 0 ? spin_take() : c->spin;
	return c->spin >= 0;
}

/* Before every sleep: whoever spoke to the wire (a frame, a command), its next deadline is kept. */
static bool before_sleep(struct poller *p, int64_t now)
{
	struct cable *c = container_of(p, struct cable, poller);
	(void)now;
	for (unsigned i = 0; i < 2; i++)
		if (c->end[i].link_moved) {
			c->end[i].link_moved = false;
			set_link(&c->end[i]);
		}
	say_ready(c);
	end_if_over(c);
	int64_t next = wire_next(c->wire);
	if (c->spin < 0 || next == TIME_NEVER) {
		timer_set(&c->timer, next);
		return false;
	}
	bool spins = spin(c, next);
	c->wake_ns = spins ? 0 : next - c->margin_ns;
	timer_set(&c->timer, spins ? next : c->wake_ns);
	return spins;
}

/* ---- life ---- */

static void on_event(void *ctx, const struct event *ev)
{
	struct cable *c = ctx;
	if (c->host.event)
		c->host.event(c->ctx, ev);
}

static void on_tap(void *ctx, const struct wire_tapped *t, int64_t now)
{
	struct cable *c = ctx;
	wire_capture_tap(&c->capture, t, now);
}

static const struct wire_host wire_host = {
	.tx = on_tx, .carrier = on_carrier, .event = on_event, .tap = on_tap
};

int cable_new(struct cable **out, struct loop *l, struct pool *pool,
	      const struct wire_config *config, const struct cable_host *host, void *ctx)
{
	struct cable *c = calloc(1, sizeof *c);
	*out = NULL;
	if (!c)
		return -ENOMEM;
	c->wire = wire_new(config, &wire_host, c, pool, loop_clock(l));
	c->capture = (struct wire_capture){ .wire = c->wire,
					    .end = { c->end[0].name, c->end[1].name },
					    .event = on_event,
					    .ctx = c };
	if (!c->wire || wire_capture_init(&c->capture, l) < 0) {
		wire_free(c->wire);
		free(c);
		return -ENOMEM;
	}
	c->spin = -1;
	c->margin_ns = MARGIN_LEAST_NS;
	wire_want_events(c->wire, UINT64_MAX); /* few and cheap: none is for a single frame */
	c->loop = l;
	c->pool = pool;
	c->host = *host;
	c->ctx = ctx;
	for (unsigned i = 0; i < 2; i++) {
		c->end[i] = (struct end){ .c = c, .idx = i, .port = -1 };
		timer_init(&c->end[i].retry, l, retry_fires);
		timer_init(&c->end[i].pacer, l, pacer_fires);
	}
	timer_init(&c->timer, l, timer_fires);
	c->poller.poll = before_sleep;
	loop_add_poller(l, &c->poller);
	*out = c;
	return 0;
}

void cable_free(struct cable *c)
{
	if (!c)
		return;
	wire_capture_fini(&c->capture);
	loop_del_poller(c->loop, &c->poller);
	timer_fini(&c->timer);
	for (unsigned i = 0; i < 2; i++) {
		timer_fini(&c->end[i].retry);
		timer_fini(&c->end[i].pacer);
		ep_close(c->end[i].ep);
	}
	wire_free(c->wire);
	if (c->spin >= 0)
		close(c->spin);
	free(c);
}

struct captures *cable_captures(struct cable *c)
{
	return c->capture.captures;
}

struct wire *cable_wire(struct cable *c)
{
	return c->wire;
}

const char *cable_end_name(const struct cable *c, unsigned end)
{
	return c->end[end].name;
}
