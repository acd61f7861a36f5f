/* SPDX-License-Identifier: MIT */
/* vlan.c - which VLAN a frame is in, which ports are members, and with which tag it leaves. */
#include "switch/core/vlan.h"

#include <errno.h>

#define PASS DROP_REASONS
enum { TCI_VID = 0xfff };

void vlan_port_default(struct vlan_port *p)
{
	*p = (struct vlan_port){ .mode = VLAN_TRANSPARENT, .tpid = TPID_SVLAN };
}

int vlan_port_check(const struct vlan_port *p, struct err *e)
{
	if (p->mode == VLAN_NATIVE_TAGGED && (!p->pvid || p->pvid == VID_NONE))
		return err_set(e, -EINVAL, "mode: native-tagged needs pvid=1..%d", VID_MAX);
	if (p->mode == VLAN_TUNNEL && (!p->pvid || p->pvid == VID_NONE))
		return err_set(e, -EINVAL, "mode: dot1q-tunnel needs pvid=1..%d, its S-VLAN",
			       VID_MAX);
	if ((p->mode == VLAN_ACCESS || p->mode == VLAN_NATIVE_UNTAGGED) && p->pvid == VID_NONE)
		return err_set(e, -EINVAL, "mode: this one needs a pvid");
	return 0;
}

bool vlan_port_same(const struct vlan_port *a, const struct vlan_port *b)
{
	return a->mode == b->mode && a->priotags == b->priotags && a->accept == b->accept &&
	       a->tpid == b->tpid && a->pvid == b->pvid &&
	       memcmp(a->allow.word, b->allow.word, sizeof a->allow.word) == 0 &&
	       memcmp(a->untagged.word, b->untagged.word, sizeof a->untagged.word) == 0 &&
	       memcmp(a->cvlans.word, b->cvlans.word, sizeof a->cvlans.word) == 0;
}

enum vlan_form vlan_form_set(const struct vlan_port *p, unsigned vid)
{
	bool native = vid == p->pvid, allowed = vidset_has(&p->allow, vid);
	switch ((enum vlan_mode)p->mode) {
	case VLAN_ACCESS:
	case VLAN_TUNNEL:
		return native ? FORM_UNTAGGED : FORM_NONE;
	case VLAN_TRUNK:
		return allowed ? FORM_TAGGED : FORM_NONE;
	case VLAN_HYBRID:
		if (vidset_has(&p->untagged, vid))
			return FORM_UNTAGGED;
		return allowed ? FORM_TAGGED : FORM_NONE;
	case VLAN_NATIVE_TAGGED:
		return native || allowed ? FORM_TAGGED : FORM_NONE;
	case VLAN_NATIVE_UNTAGGED:
		if (native)
			return FORM_UNTAGGED;
		return allowed ? FORM_TAGGED : FORM_NONE;
	case VLAN_TRANSPARENT: /* by vlan_form() */
	case VLAN_MODES:
		break;
	}
	return FORM_NONE;
}

static bool uses_allow(const struct vlan_port *p)
{
	return p->mode == VLAN_TRUNK || p->mode == VLAN_HYBRID || p->mode == VLAN_NATIVE_TAGGED ||
	       p->mode == VLAN_NATIVE_UNTAGGED;
}

bool vlan_everywhere(const struct vlan_port *p)
{
	return p->mode == VLAN_TRANSPARENT || (uses_allow(p) && vidset_is_all(&p->allow));
}

static void add_all(struct vidset *to, const struct vidset *from)
{
	for (unsigned i = 0; i < VID_COUNT / 64; i++)
		to->word[i] |= from->word[i];
}

void vlan_named(const struct vlan_port *p, struct vidset *named)
{
	if (p->mode == VLAN_TRANSPARENT)
		return;
	if (p->mode != VLAN_TRUNK && p->pvid != VID_NONE)
		vidset_put(named, p->pvid, true);
	if (p->mode == VLAN_HYBRID)
		add_all(named, &p->untagged);
	if (uses_allow(p) && !vidset_is_all(&p->allow))
		add_all(named, &p->allow);
}

/* --- coming in --- */

static bool accepted(const struct vlan_port *in, bool tagged)
{
	return in->accept == ACCEPT_ALL || (in->accept == ACCEPT_TAGGED) == tagged;
}

