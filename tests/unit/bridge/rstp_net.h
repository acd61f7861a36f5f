/* SPDX-License-Identifier: MIT */
/* rstp_net.h - a network of spanning trees for the tests: bridges joined by links with a delay, one
 * queue of BPDUs in the order of their arrival, and a watch for forwarding loops. */
#ifndef DW_TESTS_RSTP_NET_H
#define DW_TESTS_RSTP_NET_H

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "switch/core/rstp.h"

enum { NET_BRIDGES = 64, NET_PORTS = 12, NET_FLIGHT = 8192 };
#define MS(n) ((int64_t)(n)*1000000)
#define SEC(n) ((int64_t)(n)*1000000000)

struct net_end {
	int bridge; /* -1: nothing plugged in */
	unsigned port;
	bool up, deaf; /* deaf: what is sent towards it is lost, silently */
};

struct net_flight {
	int64_t at;
	int bridge;
	unsigned port;
	uint8_t frame[RSTP_FRAME_MAX];
	uint32_t len;
};

struct net;
struct net_bridge {
	struct net *net;
	int no;
	struct rstp *r;
	struct rstp_port_config cfg[NET_PORTS + 1];
	enum rstp_state state[NET_PORTS + 1];
	enum rstp_role role[NET_PORTS + 1];
	unsigned sent[NET_PORTS + 1], flushes[NET_PORTS + 1];
};

struct net_spell { /* for how long something was so */
	bool is;
	int64_t since, total, longest;
};

struct net {
	struct net_bridge b[NET_BRIDGES];
	int bridges;
	struct net_end peer[NET_BRIDGES][NET_PORTS + 1];
	struct net_flight *flight; /* a ring of NET_FLIGHT, in the order of arrival */
	unsigned first, flights;
	int64_t now, delay;
	bool moved;             /* a state or a link, since the network was looked at */
	struct net_spell loops; /* frames go round */
	struct net_spell split; /* there is a way by cables and none by open ports */
	int64_t moved_at;       /* when a port last opened or closed */
	uint64_t sent;          /* BPDUs */
};

static inline struct net_flight *net_flight(struct net *n, unsigned i) /* the i-th to arrive */
{
	return &n->flight[(n->first + i) % NET_FLIGHT];
}

static inline void net_tx(void *ctx, unsigned port, const uint8_t *frame, uint32_t len)
{
	struct net_bridge *b = ctx;
	struct net *n = b->net;
	struct net_end *to = &n->peer[b->no][port];
	b->sent[port]++;
	n->sent++;
	if (to->bridge < 0 || !to->up || to->deaf)
		return;
	assert(n->flights < NET_FLIGHT);
	unsigned i = n->flights++;
	for (; i && net_flight(n, i - 1)->at > n->now + n->delay; i--)
		*net_flight(n, i) = *net_flight(n, i - 1);
	struct net_flight *f = net_flight(n, i);
	*f = (struct net_flight){ n->now + n->delay, to->bridge, to->port, { 0 }, len };
	memcpy(f->frame, frame, len);
}

static inline void net_state(void *ctx, unsigned port, enum rstp_state s)
{
	struct net_bridge *b = ctx;
	b->state[port] = s;
	b->net->moved = true;
	b->net->moved_at = b->net->now;
}

static inline void net_role(void *ctx, unsigned port, enum rstp_role r)
{
	((struct net_bridge *)ctx)->role[port] = r;
}

static inline void net_flush(void *ctx, unsigned port)
{
	((struct net_bridge *)ctx)->flushes[port]++;
}

static inline void net_nothing(void *ctx, unsigned port)
{
	(void)ctx, (void)port;
}

static struct rstp_host net_host = { .tx = net_tx, /* a test may ask for moves as well */
				     .state = net_state,
				     .flush = net_flush,
				     .role = net_role,
				     .change = net_nothing,
				     .shut = net_nothing };

static inline struct net *net_new(void)
{
	struct net *n = calloc(1, sizeof *n);
	assert(n);
	n->flight = calloc(NET_FLIGHT, sizeof *n->flight);
	assert(n->flight);
	n->delay = 1000;
	for (int i = 0; i < NET_BRIDGES; i++)
		for (unsigned p = 0; p <= NET_PORTS; p++)
			n->peer[i][p].bridge = -1;
	return n;
}

static inline void net_free(struct net *n)
{
	for (int i = 0; i < n->bridges; i++)
		rstp_free(n->b[i].r);
	free(n->flight);
	free(n);
}

/* The bridge's address is 02-00-00-00-00-<no+1>. */
static inline void net_start(struct net *n, int no, const struct rstp_config *c)
{
	struct net_bridge *b = &n->b[no];
	uint8_t mac[6] = { 2, 0, 0, 0, 0, (uint8_t)(no + 1) };
	b->r = rstp_new(c, mac, &net_host, b, n->now);
	assert(b->r);
}

static inline int net_add(struct net *n, uint16_t priority, const struct rstp_config *c)
{
	struct rstp_config own;
	rstp_config_default(&own);
	if (c)
		own = *c;
	own.priority = priority;
	n->b[n->bridges] = (struct net_bridge){ .net = n, .no = n->bridges };
	net_start(n, n->bridges, &own);
	return n->bridges++;
}

static inline void net_port(struct net *n, int bridge, unsigned port,
			    const struct rstp_port_config *c)
{
	struct rstp_port_config *own = &n->b[bridge].cfg[port];
	rstp_port_config_default(own);
	if (c)
		*own = *c;
	int r = rstp_port_apply(n->b[bridge].r, port, own, n->now);
	assert(!r);
}

