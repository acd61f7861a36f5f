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
	uint64_t seq;
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
	enum rstp_state state[NET_PORTS + 1];
	enum rstp_role role[NET_PORTS + 1];
	unsigned sent[NET_PORTS + 1], flushes[NET_PORTS + 1];
};

struct net {
	struct net_bridge b[NET_BRIDGES];
	int bridges;
	struct net_end peer[NET_BRIDGES][NET_PORTS + 1];
	struct net_flight *flight;
	unsigned flights;
	uint64_t seq;
	int64_t now, delay;
};

static inline void net_tx(void *ctx, unsigned port, const uint8_t *frame, uint32_t len)
{
	struct net_bridge *b = ctx;
	struct net *n = b->net;
	struct net_end *to = &n->peer[b->no][port];
	b->sent[port]++;
	if (to->bridge < 0 || !to->up || to->deaf)
		return;
	assert(n->flights < NET_FLIGHT);
	struct net_flight *f = &n->flight[n->flights++];
	*f = (struct net_flight){ n->now + n->delay, n->seq++, to->bridge, to->port, { 0 }, len };
	memcpy(f->frame, frame, len);
}

static inline void net_state(void *ctx, unsigned port, enum rstp_state s)
{
	((struct net_bridge *)ctx)->state[port] = s;
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
static inline int net_add(struct net *n, uint16_t priority, const struct rstp_config *c)
{
	struct rstp_config own;
	rstp_config_default(&own);
	if (c)
		own = *c;
	own.priority = priority;
	struct net_bridge *b = &n->b[n->bridges];
	*b = (struct net_bridge){ .net = n, .no = n->bridges };
	uint8_t mac[6] = { 2, 0, 0, 0, 0, (uint8_t)(n->bridges + 1) };
	b->r = rstp_new(&own, mac, &net_host, b, n->now);
	assert(b->r);
	return n->bridges++;
}

static inline void net_port(struct net *n, int bridge, unsigned port,
			    const struct rstp_port_config *c)
{
	struct rstp_port_config own;
	rstp_port_config_default(&own);
	int r = rstp_port_apply(n->b[bridge].r, port, c ? c : &own, n->now);
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
		const struct net_flight *f = &n->flight[i];
		bool on_it = (f->bridge == a && f->port == pa) ||
			     (f->bridge == e->bridge && f->port == e->port);
		if (up || !on_it)
			n->flight[kept++] = *f;
	}
	n->flights = kept;
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

static inline struct net_flight *net_first(struct net *n)
{
	struct net_flight *first = NULL;
	for (unsigned i = 0; i < n->flights; i++) {
		struct net_flight *f = &n->flight[i];
		if (!first || f->at < first->at || (f->at == first->at && f->seq < first->seq))
			first = f;
	}
	return first;
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

/* Links that forward at both ends, joined one by one: a link inside one part closes a loop. */
static inline int net_loops(const struct net *n, int *parts)
{
	int up[NET_BRIDGES], loops = 0;
	*parts = n->bridges;
	for (int i = 0; i < n->bridges; i++)
		up[i] = i;
	for (int a = 0; a < n->bridges; a++)
		for (unsigned p = 1; p <= NET_PORTS; p++) {
			const struct net_end *e = &n->peer[a][p];
			if (e->bridge < 0 || !e->up || !net_forwards(n, a, p) ||
			    !net_forwards(n, e->bridge, e->port) || e->bridge < a ||
			    (e->bridge == a && e->port <= p))
				continue;
			int x = net_top(up, a), y = net_top(up, e->bridge);
			loops += x == y;
			*parts -= x != y;
			up[x] = y;
		}
	return loops;
}

/* Runs to `until`; returns the time in ns during which a loop was open. */
static inline int64_t net_run(struct net *n, int64_t until)
{
	int64_t looped = 0;
	for (;;) {
		int64_t at = until;
		struct net_flight *f = net_first(n);
		if (f && f->at < at)
			at = f->at;
		for (int i = 0; i < n->bridges; i++)
			if (rstp_next(n->b[i].r) < at)
				at = rstp_next(n->b[i].r);
		int parts;
		if (net_loops(n, &parts))
			looped += at - n->now;
		if (at >= until) {
			n->now = until;
			return looped;
		}
		n->now = at;
		if (f && f->at == at) {
			struct net_flight got = *f;
			*f = n->flight[--n->flights];
			rstp_rx(n->b[got.bridge].r, got.port, got.frame, got.len, at);
			continue;
		}
		for (int i = 0; i < n->bridges; i++)
			if (rstp_next(n->b[i].r) <= at)
				rstp_tick(n->b[i].r, at);
	}
}

#endif
