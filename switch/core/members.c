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
	for (unsigned vid = vidset_next(&s, 0); vid < VID_COUNT; vid = vidset_next(&s, vid + 1)) {
		uint64_t ***row = &b->members[vid / MEMBERS_ROW];
		if (!*row && !(*row = calloc(MEMBERS_ROW, sizeof **row)))
			return -ENOMEM;
		uint64_t **set = &(*row)[vid % MEMBERS_ROW];
		if (!*set && !(*set = calloc(b->exist.words, sizeof **set)))
			return -ENOMEM;
	}
	return 0;
}

void members_put(struct bridge *b, const struct port *p, bool in)
{
	struct vidset s = named_by(&p->cfg.vlan);
	for (unsigned vid = vidset_next(&s, 0); vid < VID_COUNT; vid = vidset_next(&s, vid + 1))
		portset_put(&(struct portset){ members_of(b, vid), b->exist.words }, p->no, in);
	portset_put(&b->everywhere, p->no, in && vlan_everywhere(&p->cfg.vlan));
}

int members_grow(struct bridge *b, unsigned words)
{
	for (unsigned vid = 0; vid < VID_COUNT; vid++) {
		uint64_t *old = members_of(b, vid);
		if (!old)
			continue;
		uint64_t *w = calloc(words, sizeof *w);
		if (!w)
			return -ENOMEM; /* those that grew already hold the same members */
		memcpy(w, old, b->exist.words * sizeof *w);
		free(old);
		b->members[vid / MEMBERS_ROW][vid % MEMBERS_ROW] = w;
	}
	return 0;
}

void members_fini(struct bridge *b)
{
	for (unsigned vid = 0; vid < VID_COUNT; vid++)
		free(members_of(b, vid));
	for (unsigned i = 0; i < VID_COUNT / MEMBERS_ROW; i++)
		free(b->members[i]);
}