static inline void net_link_up(struct net *n, int a, unsigned pa, bool up)
{
	struct net_end *e = &n->peer[a][pa];
	e->up = up;
	if (e->bridge >= 0)
		n->peer[e->bridge][e->port].up = up;
	unsigned kept = 0; /* what was on the cable is lost */
	for (unsigned i = 0; i < n->flights; i++) {
		const struct net_flight *f = net_flight(n, i);
		bool on_it = (f->bridge == a && f->port == pa) ||
			     (f->bridge == e->bridge && f->port == e->port);
		if (up || !on_it)
			*net_flight(n, kept++) = *f;
	}
	n->flights = kept;
	n->moved = true;
	rstp_port_link(n->b[a].r, pa, up, false, 0, n->now);
	if (e->bridge >= 0)
		rstp_port_link(n->b[e->bridge].r, e->port, up, false, 0, n->now);
}

static inline void net_join(struct net *n, int a, unsigned pa, int b, unsigned pb)
{
	net_port(n, a, pa, NULL);
	net_port(n, b, pb, NULL);
	n->peer[a][pa] = (struct net_end){ b, pb, false, false };
	n->peer[b][pb] = (struct net_end){ a, pa, false, false };
	net_link_up(n, a, pa, true);
}

/* The bridge forgets all, with its settings kept; its links are down until they are set up again.
 */
static inline void net_restart(struct net *n, int bridge)
{
	struct net_bridge *b = &n->b[bridge];
	struct rstp_config c = *rstp_config(b->r);
	for (unsigned p = 1; p <= NET_PORTS; p++)
		if (n->peer[bridge][p].bridge >= 0 && n->peer[bridge][p].up)
			net_link_up(n, bridge, p, false);
	rstp_free(b->r);
	net_start(n, bridge, &c);
	for (unsigned p = 1; p <= NET_PORTS; p++) {
		const struct rstp_port_config own = b->cfg[p];
		if (n->peer[bridge][p].bridge >= 0)
			net_port(n, bridge, p, &own);
	}
}

static inline bool net_forwards(const struct net *n, int bridge, unsigned port)
{
	return n->b[bridge].state[port] == RSTP_FORWARDING;
}

static inline int net_top(const int *up, int i)
{
	while (up[i] != i)
		i = up[i];
	return i;
}

static inline bool net_usable(const struct net *n, int a, unsigned p) /* data could, both ways */
{
	const struct net_end *e = &n->peer[a][p];
	return e->up && !e->deaf && !n->peer[e->bridge][e->port].deaf;
}

static inline bool net_open(const struct net *n, int a, unsigned p) /* and does */
{
	const struct net_end *e = &n->peer[a][p];
	return net_usable(n, a, p) && net_forwards(n, a, p) && net_forwards(n, e->bridge, e->port);
}

/* Links that are so, joined one by one: one inside one part closes a loop. */
static inline int net_joined(const struct net *n, int *parts,
			     bool (*is)(const struct net *, int, unsigned))
{
	int up[NET_BRIDGES], loops = 0;
	*parts = n->bridges;
	for (int i = 0; i < n->bridges; i++)
		up[i] = i;
	for (int a = 0; a < n->bridges; a++)
		for (unsigned p = 1; p <= NET_PORTS; p++) {
			const struct net_end *e = &n->peer[a][p];
			if (e->bridge < a || (e->bridge == a && e->port <= p) || !is(n, a, p))
				continue;
			int x = net_top(up, a), y = net_top(up, e->bridge);
			loops += x == y;
			*parts -= x != y;
			up[x] = y;
		}
	return loops;
}

static inline int net_loops(const struct net *n, int *parts)
{
	return net_joined(n, parts, net_open);
}

static inline void net_note(struct net_spell *s, bool is, int64_t now)
{
	if (s->is && now - s->since > s->longest)
		s->longest = now - s->since;
	if (s->is && !is)
		s->total += now - s->since;
	if (is && !s->is)
		s->since = now;
	s->is = is;
}

static inline int64_t net_total(const struct net_spell *s, int64_t now)
{
	return s->total + (s->is ? now - s->since : 0);
}

static inline void net_look(struct net *n)
{
	int parts, could;
	if (!n->moved && !n->loops.is && !n->split.is)
		return;
	n->moved = false;
	net_note(&n->loops, net_loops(n, &parts) > 0, n->now);
	net_joined(n, &could, net_usable);
	net_note(&n->split, parts > could, n->now);
}

/* Runs to `until`; returns the time in ns during which a loop was open. */
static inline int64_t net_run(struct net *n, int64_t until)
{
	int64_t before = net_total(&n->loops, n->now);
	for (;;) {
		int64_t at = until;
		if (n->flights && net_flight(n, 0)->at < at)
			at = net_flight(n, 0)->at;
		for (int i = 0; i < n->bridges; i++)
			if (rstp_next(n->b[i].r) < at)
				at = rstp_next(n->b[i].r);
		if (at > n->now)
			net_look(n);
		n->now = at;
		if (at >= until)
			return net_total(&n->loops, n->now) - before;
		if (n->flights && net_flight(n, 0)->at == at) {
			struct net_flight got = *net_flight(n, 0);
			n->first = (n->first + 1) % NET_FLIGHT;
			n->flights--;
			rstp_rx(n->b[got.bridge].r, got.port, got.frame, got.len, at);
			continue;
		}
		for (int i = 0; i < n->bridges; i++)
			if (rstp_next(n->b[i].r) <= at)
				rstp_tick(n->b[i].r, at);
	}
}

#endif
