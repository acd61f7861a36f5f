/* SPDX-License-Identifier: MIT */
/* rstp_transmit.c - Port Transmit, 802.1D-2004 17.26. Runs when the other machines are still, so no
 * BPDU carries values half-way through a change (802.1Q-2018 13.37, note). */
#include "switch/core/rstp_inner.h"

enum { TRANSMIT_INIT = 1, TRANSMIT_PERIODIC, TRANSMIT_CONFIG, TRANSMIT_TCN, TRANSMIT_RSTP, IDLE };

static bool ready(const struct rstp_port *p)
{
	return p->tree.selected && !p->tree.updtInfo && p->portEnabled && !p->cfg.bpdu_filter;
}

static bool may_send(const struct rstp_port *p)
{
	return ready(p) && p->newInfo && p->txCount < p->r->cfg.tx_hold && timer_zero(p, TX_PACE) &&
	       !timer_zero(p, HELLO_WHEN);
}

static bool hello_due(const struct rstp_port *p)
{
	return ready(p) && timer_zero(p, HELLO_WHEN);
}

static bool rstp_due(const struct rstp_port *p)
{
	return may_send(p) && p->sendRSTP && p->tree.role != RSTP_DISABLED;
}

static bool config_due(const struct rstp_port *p)
{
	return may_send(p) && !p->sendRSTP && p->tree.role == RSTP_DESIGNATED;
}

static bool tcn_due(const struct rstp_port *p)
{
	return may_send(p) && !p->sendRSTP && p->tree.role == RSTP_ROOT;
}

static bool link_moved(const struct rstp_port *p) /* hellos rest while the link is down */
{
	return p->portEnabled == timer_held(p, HELLO_WHEN);
}

static void transmit_init(struct rstp_port *p)
{
	p->newInfo = true;
	p->txCount = 0;
}

static void transmit_periodic(struct rstp_port *p)
{
	p->newInfo = p->newInfo || p->tree.role == RSTP_DESIGNATED ||
		     (p->tree.role == RSTP_ROOT && !timer_zero(p, TC_WHILE));
}

/* When roots are counted, news comes in quick succession, and said one by one it would soon use up
 * the hold count; the last word then waits for a second. So once half of the count is spent there
 * are 2 to 9 ms between BPDUs, and what came meanwhile is said as one. Each bridge has its own
 * time: with the same for all, everybody would speak just before the next word from his neighbour.
 */
static int64_t pace(const struct rstp_port *p)
{
	return (2 + (p->r->mac[5] & 7)) * (SECOND_NS / 1000);
}

static void send(struct rstp_port *p, const struct bpdu *b)
{
	uint8_t frame[RSTP_FRAME_MAX], mac[6];
	uint32_t len;
	for (unsigned i = 0; i < 6; i++)
		mac[i] = p->r->mac[i];
	len = bpdu_encode(b, mac, frame);
	p->newInfo = false;
	p->sent = p->r->now;
	if (!p->txCount)
		timer_start(p, TX_TICK, SECOND_NS);
	p->txCount++;
	if (rstp_sparing(p))
		timer_start(p, TX_PACE, pace(p));
	p->r->host->tx(p->r->ctx, p->no, frame, len);
}

static struct bpdu designated(const struct rstp_port *p, enum bpdu_type type)
{
	return (struct bpdu){ .type = type,
			      .tc = !timer_zero(p, TC_WHILE),
			      .v = p->tree.designatedPriority,
			      .times = p->tree.designatedTimes };
}

static void transmit_config(struct rstp_port *p) /* txConfig, 17.21.19 */
{
	struct bpdu b = designated(p, BPDU_CONFIG);
	b.tc_ack = p->tcAck;
	p->tcAck = false;
	p->counters.tx_config++;
	send(p, &b);
}

static void transmit_tcn(struct rstp_port *p) /* txTcn, 17.21.21 */
{
	struct bpdu b = { .type = BPDU_TCN };
	p->counters.tx_tcn++;
	send(p, &b);
}

static enum bpdu_role role_of(const struct rstp_port *p)
{
	switch (p->tree.role) {
	case RSTP_ROOT:
		return BPDU_ROLE_ROOT;
	case RSTP_DESIGNATED:
		return BPDU_ROLE_DESIGNATED;
	case RSTP_ALTERNATE:
	case RSTP_BACKUP:
		return BPDU_ROLE_ALTERNATE;
	case RSTP_DISABLED:
		break;
	}
	return BPDU_ROLE_UNKNOWN;
}

static void transmit_rstp(struct rstp_port *p) /* txRstp, 17.21.20 */
{
	struct bpdu b = designated(p, BPDU_RST);
	b.role = role_of(p);
	b.agreement = p->tree.agree;
	b.proposal = p->tree.proposing;
	b.learning = p->tree.learning;
	b.forwarding = p->tree.forwarding;
	p->tcAck = false;
	p->counters.tx_rst++;
	send(p, &b);
}

static void idle(struct rstp_port *p)
{
	if (p->portEnabled)
		timer_start(p, HELLO_WHEN, p->r->BridgeTimes.hello * RSTP_TICK_NS);
	else
		timer_hold(p, HELLO_WHEN, p->r->BridgeTimes.hello * RSTP_TICK_NS);
}

static const struct rstp_arc arcs[] = {
	{ TRANSMIT_INIT, rstp_always, IDLE },
	{ TRANSMIT_PERIODIC, rstp_always, IDLE },
	{ TRANSMIT_CONFIG, rstp_always, IDLE },
	{ TRANSMIT_TCN, rstp_always, IDLE },
	{ TRANSMIT_RSTP, rstp_always, IDLE },
	{ IDLE, link_moved, IDLE },
	{ IDLE, hello_due, TRANSMIT_PERIODIC },
	{ IDLE, rstp_due, TRANSMIT_RSTP },
	{ IDLE, config_due, TRANSMIT_CONFIG },
	{ IDLE, tcn_due, TRANSMIT_TCN },
	{ 0 },
};

static const struct rstp_box boxes[] = {
	[TRANSMIT_INIT] = { "TRANSMIT_INIT", transmit_init, true },
	[TRANSMIT_PERIODIC] = { "TRANSMIT_PERIODIC", transmit_periodic, true },
	[TRANSMIT_CONFIG] = { "TRANSMIT_CONFIG", transmit_config, true },
	[TRANSMIT_TCN] = { "TRANSMIT_TCN", transmit_tcn, true },
	[TRANSMIT_RSTP] = { "TRANSMIT_RSTP", transmit_rstp, true },
	[IDLE] = { "IDLE", idle, true },
};

const struct rstp_machine rstp_ptx = { "PTX", arcs, boxes, TRANSMIT_INIT };
