/* SPDX-License-Identifier: MIT */
/* rstp_params.c - State machine conditions and parameters, 802.1D-2004 17.20, and the settings of
 * bridge and ports with their ranges (17.13, 17.14). */
#include "switch/core/rstp_inner.h"

#include <errno.h>

enum { SEC = 256 };

void rstp_config_default(struct rstp_config *c)
{
	*c = (struct rstp_config){ .priority = RSTP_BRIDGE_PRIORITY_DEFAULT,
				   .hello = 2 * SEC,
				   .max_age = 20 * SEC,
				   .fwd_delay = 15 * SEC,
				   .tx_hold = 6,
				   .version = 2 };
}

void rstp_port_config_default(struct rstp_port_config *c)
{
	*c = (struct rstp_port_config){ .priority = RSTP_PORT_PRIORITY_DEFAULT, .auto_edge = true };
}

int rstp_config_check(const struct rstp_config *c, struct err *e)
{
	if (c->priority % 4096 || c->priority > 61440)
		return err_set(e, -EINVAL, "priority: %u is not a multiple of 4096 from 0 to 61440",
			       c->priority);
	if (c->hello < 1 * SEC || c->hello > 10 * SEC)
		return err_set(e, -EINVAL, "hello: not between 1s and 10s");
	if (c->max_age < 6 * SEC || c->max_age > 40 * SEC)
		return err_set(e, -EINVAL, "maxage: not between 6s and 40s");
	if (c->fwd_delay < 4 * SEC || c->fwd_delay > 30 * SEC)
		return err_set(e, -EINVAL, "fwddelay: not between 4s and 30s");
	if (2 * (c->fwd_delay - SEC) < c->max_age)
		return err_set(e, -EINVAL,
			       "fwddelay: 2*(fwddelay-1s) must not be less than maxage (17.14)");
	if (c->max_age < 2 * (c->hello + SEC))
		return err_set(e, -EINVAL, "maxage: must not be less than 2*(hello+1s) (17.14)");
	if (c->tx_hold < 1 || c->tx_hold > 10)
		return err_set(e, -EINVAL, "txhold: %u is not between 1 and 10", c->tx_hold);
	if (c->version != 0 && c->version != 2)
		return err_set(e, -EINVAL, "version: %u is neither 0 (STP) nor 2 (RSTP)",
			       c->version);
	return 0;
}

int rstp_port_config_check(const struct rstp_port_config *c, struct err *e)
{
	if (c->cost > RSTP_COST_MAX)
		return err_set(e, -EINVAL, "cost: %u is not between 1 and %d", c->cost,
			       RSTP_COST_MAX);
	if (c->priority % 16 || c->priority > 240)
		return err_set(e, -EINVAL, "priority: %u is not a multiple of 16 from 0 to 240",
			       c->priority);
	return 0;
}

static int64_t ns(uint16_t ticks)
{
	return ticks * RSTP_TICK_NS;
}

int64_t rstp_hello(const struct rstp_port *p)
{
	return ns(p->tree.designatedTimes.hello);
}

int64_t rstp_fwd_delay(const struct rstp_port *p)
{
	return ns(p->tree.designatedTimes.fwd_delay);
}

int64_t rstp_max_age(const struct rstp_port *p)
{
	return ns(p->tree.designatedTimes.max_age);
}

int64_t rstp_forward_delay(const struct rstp_port *p)
{
	return p->sendRSTP ? rstp_hello(p) : rstp_fwd_delay(p);
}

int64_t rstp_edge_delay(const struct rstp_port *p)
{
	return p->operPointToPointMAC ? MIGRATE_TIME_NS : rstp_max_age(p);
}

bool rstp_version(const struct rstp_port *p)
{
	return p->r->cfg.version >= 2;
}

bool rstp_sparing(const struct rstp_port *p)
{
	return 2 * p->txCount >= p->r->cfg.tx_hold || !timer_zero(p, TX_PACE);
}

bool times_same(const struct bpdu_times *a, const struct bpdu_times *b)
{
	return a->message_age == b->message_age && a->max_age == b->max_age &&
	       a->hello == b->hello && a->fwd_delay == b->fwd_delay;
}

/* 802.1D-2004 table 17-3: 20,000,000,000 kbit/s over the speed, at least 1. */
static uint32_t cost_of(uint64_t speed_bps)
{
	uint64_t kbps = (speed_bps ? speed_bps : UINT64_C(1000000000)) / 1000;
	uint64_t cost = kbps ? UINT64_C(20000000000) / kbps : RSTP_COST_MAX;
	return cost < 1 ? 1 : cost > RSTP_COST_MAX ? RSTP_COST_MAX : (uint32_t)cost;
}

void rstp_port_params(struct rstp_port *p)
{
	const struct rstp_port_config *c = &p->cfg;
	p->tree.portId = (uint16_t)(c->priority << 8 | p->no);
	p->tree.PortPathCost = c->cost ? c->cost : cost_of(p->speed_bps);
	p->operPointToPointMAC = c->p2p == RSTP_P2P_AUTO ? !p->shared : c->p2p == RSTP_P2P_YES;
	p->portEnabled = p->MAC_Operational && !p->shut;
}
