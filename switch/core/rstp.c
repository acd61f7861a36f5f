/* SPDX-License-Identifier: MIT */
/* rstp.c - a bridge's spanning tree from outside: ports come and go, settings change, BPDUs come
 * in, time passes. Each call changes variables, then lets the machines run. */
#include "switch/core/rstp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/ether.h"
#include "switch/core/rstp_inner.h"

struct rstp *rstp_new(const struct rstp_config *c, const uint8_t mac[static 6],
		      const struct rstp_host *host, void *ctx, int64_t now)
{
	struct rstp *r = calloc(1, sizeof *r);
	if (!r)
		return NULL;
	r->host = host;
	r->ctx = ctx;
	r->now = now;
	r->last_change = -1;
	r->last_change_cause = "";
	memcpy(r->mac, mac, sizeof r->mac);
	rstp_apply(r, c, now);
	return r;
}

void rstp_free(struct rstp *r)
{
	if (!r)
		return;
	heap_fini(&r->heap); /* before the ports, whose deadlines it holds */
	EACH_PORT(r, p)
	free(p);
	free(r->port);
	free(r);
}

const struct rstp_config *rstp_config(const struct rstp *r)
{
	return &r->cfg;
}

static void reselect_all(struct rstp *r)
{
	EACH_PORT(r, p)
	{
		p->tree.reselect = true;
		p->tree.selected = false;
	}
	r->reselect = true;
}

void rstp_apply(struct rstp *r, const struct rstp_config *c, int64_t now)
{
	bool version_moved = r->cfg.version != c->version;
	r->now = now;
	r->cfg = *c;
	r->BridgeIdentifier = (uint64_t)c->priority << 48 | mac_to_u64(r->mac);
	r->BridgeTimes = (struct bpdu_times){ .max_age = c->max_age,
					      .hello = c->hello,
					      .fwd_delay = c->fwd_delay };
	EACH_PORT(r, p)
	{
		p->txCount = 0; /* 17.13.12: setting TxHoldCount or the version clears it */
		if (version_moved)
			rstp_begin_port(p);
	}
	reselect_all(r);
	rstp_run(r);
}

static struct rstp_port *port_of(const struct rstp *r, unsigned port)
{
	return port < r->room ? r->port[port] : NULL;
}

static int make_room(struct rstp *r, unsigned port)
{
	if (port < r->room)
		return 0;
	unsigned room = port < 8 ? 8 : 2 * port;
	struct rstp_port **v = realloc(r->port, room * sizeof *v);
	if (!v)
		return -ENOMEM;
	memset(v + r->room, 0, (room - r->room) * sizeof *v);
	r->port = v;
	r->room = room;
	return 0;
}

static struct rstp_port *make_port(struct rstp *r, unsigned port)
{
	struct rstp_port *p = calloc(1, sizeof *p);
	if (!p || heap_reserve(&r->heap, r->count + 1) < 0 || make_room(r, port) < 0) {
		free(p);
		return NULL;
	}
	p->r = r;
	p->no = port;
	p->d.id = port;
	r->port[port] = p;
	r->count++;
	if (port > r->highest)
		r->highest = port;
	return p;
}

int rstp_port_apply(struct rstp *r, unsigned port, const struct rstp_port_config *c, int64_t now)
{
	if (!port || port > RSTP_PORT_MAX)
		return -ERANGE;
	struct rstp_port *p = port_of(r, port);
	bool fresh = !p;
	r->now = now;
	if (fresh && !(p = make_port(r, port)))
		return -ENOMEM;
	bool edge_now = c->edge && !p->cfg.edge && p->portEnabled;
	p->cfg = *c;
	if (!c->bpdu_guard)
		p->shut = false;
	if (!c->loop_guard)
		p->tree.loopGuarded = false;
	rstp_port_params(p);
	if (fresh) {
		p->tree.designatedTimes = r->BridgeTimes;
		rstp_begin_port(p);
	}
	p->edgeAsked = edge_now;
	reselect_all(r);
	rstp_touch(p);
	rstp_run(r);
	return 0;
}

