/* SPDX-License-Identifier: MIT */
/* control.c - second stage: frames to reserved addresses. What no running machine claims follows
 * the port's policy. Deciding only. A hub repeats them like everything else. */
#include "switch/core/pipeline.h"

enum drop_reason control_decide(const struct bridge *b, const struct port *in,
				const struct frame *f)
{
	int i = reserved_index(f->mac);
	if (i < 0 || b->cfg.hub)
		return PASS;
	switch ((enum reserved_policy)in->cfg.reserved[i]) {
	case RESERVED_WIRE:
	case RESERVED_FORWARD:
		return PASS;
	case RESERVED_PEER:
	case RESERVED_DROP:
		break;
	}
	return DROP_RESERVED;
}
