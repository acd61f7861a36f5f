/* SPDX-License-Identifier: MIT */
/* ports.c - endpoints behind bridge ports. What endpoints report is noted at once and acted on by
 * settle(), outside the core: a report may come out of an ep_tx() that the core asked for. */
#include "switch/ports.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "switch/access.h"

enum {
	TURN_NS = 300000, /* endpoints are served for so long, then management and timers have their turn */
};

struct slot { /* what stands behind one bridge port; made when first needed */
	unsigned port;
	struct ports_rule rule;
	struct ports_member *members;
	struct port_stats base; /* counters at the last reset */
	bool fresh;             /* nobody has plugged in yet */
	bool linked;            /* as told to the core */
	struct link_info info;
	bool dirty;             /* settle() has to look at it */
	struct slot *next_dirty;
};

struct ports {
	struct loop *loop;
	struct pool *pool;
	struct bridge *bridge;
	const struct ports_notice *notice;
	void *ctx;
	struct slot **slots; /* by port number */
	unsigned room, count, last_id;
	struct slot *dirty;
	struct ports_member *ready, **ready_end; /* first come, first served */
};

struct ports *ports_new(struct loop *l, struct pool *pool, const struct ports_notice *n, void *ctx)
{
	struct ports *p = malloc(sizeof *p);
	if (!p)
		return NULL;
	*p = (struct ports){ .loop = l, .pool = pool, .notice = n, .ctx = ctx };
	p->ready_end = &p->ready;
	return p;
}

void ports_set_bridge(struct ports *p, struct bridge *b)
{
	p->bridge = b;
}

void ports_free(struct ports *p)
{
	if (!p)
		return;
	for (unsigned i = 0; i < p->room; i++) {
		struct slot *s = p->slots[i];
		while (s && s->members) {
			struct ports_member *m = s->members;
			s->members = m->next;
			ep_close(m->ep);
			free(m);
		}
		free(s);
	}
	free(p->slots);
	free(p);
}

static struct slot *slot_of(const struct ports *p, unsigned port) /* NULL: nothing is known of it */
{
	return port < p->room ? p->slots[port] : NULL;
}

static struct slot *slot_make(struct ports *p, unsigned port) /* NULL: out of memory */
{
	struct slot *s = slot_of(p, port);
	if (s)
		return s;
	if (port >= p->room) {
		unsigned room = p->room ? p->room : 32;
		while (room <= port)
			room *= 2;
		struct slot **v = realloc(p->slots, room * sizeof(*v));
		if (!v)
			return NULL;
		memset(v + p->room, 0, (room - p->room) * sizeof(*v));
		p->slots = v;
		p->room = room;
	}
	s = malloc(sizeof *s);
	if (!s)
		return NULL;
	*s = (struct slot){ .port = port, .rule = { .uid = PORTS_NOBODY, .gid = PORTS_NOBODY } };
	p->slots[port] = s;
	return s;
}

static bool port_exists(const struct ports *p, unsigned port)
{
	return bridge_port_config(p->bridge, port) != NULL;
}

/* ---- members: what they report, and what follows from it ---- */

static void mark(struct ports *p, unsigned port)
{
	struct slot *s = slot_of(p, port);
	if (!s || s->dirty)
		return;
	s->dirty = true;
	s->next_dirty = p->dirty;
	p->dirty = s;
}

static void queue_ready(struct ports *p, struct ports_member *m)
{
	if (m->queued || m->gone)
		return;
	m->queued = true;
	m->ready = NULL;
	*p->ready_end = m;
	p->ready_end = &m->ready;
}

static struct ports_member *take_ready(struct ports *p)
{
	struct ports_member *m = p->ready;
	p->ready = m->ready;
	if (!p->ready)
		p->ready_end = &p->ready;
	m->queued = false;
	return m;
}

static void unqueue(struct ports *p, const struct ports_member *m)
{
	struct ports_member **at = &p->ready;
	while (*at && *at != m)
		at = &(*at)->ready;
	if (!*at)
		return;
	*at = m->ready;
	if (!m->ready)
		p->ready_end = at;
}