/* The frame is in `vid`; `own`: the tag it came with is the VLAN's, else it stays under the VLAN's.
 */
static void settle(struct frame *f, unsigned vid, uint16_t tpid, bool own)
{
	f->vid = (uint16_t)vid;
	f->prio = f->ntags ? (uint8_t)(f->tag[0].tci >> 12) : 0;
	if (own) {
		f->flags |= FRAME_VLAN_TAG;
	} else if (f->ntags) {
		f->tag[1] = f->tag[0];
		f->ntags = 1; /* what is under the customer's tag is payload here */
	}
	f->tag[0] = (struct tag){ .tpid = tpid, .tci = (uint16_t)(f->prio << 12 | vid) };
}

static unsigned pvid_of(const struct vlan_port *in)
{
	return in->mode == VLAN_TRANSPARENT ? 0 : in->mode == VLAN_TRUNK ? VID_NONE : in->pvid;
}

static bool customer_passes(const struct vlan_port *p, unsigned cvid)
{
	return vidset_empty(&p->cvlans) || vidset_has(&p->cvlans, cvid);
}

enum drop_reason vlan_classify(const struct vlan_port *in, struct frame *f)
{
	unsigned outer = f->ntags ? f->tag[0].tci & TCI_VID : 0;
	bool tagged = outer != 0; /* a priority tag names no VLAN: 802.1Q-2018 9.6 */
	if (outer == VID_NONE || !accepted(in, tagged))
		return DROP_VLAN_INGRESS;
	if (in->mode == VLAN_TUNNEL) {
		settle(f, in->pvid, in->tpid == TPID_SVLAN ? ETHERTYPE_SVLAN : ETHERTYPE_CVLAN,
		       false);
		return customer_passes(in, outer) ? PASS : DROP_VLAN_INGRESS;
	}
	if (tagged && in->mode == VLAN_ACCESS)
		return DROP_VLAN_INGRESS; /* even its own VLAN's tag: as Open vSwitch and most
					     switches */
	unsigned vid = tagged ? outer : pvid_of(in);
	if (vid == VID_NONE || vlan_form(in, vid) == FORM_NONE)
		return DROP_VLAN_INGRESS; /* ingress filtering, 802.1Q-2018 8.6.2 */
	settle(f, vid, tagged ? f->tag[0].tpid : ETHERTYPE_CVLAN, f->ntags > 0);
	return PASS;
}

/* --- going out --- */

enum drop_reason vlan_egress(const struct vlan_port *out, const struct frame *f)
{
	if (vlan_form(out, f->vid) == FORM_NONE)
		return DROP_VLAN_EGRESS;
	if (out->mode == VLAN_TUNNEL &&
	    !customer_passes(out, vlan_inner(f) ? f->tag[1].tci & TCI_VID : 0))
		return DROP_VLAN_EGRESS;
	return PASS;
}

static bool wants_priority_tag(const struct vlan_port *out, const struct frame *f)
{
	if (out->mode == VLAN_TUNNEL) /* what a customer sent comes out as it was */
		return false;
	return out->priotags == PRIOTAGS_ALWAYS ||
	       (out->priotags == PRIOTAGS_IF_NONZERO && f->prio);
}

static void put_tag(struct txv *v, struct tag t)
{
	uint8_t *to = v->hdr + v->hlen;
	to[0] = (uint8_t)(t.tpid >> 8);
	to[1] = (uint8_t)t.tpid;
	to[2] = (uint8_t)(t.tci >> 8);
	to[3] = (uint8_t)t.tci;
	v->hlen += 4;
}

void vlan_header(const struct vlan_port *out, const struct frame *f, struct txv *v)
{
	v->f = f;
	memcpy(v->hdr, f->mac, sizeof f->mac);
	v->hlen = sizeof f->mac;
	if (vlan_form(out, f->vid) == FORM_TAGGED)
		put_tag(v, f->tag[0]);
	else if (wants_priority_tag(out, f))
		put_tag(v,
			(struct tag){ .tpid = ETHERTYPE_CVLAN, .tci = (uint16_t)(f->prio << 12) });
	if (vlan_inner(f))
		put_tag(v, f->tag[1]);
}
