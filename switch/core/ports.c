/* SPDX-License-Identifier: MIT */
/* ports.c - life of the ports: made, named, set, plugged, unplugged, taken up and down, removed. */
#include "switch/core/bridge.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "lib/base/units.h"
#include "switch/core/pipeline.h"

void port_config_default(struct port_config *c)
{
	*c = (struct port_config){ .up = true, .learn = true, .queue = PORT_QUEUE_DEFAULT };
	vlan_port_default(&c->vlan);
	rstp_port_config_default(&c->tree);
}

struct port *bridge_port(const struct bridge *b, unsigned port)
{
	return port <= b->cfg.numports ? b->port[port] : NULL;
}

const struct port_config *bridge_port_config(const struct bridge *b, unsigned port)
{
	const struct port *p = bridge_port(b, port);
	return p ? &p->cfg : NULL;
}

unsigned bridge_port_after(const struct bridge *b, int port)
{
	return portset_next(&b->exist, (unsigned)(port + 1));
}

bool bridge_port_forwards(const struct bridge *b, unsigned port)
{
	const struct port *p = bridge_port(b, port);
	return p && p->open;
}

bool bridge_port_present(const struct bridge *b, unsigned port)
{
	const struct port *p = bridge_port(b, port);
	return p && p->present;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int find_name(const struct bridge *b, const char *name)
{
	for (unsigned p = portset_next(&b->exist, 0); p != UINT_MAX;
	     p = portset_next(&b->exist, p + 1))
		if (*name && !strcmp(b->port[p]->cfg.name, name))
			return (int)p;
	return -ENOENT;
}

int bridge_port_find(const struct bridge *b, const char *number_or_name)
{
	if (!is_digit(*number_or_name))
		return find_name(b, number_or_name);
	uint64_t n;
	if (unit_u64(number_or_name, 0, b->cfg.numports, &n, NULL) < 0 || !b->port[n])
		return -ENOENT;
	return (int)n;
}

/* --- settings --- */

static int check_name(const struct bridge *b, unsigned port, const char *name, struct err *e)
{
	if (!*name)
		return 0;
	if (!is_letter(*name))
		return err_set(e, -EINVAL, "name: \"%s\" does not begin with a letter", name);
	for (const char *c = name; *c; c++)
		if (*c <= ' ' || *c > '~' || strchr(",\"=", *c))
			return err_set(e, -EINVAL,
				       "name: \"%s\" has a character that names cannot have", name);
	int other = find_name(b, name);
	if (other >= 0 && (unsigned)other != port)
		return err_set(e, -EEXIST, "name: port %d is \"%s\" already", other, name);
	return 0;
}

int port_config_check(const struct bridge *b, unsigned port, const struct port_config *c,
		      struct err *e)
{
	if (port > b->cfg.numports)
		return err_set(e, -EINVAL, "port %u: ports are 0 to %u", port, b->cfg.numports);
	for (const char *s = c->descr; *s; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			return err_set(e, -EINVAL, "descr: control characters");
	int r = rstp_port_config_check(&c->tree, e);
	if (!r)
		r = vlan_port_check(&c->vlan, e);
	return r < 0 ? r : check_name(b, port, c->name, e);
}

static void tell(struct bridge *b, const struct port *p, enum event_kind kind, int64_t now)
{
	struct event ev = {
		.kind = kind, .at = now, .port = p->no, .name = p->cfg.name, .text = p->shut
	};
	bridge_event(b, &ev);
}

void port_reopen(struct bridge *b, struct port *p, int64_t now)
{
	bool live = p->cfg.up && p->present && !p->shut, moved = live != p->live;
	bool was_open = p->open;
	p->live = live;
	p->open = live && p->state == RSTP_FORWARDING;
	portset_put(&b->open, p->no, p->open);
	if (was_open && !p->open)
		egress_purge_data(b, p, live ? DROP_STP_STATE : DROP_DOWN, now);
	if (!moved)
		return;
	if (!live) {
		egress_purge(b, p, DROP_DOWN, now);
		fdb_flush_port(b->fdb, p->no);
		table_flushed(b, p->no, 0, "port down", now);
		bridge_fdb_changed(b);
	}
	tell(b, p, live ? EVENT_PORT_UP : EVENT_PORT_DOWN, now);
}

/* The same, and the spanning tree hears of it. */
static void reopen(struct bridge *b, struct port *p, int64_t now)
{
	port_reopen(b, p, now);
	tree_port_apply(b, p, now);
}

static struct port *make(struct bridge *b, unsigned port)
{
	struct port *p = calloc(1, sizeof *p);
	if (!p)
		return NULL;
	p->no = port;
	p->fresh = true;
	p->state = RSTP_FORWARDING;
	port_config_default(&p->cfg);
	b->port[port] = p;
	portset_put(&b->exist, port, true);
	return p;
}

static void forget(struct bridge *b, struct port *p)
{
	portset_put(&b->exist, p->no, false);
	b->port[p->no] = NULL;
	free(p);
}

static void unmake_fresh(struct bridge *b)
{
	for (unsigned p = portset_next(&b->exist, 0); p != UINT_MAX;
	     p = portset_next(&b->exist, p + 1))
		if (b->port[p]->fresh)
			forget(b, b->port[p]);
}

int bridge_port_reserve(struct bridge *b, unsigned port, const struct port_config *c, int64_t now,
			struct err *e)
{
	if ((b->port[port] || make(b, port)) && !members_reserve(b, &c->vlan) &&
	    !tree_port_reserve(b, port, now))
		return 0;
	unmake_fresh(b);
	return err_set(e, -ENOMEM, "port %u: out of memory", port);
}

static void set(struct bridge *b, struct port *p, const struct port_config *c)
{
	if (!p->fresh)
		members_put(b, p, false);
	if (!vlan_port_same(&p->cfg.vlan, &c->vlan))
		fdb_flush_port(b->fdb, p->no); /* it may have left VLANs that its stations are in */
	p->fresh = false;
	p->cfg = *c;
	fdb_set_limit(b->fdb, p->no, c->limit);
	p->each = c->vlan.mode == VLAN_TUNNEL && !vidset_empty(&c->vlan.cvlans);
	members_put(b, p, true);
	vlan_named(&c->vlan, &b->cfg.vlan.created);
	vidset_put(&b->cfg.vlan.created, 0, false); /* it is always there */
}

void bridge_port_set(struct bridge *b, unsigned port, const struct port_config *c, int64_t now)
{
	struct port *p = b->port[port];
	bool was_up = p->cfg.up;
	if (!was_up && c->up)
		p->shut = NULL;
	set(b, p, c);
	mirror_mark(b, p);
	reopen(b, p, now);
	if (was_up != c->up && b->host->carrier)
		b->host->carrier(b->ctx, port, c->up);
	bridge_fdb_changed(b);
	tell(b, p, EVENT_CONFIG, now);
	b->gen[BRIDGE_GEN_STATE]++;
}

int bridge_port_apply(struct bridge *b, unsigned port, const struct port_config *c, int64_t now,
		      struct err *e)
{
	int r = port_config_check(b, port, c, e);
	if (!r)
		r = bridge_port_reserve(b, port, c, now, e);
	if (!r)
		bridge_port_set(b, port, c, now);
	return r;
}

void port_shut(struct bridge *b, struct port *p, const char *why, int64_t now)
{
	if (p->shut)
		return;
	p->shut = why;
	reopen(b, p, now);
	if (p->cfg.up && b->host->carrier)
		b->host->carrier(b->ctx, p->no, false);
	b->gen[BRIDGE_GEN_STATE]++;
}

const char *bridge_port_shut(const struct bridge *b, unsigned port)
{
	const struct port *p = bridge_port(b, port);
	return p ? p->shut : NULL;
}

void bridge_port_revive(struct bridge *b, unsigned port, int64_t now)
{
	struct port *p = bridge_port(b, port);
	if (!p || !p->shut)
		return;
	p->shut = NULL;
	reopen(b, p, now);
	if (p->cfg.up && b->host->carrier)
		b->host->carrier(b->ctx, p->no, true);
	b->gen[BRIDGE_GEN_STATE]++;
}

static void add_counters(struct counters *sum, const struct counters *c)
{
	sum->rx_frames += c->rx_frames;
	sum->rx_bytes += c->rx_bytes;
	sum->tx_frames += c->tx_frames;
	sum->tx_bytes += c->tx_bytes;
	sum->in_drops += c->in_drops;
	sum->out_drops += c->out_drops;
	for (unsigned i = 0; i < DROP_REASONS; i++)
		sum->drops[i] += c->drops[i];
}

int bridge_port_remove(struct bridge *b, unsigned port, int64_t now)
{
	struct port *p = bridge_port(b, port);
	if (!p)
		return -ENOENT;
	if (p->present)
		return -EADDRINUSE;
	assert(!p->control.head && !p->data.head); /* purged when the link went */
	members_put(b, p, false);
	tree_port_remove(b, port, now);
	fdb_remove_port(b->fdb, port);
	bridge_fdb_changed(b);
	add_counters(&b->gone, &p->count);
	tell(b, p, EVENT_CONFIG, now);
	forget(b, p);
	b->gen[BRIDGE_GEN_STATE]++;
	return 0;
}

/* --- the endpoint --- */

void bridge_link(struct bridge *b, unsigned port, bool present, const struct link_info *info,
		 int64_t now)
{
	struct port *p = bridge_port(b, port);
	assert(p);
	p->link = info ? *info : (struct link_info){ 0 };
	bool changed = p->present != present;
	p->present = present;
	if (changed)
		tell(b, p, present ? EVENT_PLUG : EVENT_UNPLUG, now);
	reopen(b, p, now);
	b->gen[BRIDGE_GEN_STATE]++;
}
