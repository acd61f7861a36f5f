/* SPDX-License-Identifier: MIT */
/* rstp_migration.c - Port Protocol Migration, 802.1D-2004 17.24. */
#include "switch/core/rstp_inner.h"

enum { CHECKING_RSTP = 1, SELECTING_STP, SENSING };

static bool mdelay_over(const struct rstp_port *p)
{
	return timer_zero(p, MDELAY_WHILE);
}

static bool down_and_moved(const struct rstp_port *p)
{
	return !p->portEnabled && !timer_held_at(p, MDELAY_WHILE, MIGRATE_TIME_NS);
}

static bool up_again(const struct rstp_port *p) /* the held timer runs from link up */
{
	return p->portEnabled && timer_held(p, MDELAY_WHILE);
}

static bool settled_or_disturbed(const struct rstp_port *p)
{
	return timer_zero(p, MDELAY_WHILE) || !p->portEnabled || p->mcheck;
}

static bool recheck(const struct rstp_port *p)
{
	return !p->portEnabled || p->mcheck || (rstp_version(p) && !p->sendRSTP && p->rcvdRSTP);
}

static bool peer_speaks_stp(const struct rstp_port *p)
{
	return p->sendRSTP && p->rcvdSTP;
}

static void checking_rstp(struct rstp_port *p)
{
	p->mcheck = false;
	p->sendRSTP = rstp_version(p);
	if (p->portEnabled)
		timer_start(p, MDELAY_WHILE, MIGRATE_TIME_NS);
	else
		timer_hold(p, MDELAY_WHILE, MIGRATE_TIME_NS);
}

static void selecting_stp(struct rstp_port *p)
{
	p->sendRSTP = false;
	timer_start(p, MDELAY_WHILE, MIGRATE_TIME_NS);
}

static void sensing(struct rstp_port *p)
{
	p->rcvdRSTP = p->rcvdSTP = false;
}

static const struct rstp_arc arcs[] = {
	{ CHECKING_RSTP, down_and_moved, CHECKING_RSTP },
	{ CHECKING_RSTP, up_again, CHECKING_RSTP },
	{ CHECKING_RSTP, mdelay_over, SENSING },
	{ SELECTING_STP, settled_or_disturbed, SENSING },
	{ SENSING, recheck, CHECKING_RSTP },
	{ SENSING, peer_speaks_stp, SELECTING_STP },
	{ 0 },
};

static const struct rstp_box boxes[] = {
	[CHECKING_RSTP] = { "CHECKING_RSTP", checking_rstp, true },
	[SELECTING_STP] = { "SELECTING_STP", selecting_stp, true },
	[SENSING] = { "SENSING", sensing, true },
};

const struct rstp_machine rstp_ppm = { "PPM", arcs, boxes, CHECKING_RSTP };