static void member_readable(void *ctx, struct ep *e)
{
	struct ports_member *m = ctx;
	(void)e;
	queue_ready(m->ports, m);
}

static void member_writable(void *ctx, struct ep *e)
{
	struct ports_member *m = ctx;
	(void)e;
	mark(m->ports, m->port);
}

static void member_moved(void *ctx, struct ep *e) /* up or down: settle() reads which */
{
	struct ports_member *m = ctx;
	(void)e;
	mark(m->ports, m->port);
}

static void member_closed(void *ctx, struct ep *e, const char *reason)
{
	struct ports_member *m = ctx;
	(void)e;
	m->gone = true;
	snprintf(m->reason, sizeof m->reason, "%s", reason ? reason : "closed");
	mark(m->ports, m->port);
}

static const struct ep_host member_host = {
	.readable = member_readable,
	.writable = member_writable,
	.up = member_moved,
	.down = member_moved,
	.closed = member_closed,
};

static void drop_gone(struct ports *p, struct slot *s)
{
	struct ports_member **at = &s->members;
	while (*at) {
		struct ports_member *m = *at;
		if (!m->gone) {
			at = &m->next;
			continue;
		}
		*at = m->next;
		unqueue(p, m);
		p->count--;
		p->notice->unplugged(p->ctx, m, !s->members);
		ep_close(m->ep);
		free(m);
	}
}

static bool link_of(const struct slot *s, struct link_info *info)
{
	unsigned up = 0;
	*info = (struct link_info){ 0 };
	for (const struct ports_member *m = s->members; m; m = m->next) {
		if (!m->ep->is_up)
			continue;
		up++;
		info->shared |= m->ep->caps.shared || up > 1;
		info->speed_bps = m->ep->caps.speed_bps;
	}
	return up > 0;
}

static void settle(struct ports *p)
{
	int64_t now = loop_now(p->loop);
	while (p->dirty) {
		struct slot *s = p->dirty;
		p->dirty = s->next_dirty;
		s->dirty = false;
		drop_gone(p, s);
		struct link_info info;
		bool linked = link_of(s, &info);
		if (linked != s->linked || info.shared != s->info.shared || info.speed_bps != s->info.speed_bps)
			bridge_link(p->bridge, s->port, linked, &info, now);
		s->linked = linked;
		s->info = info;
		if (linked) /* room again, or the one that was full has left */
			bridge_writable(p->bridge, s->port, now);
	}
}

/* ---- frames ---- */

unsigned ports_tx(struct ports *p, unsigned port, const struct txv *v, unsigned n)
{
	const struct slot *s = slot_of(p, port);
	if (!s || !s->members)
		return n; /* nobody behind it any more: gone with the peer */
	if (!s->members->next && !s->members->gone)
		return ep_tx(s->members->ep, v, n); /* what it does not take waits in the core */
	for (struct ports_member *m = s->members; m; m = m->next) {
		if (!m->gone && m->ep->is_up) /* one that is full loses, so that the others do not wait */
			m->lost += n - ep_tx(m->ep, v, n);
	}
	return n;
}

void ports_carrier(struct ports *p, unsigned port, bool on)
{
	const struct slot *s = slot_of(p, port);
	for (const struct ports_member *m = s ? s->members : NULL; m; m = m->next)
		ep_carrier(m->ep, on);
}

static void serve(struct ports *p, struct ports_member *m, int64_t now)
{
	struct frame f[BATCH_MAX];
	unsigned n = ep_rx(m->ep, f, BATCH_MAX);
	if (n)
		bridge_rx(p->bridge, m->port, f, n, now);
	ep_rx_done(m->ep);
	if (n == BATCH_MAX)
		queue_ready(p, m);
}

bool ports_poll(struct ports *p, int64_t now)
{
	int64_t end = now + TURN_NS;
	settle(p);
	while (p->ready && now < end) {
		struct ports_member *m = take_ready(p);
		if (!m->gone && m->ep->is_up)
			serve(p, m, now);
		pool_grow(p->pool);
		now = loop_clock(p->loop);
	}
	settle(p);
	return p->ready != NULL;
}

/* ---- who gets which port ---- */

