/* SPDX-License-Identifier: MIT */
/* rstp_transitions.c - Port Role Transitions, 802.1D-2004 17.29: from the role that was selected to
 * learning and forwarding, by agreement where the link allows it, else by time. */
#include "switch/core/rstp_inner.h"

enum {
	INIT_PORT = 1,
	DISABLE_PORT,
	DISABLED_PORT,
	ROOT_PORT,
	ROOT_PROPOSED,
	ROOT_AGREED,
	REROOT,
	ROOT_LEARN,
	ROOT_FORWARD,
	REROOTED,
	DESIGNATED_PORT,
	DESIGNATED_PROPOSE,
	DESIGNATED_SYNCED,
	DESIGNATED_RETIRED,
	DESIGNATED_DISCARD,
	DESIGNATED_LEARN,
	DESIGNATED_FORWARD,
	BLOCK_PORT,
	ALTERNATE_PORT,
	ALTERNATE_PROPOSED,
	ALTERNATE_AGREED,
	BACKUP_PORT
};

/* All arcs but UCT hold only where roles are settled, 17.29. */
static bool settled(const struct rstp_port *p)
{
	return p->tree.selected && !p->tree.updtInfo;
}

/* ---- conditions, 17.20 ---- */
static bool allSynced(const struct rstp_port *p) /* 17.20.3: all others but the root port */
{
	EACH_PORT(p->r, o)
	{
		if (!o->tree.selected || o->tree.role != o->tree.selectedRole || o->tree.updtInfo)
			return false;
		if (o->tree.role != RSTP_ROOT && o != p && !o->tree.synced)
			return false;
	}
	return true;
}

static bool reRooted(const struct rstp_port *p) /* 17.20.10 */
{
	EACH_PORT(p->r, o)
	{
		if (o != p && !timer_zero(o, RR_WHILE))
			return false;
	}
	return true;
}

/* ---- disabled ---- */
static bool becomes_disabled(const struct rstp_port *p)
{
	return settled(p) && p->tree.selectedRole == RSTP_DISABLED &&
	       p->tree.role != p->tree.selectedRole;
}

static bool quiet(const struct rstp_port *p)
{
	return settled(p) && !p->tree.learning && !p->tree.forwarding;
}

static bool disabled_moved(const struct rstp_port *p)
{
	return settled(p) && (!timer_held_at(p, FD_WHILE, rstp_max_age(p)) || p->tree.sync ||
			      p->tree.reRoot || !p->tree.synced);
}

static void init_port(struct rstp_port *p)
{
	p->tree.role = RSTP_DISABLED;
	p->tree.learn = p->tree.forward = p->tree.synced = false;
	p->tree.sync = p->tree.reRoot = true;
	timer_hold(p, RR_WHILE, rstp_fwd_delay(p));
	timer_hold(p, FD_WHILE, rstp_max_age(p));
	timer_start(p, RB_WHILE, 0);
}

static void take_role(struct rstp_port *p)
{
	if (p->tree.role == p->tree.selectedRole)
		return;
	p->tree.role = p->tree.selectedRole;
	p->r->host->role(p->r->ctx, p->no, p->tree.role);
}

static void disable_port(struct rstp_port *p)
{
	take_role(p);
	p->tree.learn = p->tree.forward = false;
}

static void disabled_port(struct rstp_port *p)
{
	timer_hold(p, FD_WHILE, rstp_max_age(p));
	p->tree.synced = true;
	timer_start(p, RR_WHILE, 0);
	p->tree.sync = p->tree.reRoot = false;
}

/* ---- root ---- */
static bool becomes_root(const struct rstp_port *p)
{
	return settled(p) && p->tree.selectedRole == RSTP_ROOT &&
	       p->tree.role != p->tree.selectedRole;
}

static bool proposed(const struct rstp_port *p)
{
	return settled(p) && p->tree.proposed && !p->tree.agree;
}

static bool agrees(const struct rstp_port *p)
{
	return settled(p) &&
	       ((allSynced(p) && !p->tree.agree) || (p->tree.proposed && p->tree.agree));
}

static bool to_reroot(const struct rstp_port *p)
{
	return settled(p) && !p->tree.forward && !p->tree.reRoot;
}

static bool root_may_open(const struct rstp_port *p)
{
	return timer_zero(p, FD_WHILE) ||
	       (reRooted(p) && timer_zero(p, RB_WHILE) && rstp_version(p));
}

