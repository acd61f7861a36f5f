/* SPDX-License-Identifier: MIT */
/* ingress.c - first stage: is the port open, and is this a frame at all? Deciding only. */
#include "switch/core/pipeline.h"

enum drop_reason ingress_decide(const struct port *in, struct frame *f)
{
	bool whole = frame_parse(f), honest = gso_check(f);
	f->port = (uint16_t)in->no;
	if (!in->live)
		return DROP_DOWN;
	if (in->copies_only)
		return DROP_POLICY;
	if (!whole)
		return DROP_RUNT;
	if (!honest)
		return DROP_OFFLOAD;
	if (gso_longest(f, f->len) > ETH_FRAME_MAX)
		return DROP_OVERSIZE;
	return PASS;
}
