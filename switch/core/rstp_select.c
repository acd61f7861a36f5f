/* SPDX-License-Identifier: MIT */
/* rstp_select.c - Port Role Selection, 802.1D-2004 17.28, and updtRolesTree(), 17.21.25: the one
 * calculation of the spanning tree. It has a single state, so a function says it all. */
#include "switch/core/rstp_inner.h"

int rstp_vector_cmp(const struct rstp_vector *a, const struct rstp_vector *b)
{
	if (a->root != b->root)
		return a->root < b->root ? -1 : 1;
	if (a->cost != b->cost)
		return a->cost < b->cost ? -1 : 1;
	if (a->bridge != b->bridge)
		return a->bridge < b->bridge ? -1 : 1;
	return a->port < b->port ? -1 : a->port > b->port;
}

static uint64_t address_of(uint64_t bridge)
{
	return bridge & UINT64_C(0xffffffffffff);
}

/* 17.5: the root path priority vector of a port, and whether it is one at all. */
static bool root_path(const struct rstp *r, const struct rstp_port *p, struct rstp_vector *v)
{
	if (p->tree.infoIs != INFO_RECEIVED ||
	    address_of(p->tree.portPriority.bridge) == address_of(r->BridgeIdentifier))
		return false;
	*v = p->tree.portPriority;
	v->cost = UINT32_MAX - v->cost < p->tree.PortPathCost ? UINT32_MAX
							      : v->cost + p->tree.PortPathCost;
	return true;
}

/* One port against the best so far: by vector, then by the number of the port it came in by. */
static bool better_root(const struct rstp_vector *v, const struct rstp_port *p,
			const struct rstp_vector *best, const struct rstp_port *best_port)
{
	int c = rstp_vector_cmp(v, best);
	return c < 0 || (c == 0 && best_port && p->tree.portId < best_port->tree.portId);
}

static bool barred_from_root(const struct rstp_port *p)
{
	return p->cfg.restricted_role || p->cfg.root_guard;
}

static void find_root(struct rstp *r)
{
	struct rstp_vector best = { .root = r->BridgeIdentifier, .bridge = r->BridgeIdentifier };
	const struct rstp_port *root = NULL;
	EACH_PORT(r, p)
	{
		struct rstp_vector v;
		if (root_path(r, p, &v) && !barred_from_root(p) &&
		    better_root(&v, p, &best, root)) {
			best = v;
			root = p;
		}
	}
	r->rootPriority = best;
	r->rootPort = root ? root->no : 0;
	r->rootTimes = r->BridgeTimes;
	if (root) {
		r->rootTimes = root->tree.portTimes; /* one more hop, in whole seconds */
		r->rootTimes.message_age =
			(uint16_t)((root->tree.portTimes.message_age + 128u) / 256u * 256u + 256u);
	}
}

static void designate(struct rstp *r, struct rstp_port *p)
{
	p->tree.designatedPriority = (struct rstp_vector){ .root = r->rootPriority.root,
							   .cost = r->rootPriority.cost,
							   .bridge = r->BridgeIdentifier,
							   .port = p->tree.portId };
	p->tree.designatedTimes = r->rootTimes;
	p->tree.designatedTimes.hello = r->BridgeTimes.hello;
}

static void select_received(struct rstp *r, struct rstp_port *p)
{
	bool ours_is_better =
		rstp_vector_cmp(&p->tree.designatedPriority, &p->tree.portPriority) < 0;
	p->tree.updtInfo = false;
	p->tree.rootGuarded = false;
	if (p->no == r->rootPort) {
		p->tree.selectedRole = RSTP_ROOT;
	} else if (ours_is_better) {
		p->tree.selectedRole = RSTP_DESIGNATED;
		p->tree.updtInfo = true;
	} else if (address_of(p->tree.portPriority.bridge) == address_of(r->BridgeIdentifier)) {
		p->tree.selectedRole = RSTP_BACKUP;
	} else {
		p->tree.selectedRole = RSTP_ALTERNATE;
		p->tree.rootGuarded = barred_from_root(p);
	}
}

static void select_role(struct rstp *r, struct rstp_port *p)
{
	switch (p->tree.infoIs) {
	case INFO_DISABLED:
		p->tree.selectedRole = RSTP_DISABLED;
		p->tree.updtInfo = false;
		break;
	case INFO_AGED:
		p->tree.selectedRole = RSTP_DESIGNATED;
		p->tree.updtInfo = true;
		break;
	case INFO_MINE:
		p->tree.selectedRole = RSTP_DESIGNATED;
		p->tree.updtInfo =
			rstp_vector_cmp(&p->tree.portPriority, &p->tree.designatedPriority) != 0 ||
			!times_same(&p->tree.portTimes, &p->tree.designatedTimes);
		break;
	case INFO_RECEIVED:
		select_received(r, p);
		break;
	}
}

void rstp_select(struct rstp *r)
{
	r->reselect = false;
	EACH_PORT(r, p)
	p->tree.reselect = false; /* clearReselectTree, 17.21.2 */
	find_root(r);
	EACH_PORT(r, p)
	{
		designate(r, p);
		select_role(r, p);
	}
	EACH_PORT(r, p)
	p->tree.selected = true; /* setSelectedTree, 17.21.16: nothing asked again meanwhile */
	rstp_touch_all(r);
}
