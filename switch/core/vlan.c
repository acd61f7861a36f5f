/* SPDX-License-Identifier: MIT */
/* vlan.c - which VLAN a frame is in, who is a member, and with which tag it leaves. Deciding only.
 * A transparent port classifies by the outer tag and is a tagged member of every VLAN; its untagged
 * and priority-tagged frames are in VLAN 0, which is never sent as a tag. */
#include "switch/core/pipeline.h"

#include "lib/base/wire.h"

enum { TCI_VID = 0xfff, VID_RESERVED = 0xfff };

enum drop_reason vlan_classify(const struct bridge *b, const struct port *in, struct frame *f)
{
	(void)in;
	f->vid = 0;
	f->prio = 0;
	if (b->cfg.hub || !f->ntags)
		return PASS;
	f->flags |= FRAME_VLAN_TAG;
	f->vid = f->tag[0].tci & TCI_VID;
	f->prio = (uint8_t)(f->tag[0].tci >> 12);
	return f->vid == VID_RESERVED ? DROP_VLAN_INGRESS : PASS; /* 802.1Q-2018 table 9-2 */
}

bool vlan_member(const struct port *out, unsigned vid)
{
	(void)out;
	(void)vid;
	return true;
}

unsigned vlan_fid(const struct bridge *b, unsigned vid)
{
	return b->cfg.hub ? 0 : vid;
}

static void put_tag(struct wr *w, struct tag t)
{
	wr_be16(w, t.tpid);
	wr_be16(w, t.tci);
}

void vlan_header(const struct bridge *b, const struct port *out, const struct frame *f,
		 struct txv *v)
{
	(void)b;
	(void)out;
	struct wr w = wr_over(v->hdr, sizeof v->hdr);
	wr_bytes(&w, f->mac, sizeof f->mac);
	unsigned own =
		f->flags & FRAME_VLAN_TAG ? 1 : 0; /* tags that are the VLAN's, not the frame's */
	if (own && f->vid)
		put_tag(&w, (struct tag){ f->tag[0].tpid, (uint16_t)(f->prio << 12 | f->vid) });
	for (unsigned i = own; i < f->ntags; i++)
		put_tag(&w, f->tag[i]);
	v->f = f;
	v->hlen = (uint8_t)wr_len(&w);
}
