/* SPDX-License-Identifier: MIT */
/* forward.c - who gets a frame: its owner, everybody, or nobody. Deciding only. */
#include "switch/core/pipeline.h"

enum drop_reason forward_decide(const struct batch *t, unsigned i, unsigned *to)
{
	*to = TO_FLOOD;
	if (t->b->cfg.hub || mac_is_group(t->f[i].mac))
		return PASS;
	unsigned owner = fdb_lookup(t->b->fdb, t->dst[i], t->now);
	if (t->trace)
		owner = trace_owner(t, i, t->dst[i], owner);
	if (owner == FDB_NONE)
		return vidset_has(&t->b->cfg.vlan.quiet, t->f[i].vid) ? DROP_NO_DESTINATION : PASS;
	*to = owner;
	return owner == t->in->no && !reflects(t->b, t->in, &t->f[i]) ? DROP_NO_DESTINATION : PASS;
}
