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

bool rstp_port_view(const struct rstp *r, unsigned port, int64_t now, struct rstp_port_view *v)
{
	const struct rstp_port *p = port < r->room ? r->port[port] : NULL;
	if (!p)
		return false;
	*v = (struct rstp_port_view){
		.role = p->tree.role,
		.state = rstp_port_state(r, port),
		.enabled = p->portEnabled,
		.edge = p->operEdge,
		.p2p = p->operPointToPointMAC,
		.rstp = p->sendRSTP,
		.agreed = p->tree.agreed,
		.proposing = p->tree.proposing,
		.disputed = p->tree.disputed,
		.guarded = p->tree.loopGuarded || p->tree.rootGuarded,
		.shut = p->shut,
		.cost = p->tree.PortPathCost,
		.port_id = p->tree.portId,
		.priority = p->tree.portPriority,
		.designated = p->tree.designatedPriority,
		.state_since_ns = p->tree.state_since,
		.info_left_ns = timer_left_at(p, RCVD_INFO_WHILE, now),
		.forward_left_ns = p->tree.forwarding ? 0 : timer_left_at(p, FD_WHILE, now),
		.change_left_ns = timer_left_at(p, TC_WHILE, now),
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
				 .last_change_port = r->last_change_port,
				 .last_change_cause = r->last_change_cause };
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
	       (uint64_t)p->tree.agreed << 4 | (uint64_t)p->tree.proposing << 5 |
	       (uint64_t)p->tree.disputed << 6 | (uint64_t)p->tree.loopGuarded << 7 |
	       (uint64_t)p->tree.rootGuarded << 8 | (uint64_t)p->shut << 9;
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
		h = mix64(h ^ ((uint64_t)i << 32 | (uint64_t)p->tree.role << 16 |
			       (uint64_t)rstp_port_state(r, i) << 12 | port_flags(p)));
		h = mix64(h ^ ((uint64_t)p->tree.PortPathCost << 16 | p->tree.portId));
		h = mix_vector(h, &p->tree.portPriority);
		h = mix_vector(h, &p->tree.designatedPriority);
	}
	return h;
}
