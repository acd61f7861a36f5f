/* SPDX-License-Identifier: MIT */
/* control.c - second stage: frames to reserved addresses. What no running machine claims follows
 * the port's policy. Deciding only. A hub repeats them like everything else. */
#include "switch/core/pipeline.h"

/* By address and by what is inside, so that other protocols on this address go their way. */
static bool is_bpdu(const struct bridge *b, const struct port *in, const struct frame *f)
{
	static const uint8_t group[ETH_ALEN] = { 0x01, 0x80, 0xc2, 0x00, 0x00, 0x00 };
	static const uint8_t llc[] = { 0x42, 0x42, 0x03 };
	return b->tree_stands && in->no && in->no <= RSTP_PORT_MAX && !f->ntags &&
	       f->len >= ETH_HLEN + sizeof llc && mac_eq(f->mac, group) &&
	       memcmp(f->data + ETH_HLEN, llc, sizeof llc) == 0;
}

unsigned control_decide(const struct bridge *b, const struct port *in, const struct frame *f)
{
	int i = reserved_index(f->mac);
	if (i < 0 || b->cfg.hub)
		return PASS;
	bool ours = is_bpdu(b, in, f);
	switch ((enum reserved_policy)in->cfg.reserved[i]) {
	case RESERVED_WIRE:
		return ours ? TAKEN : PASS;
	case RESERVED_FORWARD:
		return PASS;
	case RESERVED_PEER:
		return ours ? TAKEN : DROP_RESERVED;
	case RESERVED_DROP:
		break;
	}
	return DROP_RESERVED;
}

void control_act(struct batch *t, unsigned i)
{
	t->live &= ~(UINT64_C(1) << i);
	t->why[i] = PASS;
	if (t->trace) {
		t->trace->taken = true;
		return;
	}
	t->b->trapped += t->f[i].segs;
	tree_rx(t->b, t->in, &t->f[i], t->now);
}