static bool root_learns(const struct rstp_port *p)
{
	return settled(p) && !p->tree.learn && root_may_open(p);
}

static bool root_forwards(const struct rstp_port *p)
{
	return settled(p) && p->tree.learn && !p->tree.forward && root_may_open(p);
}

static bool rerooted(const struct rstp_port *p)
{
	return settled(p) && p->tree.reRoot && p->tree.forward;
}

static bool root_moved(const struct rstp_port *p)
{
	return settled(p) && !timer_held_at(p, RR_WHILE, rstp_fwd_delay(p));
}

static void release_all(struct rstp_port *p)
{
	timer_release(p, FD_WHILE);
	timer_release(p, RR_WHILE);
	timer_release(p, RB_WHILE);
}

/* An Alternate port agrees because it is closed. Once it opens as the Root port, that agreement is
 * good only if the others are in sync; the standard keeps it all the same, and a bridge that falls
 * back on old news of a dead root then closes a loop. */
static void root_port(struct rstp_port *p)
{
	if (p->tree.role != RSTP_ROOT) {
		release_all(p);
		p->tree.agree = p->tree.agree && allSynced(p);
	}
	take_role(p);
	timer_hold(p, RR_WHILE, rstp_fwd_delay(p));
}

static void setSyncTree(struct rstp_port *p) /* 17.21.14 */
{
	EACH_PORT(p->r, o)
	o->tree.sync = true;
	p->tree.proposed = false;
}

static void root_agreed(struct rstp_port *p)
{
	p->tree.proposed = p->tree.sync = false;
	p->tree.agree = true;
	p->newInfo = true;
}

static void setReRootTree(struct rstp_port *p) /* 17.21.15 */
{
	EACH_PORT(p->r, o)
	o->tree.reRoot = true;
}

static void learn(struct rstp_port *p)
{
	timer_start(p, FD_WHILE, rstp_forward_delay(p));
	p->tree.learn = true;
}

static void root_forward(struct rstp_port *p)
{
	timer_start(p, FD_WHILE, 0);
	p->tree.forward = true;
}

static void end_reroot(struct rstp_port *p)
{
	p->tree.reRoot = false;
}

/* ---- designated ---- */
static bool becomes_designated(const struct rstp_port *p)
{
	return settled(p) && p->tree.selectedRole == RSTP_DESIGNATED &&
	       p->tree.role != p->tree.selectedRole;
}

static bool to_propose(const struct rstp_port *p)
{
	return settled(p) && !p->tree.forward && !p->tree.agreed && !p->tree.proposing &&
	       !p->operEdge;
}

static bool becomes_synced(const struct rstp_port *p)
{
	if (!settled(p))
		return false;
	return (!p->tree.learning && !p->tree.forwarding && !p->tree.synced) ||
	       (p->tree.agreed && !p->tree.synced) || (p->operEdge && !p->tree.synced) ||
	       (p->tree.sync && p->tree.synced);
}

static bool retired(const struct rstp_port *p)
{
	return settled(p) && timer_zero(p, RR_WHILE) && p->tree.reRoot;
}

static bool inconsistent(const struct rstp_port *p) /* disputed, or silent under loop guard */
{
	return p->tree.disputed || p->tree.loopGuarded;
}

static bool must_discard(const struct rstp_port *p)
{
	if (!settled(p) || p->operEdge)
		return false;
	if (p->tree.disputed)
		return true; /* closed or not: each inferior BPDU starts the wait anew */
	return ((p->tree.sync && !p->tree.synced) || (p->tree.reRoot && !timer_zero(p, RR_WHILE)) ||
		p->tree.loopGuarded) &&
	       (p->tree.learn || p->tree.forward);
}

static bool may_open(const struct rstp_port *p)
{
	return (timer_zero(p, FD_WHILE) || p->tree.agreed || p->operEdge) &&
	       (timer_zero(p, RR_WHILE) || !p->tree.reRoot) && !p->tree.sync && !inconsistent(p);
}

static bool designated_learns(const struct rstp_port *p)
{
	return settled(p) && !p->tree.learn && may_open(p);
}

static bool designated_forwards(const struct rstp_port *p)
{
	return settled(p) && p->tree.learn && !p->tree.forward && may_open(p);
}

