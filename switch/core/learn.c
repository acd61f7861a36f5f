/* SPDX-License-Identifier: MIT */
/* learn.c - where a source was heard. 802.1Q-2018 8.7: individual addresses only. */
#include "switch/core/pipeline.h"

/* What comes back from the adjacent bridge would take its own port's place in the table. */
static bool of_uplink(const struct bridge *b, const struct port *in, const struct frame *f)
{
	return in->no == b->cfg.vepa.uplink && vepa_mode(&b->cfg.vepa, f->vid) != VEPA_OFF;
}

bool learn_wanted(const struct bridge *b, const struct port *in, const struct frame *f)
{
	static const uint8_t nobody[ETH_ALEN];
	return !b->cfg.hub && in->cfg.learn && in->state != RSTP_DISCARDING &&
	       !of_uplink(b, in, f) && !mac_is_group(f->mac + ETH_ALEN) &&
	       !mac_eq(f->mac + ETH_ALEN, nobody);
}

enum drop_reason learn_decide(const struct batch *t, unsigned i, struct fdb_meeting *m)
{
	*m = fdb_meet(t->b->fdb, t->src[i], t->in->no, t->now);
	if (m->verdict == FDB_OVER_LIMIT && fdb_recount(t->b->fdb, t->now))
		*m = fdb_meet(t->b->fdb, t->src[i], t->in->no, t->now);
	return m->verdict == FDB_OVER_LIMIT ? DROP_LIMIT : PASS;
}

static void tell(struct batch *t, const struct frame *f, enum event_kind kind, unsigned was)
{
	if (!bridge_wants(t->b, kind))
		return;
	struct event ev = { .kind = kind,
			    .at = t->now,
			    .port = t->in->no,
			    .vid = f->vid,
			    .port2 = was == FDB_NONE ? 0 : was,
			    .name = t->in->cfg.name };
	memcpy(ev.mac, f->mac + ETH_ALEN, ETH_ALEN);
	bridge_event(t->b, &ev);
}

void learn_act(struct batch *t, unsigned i, const struct fdb_meeting *m)
{
	const struct frame *f = &t->f[i];
	fdb_note(t->b->fdb, t->src[i], t->in->no, t->now, m);
	if (m->verdict == FDB_OVER_LIMIT && t->in->cfg.limit_action == LIMIT_SHUTDOWN)
		t->shut = true;
	if (m->verdict != FDB_NEW && m->verdict != FDB_MOVED)
		return;
	t->b->gen[BRIDGE_GEN_STATE]++;
	tell(t, f, m->verdict == FDB_NEW ? EVENT_FDB_LEARN : EVENT_FDB_MOVE, m->was);
	if (m->verdict == FDB_MOVED &&
	    flap_note(&t->b->flaps, t->src[i], f->vid, m->was, t->in->no, t->now))
		tell(t, f, EVENT_FDB_FLAP, m->was);
}
