/* SPDX-License-Identifier: MIT */
/* members.c - which ports are in which VLAN: sets that let a flood look at members only. They hold
 * no more than the ports' settings say; egress_decide() has the last word. */
#include <errno.h>
#include <stdlib.h>

#include "switch/core/pipeline.h"

static struct vidset named_by(const struct vlan_port *v)
{
	struct vidset s = { { 0 } };
	vlan_named(v, &s);
	return s;
}

int members_reserve(struct bridge *b, const struct vlan_port *v)
{
	struct vidset s = named_by(v);
	for (unsigned vid = vidset_next(&s, 0); vid < VID_COUNT; vid = vidset_next(&s, vid + 1))
		if (!b->members[vid] &&
		    !(b->members[vid] = calloc(b->exist.words, sizeof(uint64_t))))
			return -ENOMEM;
	return 0;
}

void members_put(struct bridge *b, const struct port *p, bool in)
{
	struct vidset s = named_by(&p->cfg.vlan);
	for (unsigned vid = vidset_next(&s, 0); vid < VID_COUNT; vid = vidset_next(&s, vid + 1))
		portset_put(&(struct portset){ b->members[vid], b->exist.words }, p->no, in);
	portset_put(&b->everywhere, p->no, in && vlan_everywhere(&p->cfg.vlan));
}

int members_grow(struct bridge *b, unsigned words)
{
	for (unsigned vid = 0; vid < VID_COUNT; vid++) {
		if (!b->members[vid])
			continue;
		uint64_t *w = calloc(words, sizeof *w);
		if (!w)
			return -ENOMEM; /* those that grew already hold the same members */
		memcpy(w, b->members[vid], b->exist.words * sizeof *w);
		free(b->members[vid]);
		b->members[vid] = w;
	}
	return 0;
}

void members_fini(struct bridge *b)
{
	for (unsigned vid = 0; vid < VID_COUNT; vid++)
		free(b->members[vid]);
}
