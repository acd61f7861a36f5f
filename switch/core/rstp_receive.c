/* SPDX-License-Identifier: MIT */
/* rstp_receive.c - Port Receive, 802.1D-2004 17.23. */
#include "switch/core/rstp_inner.h"

enum { DISCARD = 1, RECEIVE };

static bool unwanted(const struct rstp_port *p)
{
	return (p->rcvdBPDU || !timer_held_at(p, EDGE_DELAY_WHILE, MIGRATE_TIME_NS)) &&
	       !p->portEnabled;
}

static bool first(const struct rstp_port *p)
{
	return p->rcvdBPDU && p->portEnabled;
}

static bool next(const struct rstp_port *p)
{
	return p->rcvdBPDU && p->portEnabled && !p->tree.rcvdMsg;
}

static void discard(struct rstp_port *p)
{
	p->rcvdBPDU = p->rcvdRSTP = p->rcvdSTP = p->tree.rcvdMsg = false;
	timer_hold(p, EDGE_DELAY_WHILE, MIGRATE_TIME_NS);
}

static void updtBPDUVersion(struct rstp_port *p) /* 17.21.22 */
{
	if (p->msg.type == BPDU_RST)
		p->rcvdRSTP = true;
	else
		p->rcvdSTP = true;
}

static void receive(struct rstp_port *p)
{
	updtBPDUVersion(p);
	p->operEdge = p->rcvdBPDU = false;
	p->tree.rcvdMsg = true;
	p->tree.loopGuarded = false; /* the neighbour speaks again */
	timer_start(p, EDGE_DELAY_WHILE, MIGRATE_TIME_NS);
}

static const struct rstp_arc arcs[] = {
	{ ANY, unwanted, DISCARD },
	{ DISCARD, first, RECEIVE },
	{ RECEIVE, next, RECEIVE },
	{ 0 },
};

static const struct rstp_box boxes[] = {
	[DISCARD] = { "DISCARD", discard, true },
	[RECEIVE] = { "RECEIVE", receive, true },
};

const struct rstp_machine rstp_prx = { "PRX", arcs, boxes, DISCARD };
