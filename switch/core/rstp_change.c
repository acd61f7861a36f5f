/* SPDX-License-Identifier: MIT */
/* rstp_change.c - Topology Change, 802.1D-2004 17.31: what was learned is forgotten on the ports
 * that the change may have moved, and the others are told.
 *
 * One state is ours: CLOSED. In the standard a port stays ACTIVE while it is Root or Designated,
 * also when it is closed for a while (by a dispute, by sync, as two ends that both claim the link
 * while roots are counted to infinity), and nobody is told when it opens again; traffic that went
 * round meanwhile then runs into stale addresses until they age. Here it is a change when it opens.
 */
#include "switch/core/rstp_inner.h"

enum {
	INACTIVE = 1,
	LEARNING,
	DETECTED,
	ACTIVE,
	CLOSED,
	NOTIFIED_TCN,
	NOTIFIED_TC,
	PROPAGATING,
	ACKNOWLEDGED
};

static bool active_role(const struct rstp_port *p)
{
	return p->tree.role == RSTP_ROOT || p->tree.role == RSTP_DESIGNATED;
}

static bool heard(const struct rstp_port *p)
{
	return p->tree.rcvdTc || p->rcvdTcn || p->rcvdTcAck || p->tree.tcProp;
}

static bool learns(const struct rstp_port *p)
{
	return p->tree.learn;
}

static bool gone(const struct rstp_port *p)
{
	return !active_role(p) && !(p->tree.learn || p->tree.learning) && !heard(p);
}

static bool opened(const struct rstp_port *p)
{
	return active_role(p) && p->tree.forward && !p->operEdge;
}

static bool closed(const struct rstp_port *p)
{
	return !p->tree.forward;
}

static bool retired_or_edge(const struct rstp_port *p)
{
	return !active_role(p) || p->operEdge;
}

static bool tcn(const struct rstp_port *p)
{
	return p->rcvdTcn;
}

static bool tc(const struct rstp_port *p)
{
	return p->tree.rcvdTc;
}

static bool propagate(const struct rstp_port *p)
{
	return p->tree.tcProp && !p->operEdge;
}

static bool acknowledged_by_peer(const struct rstp_port *p)
{
	return p->rcvdTcAck;
}

/* 17.21.7, and more: there a change that comes while an earlier one is being told waits for the
 * next hello, and if telling ends before that, nobody is told. Here it goes out at once if the hold
 * count allows, else with the next hello, and telling goes on for as long as that may take. */
static void newTcWhile(struct rstp_port *p)
{
	const struct bpdu_times *root = &p->r->rootTimes;
	if (!p->sendRSTP) {
		if (timer_zero(p, TC_WHILE))
			timer_start(p, TC_WHILE, (root->max_age + root->fwd_delay) * RSTP_TICK_NS);
	} else if (timer_zero(p, TC_WHILE)) {
		timer_start(p, TC_WHILE, rstp_hello(p) + SECOND_NS);
		p->newInfo = true;
	} else if (!rstp_sparing(p)) {
		p->newInfo = true;
	} else if (timer_left(p, TC_WHILE) < timer_left(p, HELLO_WHEN) + SECOND_NS) {
		timer_start(p, TC_WHILE, timer_left(p, HELLO_WHEN) + SECOND_NS);
	}
}

static void setTcPropTree(struct rstp_port *p) /* 17.21.18 */
{
	if (p->cfg.restricted_tcn)
		return;
	EACH_PORT(p->r, o)
	{
		if (o != p) {
			o->tree.tcProp = true;
			rstp_touch(o);
		}
	}
}

static void flush(
	struct rstp_port *p) /* fdbFlush, 17.19.7: done at once, so no machine ever sees it set */
{
	p->r->host->flush(p->r->ctx, p->no);
}

static void note(struct rstp_port *p, const char *cause)
{
	p->r->changes++;
	p->r->last_change = p->r->now;
	p->r->last_change_port = p->no;
	p->r->last_change_cause = cause;
	p->r->host->change(p->r->ctx, p->no);
}

static void inactive(struct rstp_port *p)
{
	flush(p);
	timer_start(p, TC_WHILE, 0);
	p->tcAck = false;
}

static void learning(struct rstp_port *p)
{
	p->tree.rcvdTc = p->rcvdTcn = p->rcvdTcAck = p->tree.tcProp = false;
}

static void detected(struct rstp_port *p)
{
	p->counters.changes++;
	newTcWhile(p);
	setTcPropTree(p);
	p->newInfo = true;
	note(p, "opened");
}

static void active(struct rstp_port *p)
{
	(void)p;
}

static void notified_tcn(struct rstp_port *p)
{
	newTcWhile(p);
}

static void notified_tc(struct rstp_port *p)
{
	p->rcvdTcn = p->tree.rcvdTc = false;
	if (p->tree.role == RSTP_DESIGNATED)
		p->tcAck = true;
	setTcPropTree(p);
	note(p, "told");
}

static void propagating(struct rstp_port *p)
{
	newTcWhile(p);
	flush(p);
	p->tree.tcProp = false;
}

static void acknowledged(struct rstp_port *p)
{
	timer_start(p, TC_WHILE, 0);
	p->rcvdTcAck = false;
}

static const struct rstp_arc arcs[] = {
	{ INACTIVE, learns, LEARNING },
	{ LEARNING, opened, DETECTED },
	{ LEARNING, heard, LEARNING },
	{ LEARNING, gone, INACTIVE },
	{ DETECTED, rstp_always, ACTIVE },
	{ ACTIVE, retired_or_edge, LEARNING },
	{ ACTIVE, closed, CLOSED },
	{ ACTIVE, tcn, NOTIFIED_TCN },
	{ ACTIVE, tc, NOTIFIED_TC },
	{ ACTIVE, propagate, PROPAGATING },
	{ ACTIVE, acknowledged_by_peer, ACKNOWLEDGED },
	{ CLOSED, retired_or_edge, LEARNING },
	{ CLOSED, opened, DETECTED },
	{ CLOSED, tcn, NOTIFIED_TCN },
	{ CLOSED, tc, NOTIFIED_TC },
	{ CLOSED, propagate, PROPAGATING },
	{ CLOSED, acknowledged_by_peer, ACKNOWLEDGED },
	{ NOTIFIED_TCN, rstp_always, NOTIFIED_TC },
	{ NOTIFIED_TC, rstp_always, ACTIVE },
	{ PROPAGATING, rstp_always, ACTIVE },
	{ ACKNOWLEDGED, rstp_always, ACTIVE },
	{ 0 },
};

static const struct rstp_box boxes[] = {
	[INACTIVE] = { "INACTIVE", inactive, true },
	[LEARNING] = { "LEARNING", learning, true },
	[DETECTED] = { "DETECTED", detected, true },
	[ACTIVE] = { "ACTIVE", active, true },
	[CLOSED] = { "CLOSED", active, true },
	[NOTIFIED_TCN] = { "NOTIFIED_TCN", notified_tcn, true },
	[NOTIFIED_TC] = { "NOTIFIED_TC", notified_tc, true },
	[PROPAGATING] = { "PROPAGATING", propagating, true },
	[ACKNOWLEDGED] = { "ACKNOWLEDGED", acknowledged, true },
};

const struct rstp_machine rstp_tcm = { "TCM", arcs, boxes, INACTIVE };
