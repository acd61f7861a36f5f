/* SPDX-License-Identifier: MIT */
/* rstp_view.c - what can be seen of a bridge's spanning tree and of its ports. Reads only. */
#include "lib/base/hash.h"
#include "switch/core/rstp_inner.h"

const char *rstp_role_name(enum rstp_role role)
{
	switch (role) {
	case RSTP_DISABLED:
		return "disabled";
	case RSTP_ROOT:
		return "root";
	case RSTP_DESIGNATED:
		return "designated";
	case RSTP_ALTERNATE:
		return "alternate";
	case RSTP_BACKUP:
		return "backup";
	}
	return "";
}

const char *rstp_state_name(enum rstp_state state)
{
	switch (state) {
	case RSTP_DISCARDING:
		return "discarding";
	case RSTP_LEARNING:
		return "learning";
	case RSTP_FORWARDING:
		return "forwarding";
	}
	return "";
}

static int64_t left(const struct rstp_port *p, enum rstp_timer t, int64_t now)
{
	const struct rstp_while *w = &p->timer[t];
	if (w->due == RSTP_HELD)
		return w->span;
	return w->due > now ? w->due - now : 0;
}

bool rstp_port_view(const struct rstp *r, unsigned port, int64_t now, struct rstp_port_view *v)
{
	const struct rstp_port *p = port < r->room ? r->port[port] : NULL;
	if (!p)
		return false;
	*v = (struct rstp_port_view){
		.role = p->role,
		.state = rstp_port_state(r, port),
		.enabled = p->portEnabled,
		.edge = p->operEdge,
		.p2p = p->operPointToPointMAC,
		.rstp = p->sendRSTP,
		.agreed = p->agreed,
		.proposing = p->proposing,
		.disputed = p->disputed,
		.guarded = p->loopGuarded || p->rootGuarded,
		.shut = p->shut,
		.cost = p->PortPathCost,
		.port_id = p->portId,
		.priority = p->portPriority,
		.designated = p->designatedPriority,
		.state_since_ns = p->state_since,
		.info_left_ns = left(p, RCVD_INFO_WHILE, now),
		.forward_left_ns = p->forwarding ? 0 : left(p, FD_WHILE, now),
		.change_left_ns = left(p, TC_WHILE, now),
		.counters = p->counters,
	};
	return true;
}

void rstp_view(const struct rstp *r, struct rstp_view *v)
{
	*v = (struct rstp_view){ .root = r->rootPriority,
				 .root_port = r->rootPort,
				 .bridge = r->BridgeIdentifier,
				 .message_age = r->rootTimes.message_age,
				 .max_age = r->rootTimes.max_age,
				 .hello = r->rootTimes.hello,
				 .fwd_delay = r->rootTimes.fwd_delay,
				 .changes = r->changes,
				 .last_change_ns = r->last_change,
				 .last_change_port = r->last_change_port };
}

static uint64_t mix_vector(uint64_t h, const struct rstp_vector *v)
{
	h = mix64(h ^ v->root);
	h = mix64(h ^ v->bridge);
	return mix64(h ^ ((uint64_t)v->cost << 16 | v->port));
}

static uint64_t port_flags(const struct rstp_port *p)
{
	return (uint64_t)p->portEnabled | (uint64_t)p->operEdge << 1 |
	       (uint64_t)p->operPointToPointMAC << 2 | (uint64_t)p->sendRSTP << 3 |
	       (uint64_t)p->agreed << 4 | (uint64_t)p->proposing << 5 | (uint64_t)p->disputed << 6 |
	       (uint64_t)p->loopGuarded << 7 | (uint64_t)p->rootGuarded << 8 |
	       (uint64_t)p->shut << 9;
}

uint64_t rstp_standing(const struct rstp *r)
{
	const struct bpdu_times *t = &r->rootTimes;
	uint64_t h = mix_vector(r->rootPort, &r->rootPriority);
	h = mix64(h ^ ((uint64_t)t->message_age << 48 | (uint64_t)t->max_age << 32 |
		       (uint64_t)t->hello << 16 | t->fwd_delay));
	h = mix64(h ^ r->changes);
	for (unsigned i = 0; i <= r->highest; i++) {
		const struct rstp_port *p = r->port[i];
		if (!p)
			continue;
		h = mix64(h ^ ((uint64_t)i << 32 | (uint64_t)p->role << 16 |
			       (uint64_t)rstp_port_state(r, i) << 12 | port_flags(p)));
		h = mix64(h ^ ((uint64_t)p->PortPathCost << 16 | p->portId));
		h = mix_vector(h, &p->portPriority);
		h = mix_vector(h, &p->designatedPriority);
	}
	return h;
}
