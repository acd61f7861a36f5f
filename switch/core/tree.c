/* SPDX-License-Identifier: MIT */
/* tree.c - the spanning tree joined to the bridge: it hears of ports and links, and its verdicts
 * become port states, flushed addresses and BPDUs in front of the queue. */
#include <errno.h>
#include <stdio.h>

#include "switch/core/pipeline.h"

static void changed(struct bridge *b)
{
	heap_set(&b->heap, &b->tree_timer.d, b->tree ? rstp_next(b->tree) : TIME_NEVER);
	b->tree_ran = true;
}

static void tell(struct bridge *b, unsigned port, enum event_kind kind, const char *text)
{
	const struct port *p = b->port[port];
	bridge_event(b, &(struct event){ .kind = kind,
					 .at = rstp_now(b->tree),
					 .port = port,
					 .name = p->cfg.name,
					 .text = text });
}

/* ---- what it says ---- */
static void on_tx(void *ctx, unsigned port, const uint8_t *frame, uint32_t len)
{
	struct bridge *b = ctx;
	if (b->port[port]->live)
		egress_originate(b, b->port[port], frame, len, rstp_now(b->tree));
}

static void on_state(void *ctx, unsigned port, enum rstp_state s)
{
	struct bridge *b = ctx;
	if (!b->tree_stands || b->port[port]->state == s)
		return; /* being made: nothing of the bridge changes yet */
	b->port[port]->state = s;
	port_reopen(b, b->port[port], rstp_now(b->tree));
	tell(b, port, EVENT_RSTP_STATE, rstp_state_name(s));
}

static void on_flush(void *ctx, unsigned port)
{
	struct bridge *b = ctx;
	if (!b->tree_stands)
		return;
	fdb_flush_port(b->fdb, port);
	table_flushed(b, port, 0, "topology change", rstp_now(b->tree));
	bridge_fdb_changed(b);
}

static void on_role(void *ctx, unsigned port, enum rstp_role r)
{
	struct bridge *b = ctx;
	if (b->tree_stands)
		tell(b, port, EVENT_RSTP_ROLE, rstp_role_name(r));
}

static void on_change(void *ctx, unsigned port)
{
	struct bridge *b = ctx;
	struct rstp_view v;
	char text[40];
	rstp_view(b->tree, &v);
	snprintf(text, sizeof text, "topology change: %s", v.last_change_cause);
	tell(b, port, EVENT_RSTP_CHANGE, text);
}

static void on_shut(void *ctx, unsigned port)
{
	struct bridge *b = ctx;
	(void)port;
	b->guard_fired =
		true; /* tree_rx() takes the port down when the tree has done with the frame */
}

static const struct rstp_host host = {
	.tx = on_tx,
	.state = on_state,
	.flush = on_flush,
	.role = on_role,
	.change = on_change,
	.shut = on_shut,
};

static void run(struct bridge *b, int64_t now)
{
	rstp_tick(b->tree, now);
	changed(b);
}

void tree_init(struct bridge *b)
{
	b->tree_timer.run = run;
	b->tree_timer.d.id = 1; /* after the address table */
}

/* ---- what it is told ---- */
static bool has_tree(unsigned port)
{
	return port && port <= RSTP_PORT_MAX;
}

static void link_port(struct bridge *b, const struct port *p, int64_t now)
{
	rstp_port_link(b->tree, p->no, p->live, p->link.shared, p->link.speed_bps, now);
}

/* All its ports, before it is known to the bridge: nothing of the bridge changes if memory runs
 * out. */
static int add_ports(struct bridge *b, struct rstp *r, int64_t now)
{
	for (unsigned p = portset_next(&b->exist, 1); p <= RSTP_PORT_MAX;
	     p = portset_next(&b->exist, p + 1))
		if (rstp_port_apply(r, p, &b->port[p]->cfg.tree, now) < 0)
			return -ENOMEM;
	return 0;
}

int tree_reserve(struct bridge *b, const struct bridge_config *c, int64_t now)
{
	if (!c->rstp || b->tree)
		return 0;
	struct rstp *r = rstp_new(&c->tree, c->mac, &host, b, now);
	if (!r || add_ports(b, r, now) < 0) {
		rstp_free(r);
		return -ENOMEM;
	}
	b->tree = r;
	return 0;
}

static void open_all(struct bridge *b, enum rstp_state s, int64_t now)
{
	for (unsigned p = portset_next(&b->exist, 1); p != UINT_MAX;
	     p = portset_next(&b->exist, p + 1)) {
		b->port[p]->state = has_tree(p) ? s : RSTP_FORWARDING;
		port_reopen(b, b->port[p], now);
	}
}

static bool same_config(const struct rstp_config *a, const struct rstp_config *b)
{
	return a->priority == b->priority && a->hello == b->hello && a->max_age == b->max_age &&
	       a->fwd_delay == b->fwd_delay && a->tx_hold == b->tx_hold && a->version == b->version;
}

void tree_rx(struct bridge *b, struct port *in, const struct frame *f, int64_t now)
{
	b->guard_fired = false;
	rstp_rx(b->tree, in->no, f->data, f->len, now);
	if (b->guard_fired)
		port_shut(b, in, "bpdu-guard", now);
	changed(b);
}

int tree_port_reserve(struct bridge *b, unsigned port, int64_t now)
{
	struct rstp_port_config c;
	struct rstp_port_view v;
	if (!b->tree || !has_tree(port) || rstp_port_view(b->tree, port, now, &v))
		return 0;
	rstp_port_config_default(&c);
	if (b->tree_stands)
		b->port[port]->state = RSTP_DISCARDING;
	int r = rstp_port_apply(b->tree, port, &c, now);
	changed(b);
	return r;
}

void tree_port_apply(struct bridge *b, struct port *p, int64_t now)
{
	if (!b->tree_stands || !has_tree(p->no))
		return;
	int r = rstp_port_apply(b->tree, p->no, &p->cfg.tree, now);
	assert(!r); /* the port is there already */
	link_port(b, p, now);
	changed(b);
}

/* The tree takes over: every port closes until its machines open it. */
static void stand_up(struct bridge *b, int64_t now)
{
	b->tree_stands = true;
	open_all(b, RSTP_DISCARDING, now);
	rstp_apply(b->tree, &b->cfg.tree, now);
	for (unsigned p = portset_next(&b->exist, 1); p <= RSTP_PORT_MAX;
	     p = portset_next(&b->exist, p + 1))
		tree_port_apply(b, b->port[p], now);
}

void tree_apply(struct bridge *b, int64_t now)
{
	if (!b->tree)
		return;
	if (!b->cfg.rstp) {
		rstp_free(b->tree);
		b->tree = NULL;
		b->tree_stands = false;
		open_all(b, RSTP_FORWARDING, now);
	} else if (!b->tree_stands) {
		stand_up(b, now);
	} else if (!same_config(rstp_config(b->tree), &b->cfg.tree)) {
		rstp_apply(b->tree, &b->cfg.tree, now);
	}
	changed(b);
}

void tree_port_remove(struct bridge *b, unsigned port, int64_t now)
{
	if (!b->tree)
		return;
	rstp_port_remove(b->tree, port, now);
	changed(b);
}

const struct rstp *bridge_rstp(const struct bridge *b)
{
	return b->tree_stands ? b->tree : NULL;
}

void bridge_mcheck(struct bridge *b, unsigned port, int64_t now)
{
	if (!b->tree_stands)
		return;
	rstp_mcheck(b->tree, port, now);
	changed(b);
}
