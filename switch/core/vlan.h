/* SPDX-License-Identifier: MIT */
/* vlan.h - the VLAN settings of a port and of a bridge, and what they mean. Deciding only.
 * VLANs are 1..4094; VLAN 0 is where untagged frames of a port without VLAN settings are, and is
 * never sent as a tag. Tag in -> mode -> tag out: the table in tests/unit/bridge/vlan_truth.h, and
 * the man page. */
#ifndef DW_SWITCH_CORE_VLAN_H
#define DW_SWITCH_CORE_VLAN_H

#include <stdint.h>

#include "lib/base/drop.h"
#include "lib/base/frame.h"
#include "switch/core/vidset.h"

enum vlan_mode {
	VLAN_TRANSPARENT, /* member of all VLANs: takes and sends them as they come */
	VLAN_ACCESS,      /* PVID, untagged */
	VLAN_TRUNK,       /* allow, tagged */
	VLAN_HYBRID, /* allow tagged, `untagged` untagged; untagged frames come into the PVID */
	VLAN_NATIVE_TAGGED,   /* PVID and allow, all tagged; untagged frames come into the PVID */
	VLAN_NATIVE_UNTAGGED, /* PVID untagged, allow tagged */
	VLAN_TUNNEL, /* all frames come into the S-VLAN (the PVID) with their own tags under its */
	VLAN_MODES
};

enum vlan_priotags { PRIOTAGS_NEVER, PRIOTAGS_IF_NONZERO, PRIOTAGS_ALWAYS };
enum vlan_accept {
	ACCEPT_ALL,
	ACCEPT_TAGGED,
	ACCEPT_UNTAGGED
}; /* 802.1Q-2018 6.9; untagged: VID 0 too */
enum vlan_tpid { TPID_SVLAN, TPID_CVLAN };

enum {
	VID_NONE = 0xfff, /* as a PVID: untagged frames are not admitted */
};

struct vlan_port {
	uint8_t mode, priotags, accept,
		tpid;           /* the enums above; tpid: of the S-tag that a tunnel puts on */
	uint16_t pvid;          /* 0..4094 or VID_NONE */
	struct vidset allow;    /* 1..4094 */
	struct vidset untagged; /* hybrid only; 0..4094 */
	struct vidset
		cvlans; /* tunnel only: customer VIDs that pass, 0: untagged ones; empty: all */
};

struct vlan_table {              /* of the bridge */
	struct vidset created;   /* exist by name; a VLAN that a port names is created */
	struct vidset quiet;     /* unknown unicast is not flooded */
	uint16_t fid[VID_COUNT]; /* xor with the VID, so that zero is independent learning */
};

enum vlan_form { FORM_NONE, FORM_UNTAGGED, FORM_TAGGED }; /* none: not a member */

void vlan_port_default(struct vlan_port *p);
int vlan_port_check(const struct vlan_port *p, struct err *e); /* 0 or -EINVAL with words */
bool vlan_port_same(const struct vlan_port *a, const struct vlan_port *b);
enum vlan_form vlan_form_set(const struct vlan_port *p,
			     unsigned vid); /* vlan_form() of a port with VLAN settings */
static inline enum vlan_form vlan_form(const struct vlan_port *p, unsigned vid)
{ /* how frames of a VLAN leave */
	if (p->mode == VLAN_TRANSPARENT)
		return vid ? FORM_TAGGED : FORM_UNTAGGED;
	return vlan_form_set(p, vid);
}
bool vlan_everywhere(const struct vlan_port *p); /* member of 1..4094, too many to name */
void vlan_named(const struct vlan_port *p,
		struct vidset *named); /* adds the VLANs the settings name */

/* PASS (DROP_REASONS) or DROP_VLAN_INGRESS. Then f->vid and f->prio are set, f->tag[0] is the
 * VLAN's tag as it would be sent, FRAME_VLAN_TAG tells that it is one of the ntags tags that the
 * bytes begin with, and f->tag[1] is the tag under it if vlan_inner() says that there is one. */
enum drop_reason vlan_classify(const struct vlan_port *in, struct frame *f);

static inline bool vlan_inner(const struct frame *f)
{
	return f->ntags > (f->flags & FRAME_VLAN_TAG ? 1 : 0);
}

/* PASS, DROP_VLAN_EGRESS. */
enum drop_reason vlan_egress(const struct vlan_port *out, const struct frame *f);
void vlan_header(const struct vlan_port *out, const struct frame *f, struct txv *v);

static inline unsigned vlan_fid(const struct vlan_table *t, unsigned vid)
{
	return t->fid[vid] ^ vid;
}

#endif