static int make_port(struct ports *p, unsigned port, struct err *e)
{
	struct port_config c;
	port_config_default(&c);
	return bridge_port_apply(p->bridge, port, &c, loop_now(p->loop), e);
}

static int may_use(const struct slot *s, int uid, int gid)
{
	return !s || access_allows(s->rule.uid, s->rule.gid, uid, gid) ? 0 : -EPERM;
}

static int choose_any(struct ports *p, int uid, int gid)
{
	unsigned ports = bridge_config(p->bridge)->numports;
	for (unsigned port = 1; port <= ports; port++) {
		const struct slot *s = slot_of(p, port);
		if (!port_exists(p, port))
			return (int)port;
		if (s && !s->members && s->rule.allocatable && may_use(s, uid, gid) == 0)
			return (int)port;
	}
	return -ENOSPC;
}

static int choose_this(struct ports *p, unsigned port, int uid, int gid)
{
	const struct slot *s = slot_of(p, port);
	if (port > bridge_config(p->bridge)->numports)
		return -EINVAL;
	unsigned members = 0;
	for (const struct ports_member *m = s ? s->members : NULL; m; m = m->next) {
		if (m->uid != uid)
			return -EADDRINUSE;
		members++;
	}
	return members < PORTS_MEMBERS_MAX ? may_use(s, uid, gid) : -ENOSPC;
}

int ports_choose(struct ports *p, int wanted, int uid, int gid, struct err *e)
{
	settle(p); /* who has just left holds no port */
	int port = wanted;
	int r = wanted < 0 ? port = choose_any(p, uid, gid) : choose_this(p, (unsigned)wanted, uid, gid);
	if (r == -ENOSPC)
		return err_set(e, r, "no port is free");
	if (r == -EINVAL)
		return err_set(e, r, "port %d: there are only %u", wanted, bridge_config(p->bridge)->numports);
	if (r == -EPERM)
		return err_set(e, r, "port %d: not for user %d", wanted, uid);
	if (r == -EADDRINUSE)
		return err_set(e, r, "port %d: in use by another user", wanted);
	if (port_exists(p, (unsigned)port))
		return port;
	struct slot *s = slot_make(p, (unsigned)port);
	r = s ? make_port(p, (unsigned)port, e) : -ENOMEM;
	if (r < 0)
		return r;
	s->rule = (struct ports_rule){ .allocatable = true, .uid = PORTS_NOBODY, .gid = PORTS_NOBODY };
	s->fresh = true;
	return port;
}

static struct ports_member *member_new(struct ports *p, unsigned port, const char *module, int uid)
{
	struct ports_member *m = malloc(sizeof *m);
	if (!m)
		return NULL;
	*m = (struct ports_member){ .port = port, .id = ++p->last_id, .uid = uid, .ports = p };
	snprintf(m->module, sizeof m->module, "%s", module);
	return m;
}

static void add_member(struct ports *p, struct slot *s, struct ports_member *m)
{
	struct ports_member **at = &s->members;
	bool first = !*at;
	while (*at)
		at = &(*at)->next;
	*at = m;
	s->fresh = false;
	p->count++;
	const struct port_config *c = bridge_port_config(p->bridge, s->port);
	if (c && !c->up)
		ep_carrier(m->ep, false);
	p->notice->plugged(p->ctx, m, first);
	mark(p, s->port);
	settle(p);
}

int ports_join(struct ports *p, unsigned port, struct ep *ep, const char *module, int uid)
{
	struct slot *s = slot_make(p, port);
	struct ports_member *m = s ? member_new(p, port, module, uid) : NULL;
	if (!m) {
		ep_close(ep);
		return -ENOMEM;
	}
	m->ep = ep;
	ep->host = &member_host;
	ep->ctx = m;
	add_member(p, s, m);
	return 0;
}

/* VDE calls a tap "tuntap"; any other locator is named by its scheme. */
static void module_of(char *out, size_t room, const char *locator)
{
	const char *end = strstr(locator, "://");
	int len = end ? (int)(end - locator) : 0;
	if (len == 3 && strncmp(locator, "tap", 3) == 0)
		snprintf(out, room, "tuntap");
	else if (len > 0)
		snprintf(out, room, "%.*s", len, locator);
	else
		snprintf(out, room, "%s", strcmp(locator, "-") == 0 ? "stream" : "vde");
}

