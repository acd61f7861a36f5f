/* SPDX-License-Identifier: MIT */
/* rstp_view.c - what can be seen of a bridge's spanning tree and of its ports. Reads only. */
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