/* When the way to the root is lost or gets worse, a port that looked towards it may turn round and
 * claim the link by news that was kept from elsewhere. If the root is dead, that is what sends news
 * of it round in circles (counting to infinity). But then the truth is under way by the other side
 * as well: such a claim waits for 10 ms. News that just came in is passed on at once. */
static bool by_old_news(const struct rstp_port *p)
{
	const struct rstp *r = p->r;
	bool turns = p->tree.role == RSTP_ROOT || p->tree.role == RSTP_ALTERNATE;
	return turns && (!r->rootPort || r->port[r->rootPort]->tree.heard < r->now);
}

static void designated_port(struct rstp_port *p)
{
	if (p->tree.role != RSTP_DESIGNATED)
		release_all(p);
	if (by_old_news(p))
		timer_start(p, TX_PACE, RSTP_CLAIM_NS);
	take_role(p);
}

static void propose(struct rstp_port *p)
{
	p->tree.proposing = true;
	timer_start(p, EDGE_DELAY_WHILE, rstp_edge_delay(p));
	p->newInfo = true;
}

static void designated_synced(struct rstp_port *p)
{
	timer_start(p, RR_WHILE, 0);
	p->tree.synced = true;
	p->tree.sync = false;
}

/* A dispute waits for as long as the neighbour's information would live: the standard's one forward
 * delay is a hello time under RSTP, and would race the very BPDUs that keep the dispute up. */
static void discard(struct rstp_port *p)
{
	int64_t wait = rstp_forward_delay(p);
	if (p->tree.disputed && 3 * rstp_hello(p) > wait)
		wait = 3 * rstp_hello(p);
	p->tree.learn = p->tree.forward = p->tree.disputed = false;
	timer_start(p, FD_WHILE, wait);
}

static void designated_forward(struct rstp_port *p)
{
	p->tree.forward = true;
	timer_start(p, FD_WHILE, 0);
	p->tree.agreed = p->sendRSTP;
}

/* ---- alternate and backup ---- */
static bool becomes_blocked(const struct rstp_port *p)
{
	return settled(p) &&
	       (p->tree.selectedRole == RSTP_ALTERNATE || p->tree.selectedRole == RSTP_BACKUP) &&
	       p->tree.role != p->tree.selectedRole;
}

static bool blocked_moved(const struct rstp_port *p)
{
	return settled(p) && (!timer_held_at(p, FD_WHILE, rstp_forward_delay(p)) || p->tree.sync ||
			      p->tree.reRoot || !p->tree.synced);
}

static bool backup_moved(const struct rstp_port *p)
{
	return settled(p) && p->tree.role == RSTP_BACKUP &&
	       !timer_held_at(p, RB_WHILE, 2 * rstp_hello(p));
}

static void block_port(struct rstp_port *p)
{
	release_all(p);
	take_role(p);
	p->tree.learn = p->tree.forward = false;
}

static void alternate_port(struct rstp_port *p)
{
	timer_hold(p, FD_WHILE, rstp_forward_delay(p));
	p->tree.synced = true;
	timer_start(p, RR_WHILE, 0);
	p->tree.sync = p->tree.reRoot = false;
}

static void alternate_agreed(struct rstp_port *p)
{
	p->tree.proposed = false;
	p->tree.agree = true;
	p->newInfo = true;
}

static void backup_port(struct rstp_port *p)
{
	timer_hold(p, RB_WHILE, 2 * rstp_hello(p));
}

