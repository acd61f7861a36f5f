/* SPDX-License-Identifier: MIT */
/* trace.h - what would happen to a frame, and why: the stages' own decisions, with nothing done. */
#ifndef DW_SWITCH_CORE_TRACE_H
#define DW_SWITCH_CORE_TRACE_H

#include "lib/base/frame.h"
#include "switch/core/bridge.h"

enum stage {
	STAGE_INGRESS,
	STAGE_CONTROL,
	STAGE_VLAN,
	STAGE_LEARN,
	STAGE_TREE,
	STAGE_VEPA,
	STAGE_FORWARD
};

struct trace_copy { /* of the frame at one port */
	unsigned port;
	enum drop_reason why; /* DROP_REASONS: it leaves */
	bool meant;           /* the frame was for this port: a loss here is counted */
	struct txv v;         /* as it leaves */
};

struct trace {
	void (*copy)(void *ctx,
		     const struct trace_copy *c); /* for each port that exists, in order */
	void *ctx;
	/* filled by bridge_trace(): */
	enum drop_reason dropped; /* at the ingress port; DROP_REASONS: not there */
	enum stage stage;         /* the last that saw it */
	bool taken;               /* by a machine that runs here */
	bool vepa;                /* STAGE_VEPA rules in its VLAN */
	bool learned;             /* the source would be looked at; then met tells */
	struct fdb_meeting met;
	unsigned to; /* owner port, or FDB_NONE: flooded */
};

/* `f` as for bridge_rx(): data and len are set, the rest is filled. The port must exist. */
void bridge_trace(struct bridge *b, unsigned port, struct frame *f, int64_t now,
		  struct trace *trace);

#endif