void rstp_port_remove(struct rstp *r, unsigned port, int64_t now)
{
	struct rstp_port *p = port_of(r, port);
	if (!p)
		return;
	r->now = now;
	heap_set(&r->heap, &p->d, TIME_NEVER);
	r->port[port] = NULL;
	r->count--;
	while (r->highest && !r->port[r->highest])
		r->highest--;
	free(p);
	reselect_all(r);
	rstp_run(r);
}

void rstp_port_link(struct rstp *r, unsigned port, bool enabled, bool shared, uint64_t speed_bps,
		    int64_t now)
{
	struct rstp_port *p = port_of(r, port);
	if (!p)
		return;
	r->now = now;
	if (!p->MAC_Operational && enabled)
		p->shut = false;
	p->MAC_Operational = enabled;
	p->shared = shared;
	p->speed_bps = speed_bps;
	rstp_port_params(p);
	reselect_all(r); /* the cost may have moved */
	rstp_touch(p);
	rstp_run(r);
}

void rstp_mcheck(struct rstp *r, unsigned port, int64_t now)
{
	struct rstp_port *p = port_of(r, port);
	if (!p || !rstp_version(p))
		return;
	r->now = now;
	p->mcheck = true;
	rstp_touch(p);
	rstp_run(r);
}

static void count(struct rstp_port *p)
{
	switch (p->msg.type) {
	case BPDU_RST:
		p->counters.rx_rst++;
		break;
	case BPDU_CONFIG:
		p->counters.rx_config++;
		break;
	case BPDU_TCN:
		p->counters.rx_tcn++;
		break;
	}
}

/* 9.3.4 c): a Config BPDU of this very port is not heard. */
static bool own_config(const struct rstp_port *p)
{
	return p->msg.type == BPDU_CONFIG && p->msg.v.bridge == p->r->BridgeIdentifier &&
	       p->msg.v.port == p->tree.portId;
}

void rstp_rx(struct rstp *r, unsigned port, const uint8_t *frame, uint32_t len, int64_t now)
{
	struct rstp_port *p = port_of(r, port);
	if (!p)
		return;
	r->now = now;
	if (p->cfg.bpdu_filter || !p->portEnabled)
		return;
	struct bpdu msg;
	if (bpdu_decode(&msg, frame, len) < 0) {
		p->counters.rx_bad++;
		return;
	}
	p->msg = msg;
	count(p);
	if (own_config(p))
		return;
	if (p->cfg.bpdu_guard) {
		p->shut = true;
		rstp_port_params(p);
		r->host->shut(r->ctx, p->no);
	} else {
		p->rcvdBPDU = true;
	}
	rstp_touch(p);
	rstp_run(r);
}

int64_t rstp_now(const struct rstp *r)
{
	return r->now;
}

int64_t rstp_next(const struct rstp *r)
{
	return heap_next(&r->heap);
}

/* Each deadline is served at its own instant, so a late caller shifts nothing. */
void rstp_tick(struct rstp *r, int64_t now)
{
	for (;;) {
		struct deadline *d = heap_head(&r->heap);
		if (!d || d->due > now)
			break;
		if (d->due > r->now)
			r->now = d->due;
		while ((d = heap_pop_due(&r->heap, r->now)))
			rstp_touch(container_of(d, struct rstp_port, d));
		rstp_run(r);
	}
}

enum rstp_state rstp_port_state(const struct rstp *r, unsigned port)
{
	const struct rstp_port *p = port_of(r, port);
	if (!p)
		return RSTP_FORWARDING;
	return p->tree.forwarding ? RSTP_FORWARDING
	       : p->tree.learning ? RSTP_LEARNING
				  : RSTP_DISCARDING;
}
