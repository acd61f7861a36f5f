/* SPDX-License-Identifier: MIT */
/* rstp_information.c - Port Information, 802.1D-2004 17.27: what a BPDU means for the port. */
#include "switch/core/rstp_inner.h"

enum {
	DISABLED = 1,
	AGED,
	UPDATE,
	CURRENT,
	RECEIVE_,
	SUPERIOR,
	REPEATED,
	INFERIOR,
	NOT_DESIGNATED,
	OTHER
};

/* ---- conditions ---- */
static bool switched_off(const struct rstp_port *p)
{
	return !p->portEnabled && p->tree.infoIs != INFO_DISABLED;
}

static bool enabled(const struct rstp_port *p)
{
	return p->portEnabled;
}

static bool to_update(const struct rstp_port *p)
{
	return p->tree.selected && p->tree.updtInfo;
}

static bool aged_out(const struct rstp_port *p)
{
	return p->tree.infoIs == INFO_RECEIVED && timer_zero(p, RCVD_INFO_WHILE) &&
	       !p->tree.updtInfo && !p->tree.rcvdMsg;
}

static bool to_receive(const struct rstp_port *p)
{
	return p->tree.rcvdMsg && !p->tree.updtInfo;
}

static bool is_superior(const struct rstp_port *p)
{
	return p->tree.rcvdInfo == SUPERIOR_DESIGNATED;
}

static bool is_repeated(const struct rstp_port *p)
{
	return p->tree.rcvdInfo == REPEATED_DESIGNATED;
}

static bool is_inferior(const struct rstp_port *p)
{
	return p->tree.rcvdInfo == INFERIOR_DESIGNATED;
}

static bool is_answer(const struct rstp_port *p)
{
	return p->tree.rcvdInfo == INFERIOR_ROOT_ALTERNATE;
}

/* ---- procedures, 17.21 ---- */
/* 17.21.1, for agreements, and stricter: the root must be the same. The standard lets an agreement
 * stand when a better root is heard of. But that may be a dead one whose news still goes round
 * (counting to infinity), and then ports that agreed on another root close a loop. */
static bool betterorsameInfo(const struct rstp_port *p, enum rstp_info_is newInfoIs)
{
	if (newInfoIs != p->tree.infoIs)
		return false;
	const struct rstp_vector *v =
		newInfoIs == INFO_RECEIVED ? &p->tree.msgPriority : &p->tree.designatedPriority;
	return v->root == p->tree.portPriority.root &&
	       rstp_vector_cmp(v, &p->tree.portPriority) <= 0;
}

static uint64_t address_of(uint64_t bridge)
{
	return bridge & UINT64_C(0xffffffffffff);
}

/* 17.6: better, or from the same designated port, whose word counts even when worse. */
static bool supersedes(const struct rstp_vector *msg, const struct rstp_vector *port)
{
	return rstp_vector_cmp(msg, port) < 0 ||
	       (address_of(msg->bridge) == address_of(port->bridge) &&
		(msg->port & 0xfff) == (port->port & 0xfff));
}

static enum rstp_rcvd rcvInfo(struct rstp_port *p) /* 17.21.8 */
{
	if (p->msg.type == BPDU_TCN) {
		p->rcvdTcn = true;
		return OTHER_INFO;
	}
	p->tree.msgPriority = p->msg.v;
	p->tree.msgTimes = p->msg.times;
	bool same = rstp_vector_cmp(&p->tree.msgPriority, &p->tree.portPriority) == 0;
	bool same_times = times_same(&p->tree.msgTimes, &p->tree.portTimes);
	if (p->msg.role == BPDU_ROLE_DESIGNATED) {
		if (same && same_times)
			return p->tree.infoIs == INFO_RECEIVED ? REPEATED_DESIGNATED : OTHER_INFO;
		if (same || supersedes(&p->tree.msgPriority, &p->tree.portPriority))
			return SUPERIOR_DESIGNATED;
		return INFERIOR_DESIGNATED;
	}
	return rstp_vector_cmp(&p->tree.msgPriority, &p->tree.portPriority) >= 0
		       ? INFERIOR_ROOT_ALTERNATE
		       : OTHER_INFO;
}

static void recordProposal(struct rstp_port *p) /* 17.21.11 */
{
	if (p->msg.role == BPDU_ROLE_DESIGNATED && p->msg.proposal)
		p->tree.proposed = true;
}

static void recordAgreement(struct rstp_port *p) /* 17.21.9 */
{
	p->tree.agreed = rstp_version(p) && p->operPointToPointMAC && p->msg.agreement;
	if (p->tree.agreed)
		p->tree.proposing = false;
}

/* 17.21.10 as corrected by 802.1Q-2018 13.29.17: the neighbour learns where we think it must not.
 */
static void recordDispute(struct rstp_port *p)
{
	if (p->msg.type == BPDU_RST && p->msg.learning) {
		p->tree.disputed = true;
		p->tree.agreed = false;
	}
}

static void setTcFlags(struct rstp_port *p) /* 17.21.17 */
{
	p->tree.rcvdTc = p->tree.rcvdTc || p->msg.tc;
	p->rcvdTcAck = p->rcvdTcAck || p->msg.tc_ack;
}

static void recordTimes(
	struct rstp_port *p) /* 17.21.13; a hello under a second would age at once */
{
	p->tree.portTimes = p->tree.msgTimes;
	if (p->tree.portTimes.hello < 256)
		p->tree.portTimes.hello = 256;
}

