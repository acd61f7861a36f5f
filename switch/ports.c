/* SPDX-License-Identifier: MIT */
/* ports.c - endpoints behind bridge ports. What endpoints report is noted at once and acted on by
 * ports_settle(), outside the core: a report may come out of an ep_tx() that the core asked for. */
#include "switch/ports.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "switch/ports_inner.h"

enum {
	TURN_NS = 300000, /* endpoints are served for so long, then management and timers have their
			     turn */
	BATCH_NS = 1000000, /* no batch should take longer */
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

struct slot *slot_of(const struct ports *p, unsigned port)
{
	return port < p->room ? p->slots[port] : NULL;
}

struct slot *slot_make(struct ports *p, unsigned port)
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

static void member_moved(void *ctx, struct ep *e) /* ports_settle() reads how */
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

const struct ep_host member_host = {
	.readable = member_readable,
	.writable = member_writable,
	.up = member_moved,
	.down = member_moved,
	.changed = member_moved,
	.closed = member_closed,
	.unfinished = true, /* the core counts a bundle as the frames it stands for */
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

void ports_settle(struct ports *p)
{
	int64_t now = loop_now(p->loop);
	while (p->dirty) {
		struct slot *s = p->dirty;
		p->dirty = s->next_dirty;
		s->dirty = false;
		drop_gone(p, s);
		struct link_info info;
		bool linked = link_of(s, &info);
		if (linked != s->linked || info.shared != s->info.shared ||
		    info.speed_bps != s->info.speed_bps)
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
		if (!m->gone &&
		    m->ep->is_up) /* one that is full loses, so that the others do not wait */
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

/* What is flooded to thousands of ports costs thousands of times as much: a batch holds as many
 * frames as, by the last one, will not keep everybody else waiting. */
static unsigned next_batch(unsigned batch, unsigned n, int64_t took)
{
	if (took > BATCH_NS)
		return (unsigned)(n * (int64_t)BATCH_NS / took) + 1;
	if (n < batch)
		return batch;
	return 2 * n < BATCH_MAX ? 2 * n : BATCH_MAX;
}

static int64_t serve(struct ports *p, struct ports_member *m, int64_t now) /* when it is done */
{
	struct frame f[BATCH_MAX];
	unsigned n = ep_rx(m->ep, f, m->batch);
	if (n)
		bridge_rx(p->bridge, m->port, f, n, now);
	ep_rx_done(m->ep);
	int64_t done = loop_clock(p->loop);
	if (n == m->batch) /* there may be more */
		queue_ready(p, m);
	m->batch = next_batch(m->batch, n, done - now);
	return done;
}

bool ports_poll(struct ports *p, int64_t now)
{
	int64_t end = now + TURN_NS;
	ports_settle(p);
	while (p->ready && now < end) {
		struct ports_member *m = take_ready(p);
		if (!m->gone && m->ep->is_up)
			now = serve(p, m, now);
		pool_grow(p->pool);
	}
	ports_settle(p);
	return p->ready != NULL;
}

/* ---- coming and going ---- */

struct ports_member *member_new(struct ports *p, unsigned port, const char *module, int uid)
{
	struct ports_member *m = malloc(sizeof *m);
	if (!m)
		return NULL;
	*m = (struct ports_member){
		.port = port, .id = ++p->last_id, .uid = uid, .batch = 1, .ports = p
	};
	snprintf(m->module, sizeof m->module, "%s", module);
	return m;
}

void add_member(struct ports *p, struct slot *s, struct ports_member *m)
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
	ports_settle(p);
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

int ports_close(struct ports *p, unsigned port, unsigned id)
{
	const struct slot *s = slot_of(p, port);
	struct ports_member *m = s ? s->members : NULL;
	while (m && m->id != id)
		m = m->next;
	if (!m)
		return -ENOENT;
	member_closed(m, m->ep, "closed by command");
	ports_settle(p);
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
