/* SPDX-License-Identifier: MIT */
/* rstp_states.c - Port State Transition, 802.1D-2004 17.30: the one place that opens and closes the
 * data plane. */
#include "switch/core/rstp_inner.h"

enum { DISCARDING = 1, LEARNING, FORWARDING };

static bool learn(const struct rstp_port *p)
{
	return p->tree.learn;
}

static bool no_learn(const struct rstp_port *p)
{
	return !p->tree.learn;
}

static bool forward(const struct rstp_port *p)
{
	return p->tree.forward;
}

static bool no_forward(const struct rstp_port *p)
{
	return !p->tree.forward;
}

static void tell(struct rstp_port *p, enum rstp_state s)
{
	p->tree.state_since = p->r->now;
	p->r->host->state(p->r->ctx, p->no, s);
}

static void discarding(struct rstp_port *p)
{
	p->tree.learning = p->tree.forwarding = false;
	tell(p, RSTP_DISCARDING);
}

static void learning(struct rstp_port *p)
{
	p->tree.learning = true;
	tell(p, RSTP_LEARNING);
}

static void forwarding(struct rstp_port *p)
{
	p->tree.forwarding = true;
	tell(p, RSTP_FORWARDING);
}

static const struct rstp_arc arcs[] = {
	{ DISCARDING, learn, LEARNING },
	{ LEARNING, no_learn, DISCARDING },
	{ LEARNING, forward, FORWARDING },
	{ FORWARDING, no_forward, DISCARDING },
	{ 0 },
};

static const struct rstp_box boxes[] = {
	[DISCARDING] = { "DISCARDING", discarding, true },
	[LEARNING] = { "LEARNING", learning, true },
	[FORWARDING] = { "FORWARDING", forwarding, true },
};

const struct rstp_machine rstp_pst = { "PST", arcs, boxes, DISCARDING };