static void updtRcvdInfoWhile(struct rstp_port *p) /* 17.21.23 */
{
	unsigned age = (p->tree.msgTimes.message_age + 128u) / 256u * 256u +
		       256u; /* whole seconds, and this hop */
	bool fresh = age <= p->tree.portTimes.max_age;
	uint16_t hello = p->tree.msgTimes.hello < 256 ? 256 : p->tree.msgTimes.hello;
	timer_start(p, RCVD_INFO_WHILE, fresh ? 3 * hello * RSTP_TICK_NS : 0);
}

static void reselect(struct rstp_port *p)
{
	p->tree.reselect = true;
	p->tree.selected = false;
	p->r->reselect = true;
}

/* ---- states ---- */
static void disabled(struct rstp_port *p)
{
	p->tree.rcvdMsg = p->tree.proposing = p->tree.proposed = p->tree.agree = p->tree.agreed =
		false;
	p->tree.disputed = p->tree.loopGuarded = p->tree.rootGuarded = false;
	timer_start(p, RCVD_INFO_WHILE, 0);
	p->tree.infoIs = INFO_DISABLED;
	reselect(p);
}

static void aged(struct rstp_port *p)
{
	p->tree.loopGuarded = p->cfg.loop_guard && p->tree.infoIs == INFO_RECEIVED;
	p->tree.rootGuarded = false;
	p->tree.infoIs = INFO_AGED;
	reselect(p);
}

static void update(struct rstp_port *p)
{
	p->tree.proposing = p->tree.proposed = false;
	p->tree.agreed = p->tree.agreed && betterorsameInfo(p, INFO_MINE);
	p->tree.synced = p->tree.synced && p->tree.agreed;
	p->tree.portPriority = p->tree.designatedPriority;
	p->tree.portTimes = p->tree.designatedTimes;
	p->tree.updtInfo = false;
	p->tree.infoIs = INFO_MINE;
	p->newInfo = true;
}

static void current(struct rstp_port *p)
{
	(void)p;
}

static void receive(struct rstp_port *p)
{
	p->tree.rcvdInfo = rcvInfo(p);
}

static void superior(struct rstp_port *p)
{
	p->tree.agreed = p->tree.proposing = false;
	recordProposal(p);
	setTcFlags(p);
	p->tree.agree = p->tree.agree && betterorsameInfo(p, INFO_RECEIVED);
	p->tree.portPriority = p->tree.msgPriority; /* recordPriority, 17.21.12 */
	p->tree.heard = p->r->now;
	recordTimes(p);
	updtRcvdInfoWhile(p);
	p->tree.infoIs = INFO_RECEIVED;
	p->tree.rcvdMsg = false;
	reselect(p);
}

static void repeated(struct rstp_port *p)
{
	recordProposal(p);
	setTcFlags(p);
	updtRcvdInfoWhile(p);
	p->tree.rcvdMsg = false;
}

static void inferior(struct rstp_port *p)
{
	recordDispute(p);
	if (p->msg.proposal && p->r->now - p->sent >= RSTP_CLAIM_NS)
		p->newInfo = true; /* it has not heard what we have to say, nor is that under way */
	p->tree.rcvdMsg = false;
}

static void not_designated(struct rstp_port *p)
{
	recordAgreement(p);
	setTcFlags(p);
	p->tree.rcvdMsg = false;
}

static void other(struct rstp_port *p)
{
	p->tree.rcvdMsg = false;
}

/* The standard's DISABLED enters itself on rcvdMsg; Port Receive here never sets it while the port
 * is disabled. */
static const struct rstp_arc arcs[] = {
	{ ANY, switched_off, DISABLED },
	{ DISABLED, enabled, AGED },
	{ AGED, to_update, UPDATE },
	{ UPDATE, rstp_always, CURRENT },
	{ CURRENT, to_update, UPDATE },
	{ CURRENT, aged_out, AGED },
	{ CURRENT, to_receive, RECEIVE_ },
	{ RECEIVE_, is_superior, SUPERIOR },
	{ RECEIVE_, is_repeated, REPEATED },
	{ RECEIVE_, is_inferior, INFERIOR },
	{ RECEIVE_, is_answer, NOT_DESIGNATED },
	{ RECEIVE_, rstp_always, OTHER },
	{ SUPERIOR, rstp_always, CURRENT },
	{ REPEATED, rstp_always, CURRENT },
	{ INFERIOR, rstp_always, CURRENT },
	{ NOT_DESIGNATED, rstp_always, CURRENT },
	{ OTHER, rstp_always, CURRENT },
	{ 0 },
};

static const struct rstp_box boxes[] = {
	[DISABLED] = { "DISABLED", disabled, false },
	[AGED] = { "AGED", aged, false },
	[UPDATE] = { "UPDATE", update, false },
	[CURRENT] = { "CURRENT", current, true },
	[RECEIVE_] = { "RECEIVE", receive, true },
	[SUPERIOR] = { "SUPERIOR_DESIGNATED", superior, false },
	[REPEATED] = { "REPEATED_DESIGNATED", repeated, true },
	[INFERIOR] = { "INFERIOR_DESIGNATED", inferior, true },
	[NOT_DESIGNATED] = { "NOT_DESIGNATED", not_designated, true },
	[OTHER] = { "OTHER", other, true },
};

const struct rstp_machine rstp_pim = { "PIM", arcs, boxes, DISABLED };