static const struct rstp_arc arcs[] = {
	{ ANY, becomes_disabled, DISABLE_PORT },
	{ ANY, becomes_root, ROOT_PORT },
	{ ANY, becomes_designated, DESIGNATED_PORT },
	{ ANY, becomes_blocked, BLOCK_PORT },

	{ INIT_PORT, rstp_always, DISABLE_PORT },
	{ DISABLE_PORT, quiet, DISABLED_PORT },
	{ DISABLED_PORT, disabled_moved, DISABLED_PORT },

	{ ROOT_PORT, proposed, ROOT_PROPOSED },
	{ ROOT_PORT, agrees, ROOT_AGREED },
	{ ROOT_PORT, to_reroot, REROOT },
	{ ROOT_PORT, root_learns, ROOT_LEARN },
	{ ROOT_PORT, root_forwards, ROOT_FORWARD },
	{ ROOT_PORT, rerooted, REROOTED },
	{ ROOT_PORT, root_moved, ROOT_PORT },
	{ ROOT_PROPOSED, rstp_always, ROOT_PORT },
	{ ROOT_AGREED, rstp_always, ROOT_PORT },
	{ REROOT, rstp_always, ROOT_PORT },
	{ ROOT_LEARN, rstp_always, ROOT_PORT },
	{ ROOT_FORWARD, rstp_always, ROOT_PORT },
	{ REROOTED, rstp_always, ROOT_PORT },

	{ DESIGNATED_PORT, to_propose, DESIGNATED_PROPOSE },
	{ DESIGNATED_PORT, becomes_synced, DESIGNATED_SYNCED },
	{ DESIGNATED_PORT, retired, DESIGNATED_RETIRED },
	{ DESIGNATED_PORT, must_discard, DESIGNATED_DISCARD },
	{ DESIGNATED_PORT, designated_learns, DESIGNATED_LEARN },
	{ DESIGNATED_PORT, designated_forwards, DESIGNATED_FORWARD },
	{ DESIGNATED_PROPOSE, rstp_always, DESIGNATED_PORT },
	{ DESIGNATED_SYNCED, rstp_always, DESIGNATED_PORT },
	{ DESIGNATED_RETIRED, rstp_always, DESIGNATED_PORT },
	{ DESIGNATED_DISCARD, rstp_always, DESIGNATED_PORT },
	{ DESIGNATED_LEARN, rstp_always, DESIGNATED_PORT },
	{ DESIGNATED_FORWARD, rstp_always, DESIGNATED_PORT },

	{ BLOCK_PORT, quiet, ALTERNATE_PORT },
	{ ALTERNATE_PORT, proposed, ALTERNATE_PROPOSED },
	{ ALTERNATE_PORT, agrees, ALTERNATE_AGREED },
	{ ALTERNATE_PORT, backup_moved, BACKUP_PORT },
	{ ALTERNATE_PORT, blocked_moved, ALTERNATE_PORT },
	{ ALTERNATE_PROPOSED, rstp_always, ALTERNATE_PORT },
	{ ALTERNATE_AGREED, rstp_always, ALTERNATE_PORT },
	{ BACKUP_PORT, rstp_always, ALTERNATE_PORT },
	{ 0 },
};

static const struct rstp_box boxes[] = {
	[INIT_PORT] = { "INIT_PORT", init_port, false },
	[DISABLE_PORT] = { "DISABLE_PORT", disable_port, false },
	[DISABLED_PORT] = { "DISABLED_PORT", disabled_port, false },
	[ROOT_PORT] = { "ROOT_PORT", root_port, false },
	[ROOT_PROPOSED] = { "ROOT_PROPOSED", setSyncTree, false },
	[ROOT_AGREED] = { "ROOT_AGREED", root_agreed, false },
	[REROOT] = { "REROOT", setReRootTree, false },
	[ROOT_LEARN] = { "ROOT_LEARN", learn, false },
	[ROOT_FORWARD] = { "ROOT_FORWARD", root_forward, false },
	[REROOTED] = { "REROOTED", end_reroot, false },
	[DESIGNATED_PORT] = { "DESIGNATED_PORT", designated_port, false },
	[DESIGNATED_PROPOSE] = { "DESIGNATED_PROPOSE", propose, true },
	[DESIGNATED_SYNCED] = { "DESIGNATED_SYNCED", designated_synced, false },
	[DESIGNATED_RETIRED] = { "DESIGNATED_RETIRED", end_reroot, false },
	[DESIGNATED_DISCARD] = { "DESIGNATED_DISCARD", discard, false },
	[DESIGNATED_LEARN] = { "DESIGNATED_LEARN", learn, true },
	[DESIGNATED_FORWARD] = { "DESIGNATED_FORWARD", designated_forward, true },
	[BLOCK_PORT] = { "BLOCK_PORT", block_port, false },
	[ALTERNATE_PORT] = { "ALTERNATE_PORT", alternate_port, false },
	[ALTERNATE_PROPOSED] = { "ALTERNATE_PROPOSED", setSyncTree, false },
	[ALTERNATE_AGREED] = { "ALTERNATE_AGREED", alternate_agreed, true },
	[BACKUP_PORT] = { "BACKUP_PORT", backup_port, true },
};

const struct rstp_machine rstp_prt = { "PRT", arcs, boxes, INIT_PORT };
