/* SPDX-License-Identifier: MIT */
/* learn.c - where a source was heard. 802.1Q-2018 8.7: individual addresses only. */
#include "switch/core/pipeline.h"

#include <errno.h>

bool learn_decide(const struct bridge *b, const struct port *in, const struct frame *f)
{
	static const uint8_t nobody[ETH_ALEN];
	return !b->cfg.hub && in->cfg.learn && !mac_is_group(f->mac + ETH_ALEN) &&
	       !mac_eq(f->mac + ETH_ALEN, nobody);
}

static void tell(struct batch *t, const struct frame *f, unsigned was)
{
	enum event_kind kind = was == FDB_NONE ? EVENT_FDB_LEARN : EVENT_FDB_MOVE;
	t->b->gen[BRIDGE_GEN_STATE]++;
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

void learn_act(struct batch *t, unsigned i)
{
	struct fdb_meeting m = fdb_meet(t->b->fdb, t->src[i], t->in->no, t->now);
	fdb_note(t->b->fdb, t->src[i], t->in->no, t->now, &m);
	if (m.verdict == FDB_NEW || m.verdict == FDB_MOVED)
		tell(t, &t->f[i], m.was);
}