int ports_open(struct ports *p, const char *locator, struct err *e)
{
	char module[16];
	struct ep_rest rest = { "" };
	int uid = (int)getuid();
	int port = ports_choose(p, PORTS_ANY, 0, 0, e); /* what the switch opens itself asks nobody */
	if (port < 0)
		return port;
	bool made = slot_of(p, (unsigned)port)->fresh;
	module_of(module, sizeof module, locator);
	struct ports_member *m = member_new(p, (unsigned)port, module, uid);
	int r = m ? ep_open(&m->ep, p->loop, locator, &member_host, m, &rest, e) : -ENOMEM;
	if (r == 0 && *rest.text) {
		ep_close(m->ep);
		r = err_set(e, -EINVAL, "%s: unknown key", rest.text);
	}
	if (r < 0) {
		free(m);
		if (made)
			ports_remove(p, (unsigned)port);
		return r;
	}
	add_member(p, slot_of(p, (unsigned)port), m);
	return port;
}

/* ---- what commands ask for ---- */

int ports_make(struct ports *p, unsigned port, struct err *e)
{
	if (port > bridge_config(p->bridge)->numports)
		return -EINVAL;
	if (port_exists(p, port))
		return -EEXIST;
	struct slot *s = slot_make(p, port);
	int r = s ? make_port(p, port, e) : -ENOMEM;
	if (r == 0)
		s->rule = (struct ports_rule){ .uid = PORTS_NOBODY, .gid = PORTS_NOBODY };
	return r;
}

int ports_lowest_unmade(const struct ports *p)
{
	unsigned ports = bridge_config(p->bridge)->numports;
	for (unsigned port = 1; port <= ports; port++) {
		if (!port_exists(p, port))
			return (int)port;
	}
	return -ENOSPC;
}

int ports_remove(struct ports *p, unsigned port)
{
	settle(p);
	struct slot *s = slot_of(p, port);
	if (port > bridge_config(p->bridge)->numports)
		return -EINVAL;
	if (!port_exists(p, port))
		return -ENXIO;
	if (s && s->members)
		return -EADDRINUSE;
	int r = bridge_port_remove(p->bridge, port, loop_now(p->loop));
	if (r == 0 && s) {
		p->slots[port] = NULL;
		free(s);
	}
	return r;
}

int ports_close(struct ports *p, unsigned port, unsigned id)
{
	const struct slot *s = slot_of(p, port);
	struct ports_member *m = s ? s->members : NULL;
	while (m && m->id != id)
		m = m->next;
	if (!m)
		return -ENOENT;
	member_closed(m, m->ep, "closed by command");
	settle(p);
	return 0;
}

const struct ports_member *ports_members(const struct ports *p, unsigned port)
{
	const struct slot *s = slot_of(p, port);
	return s ? s->members : NULL;
}

unsigned ports_count(const struct ports *p)
{
	return p->count;
}

struct ports_rule ports_rule(const struct ports *p, unsigned port)
{
	const struct slot *s = slot_of(p, port);
	return s ? s->rule : (struct ports_rule){ .uid = PORTS_NOBODY, .gid = PORTS_NOBODY };
}

int ports_set_rule(struct ports *p, unsigned port, struct ports_rule rule)
{
	struct slot *s = slot_make(p, port);
	if (!s)
		return -ENOMEM;
	s->rule = rule;
	return 0;
}

void ports_counters(const struct ports *p, unsigned port, struct port_stats *out)
{
	const struct slot *s = slot_of(p, port);
	bridge_port_stats(p->bridge, port, out);
	if (!s)
		return;
	out->rx_frames -= s->base.rx_frames;
	out->rx_bytes -= s->base.rx_bytes;
	out->tx_frames -= s->base.tx_frames;
	out->tx_bytes -= s->base.tx_bytes;
}

int ports_reset_counters(struct ports *p, unsigned port)
{
	struct slot *s = slot_make(p, port);
	if (!s)
		return -ENOMEM;
	bridge_port_stats(p->bridge, port, &s->base);
	return 0;
}
