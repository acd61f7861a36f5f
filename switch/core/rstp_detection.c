/* SPDX-License-Identifier: MIT */
/* rstp_detection.c - Bridge Detection, 802.1D-2004 17.25: is this port the edge of the network? A
 * port under BPDU filter is one by decree. */
#include "switch/core/rstp_inner.h"

enum { EDGE = 1, NOT_EDGE };

static bool admin_edge(const struct rstp_port *p)
{
	return p->cfg.edge || p->cfg.bpdu_filter;
}

static bool no_edge_any_more(const struct rstp_port *p)
{
	return (!p->portEnabled && !admin_edge(p)) || !p->operEdge;
}

static bool looks_like_edge(const struct rstp_port *p)
{
	return (!p->portEnabled && admin_edge(p)) || p->edgeAsked ||
	       (p->cfg.bpdu_filter && !p->operEdge) ||
	       (timer_zero(p, EDGE_DELAY_WHILE) && p->cfg.auto_edge && p->sendRSTP &&
		p->tree.proposing);
}

static void edge(struct rstp_port *p)
{
	p->operEdge = true;
	p->edgeAsked = false;
}

static void not_edge(struct rstp_port *p)
{
	p->operEdge = false;
}

static const struct rstp_arc arcs[] = {
	{ EDGE, no_edge_any_more, NOT_EDGE },
	{ NOT_EDGE, looks_like_edge, EDGE },
	{ 0 },
};

static const struct rstp_box boxes[] = {
	[EDGE] = { "EDGE", edge, true },
	[NOT_EDGE] = { "NOT_EDGE", not_edge, true },
};

const struct rstp_machine rstp_bdm = { "BDM", arcs, boxes, NOT_EDGE };
