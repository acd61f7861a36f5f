/* SPDX-License-Identifier: MIT */
/* run.h - a load: frames made at one locator, received and checked at another one that may be
 * opened several times. One thread that never sleeps while it sends: instants are read from one
 * clock. */
#ifndef DW_PLUG_LOAD_RUN_H
#define DW_PLUG_LOAD_RUN_H

#include "lib/base/histogram.h"
#include "lib/io/loop.h"
#include "plug/load/plan.h"

struct load_result {
	bool timed;          /* false: no frame of a load was sent or seen */
	int64_t time_ns;     /* of sending; of one who only receives: first to last frame */
	int64_t rx_time_ns;  /* first frame sent (or received) to last received */
	uint64_t sent, gone; /* gone: of those sent, lost at our own endpoint */
	uint64_t expected;   /* to be received */
	uint64_t received, duplicated, reordered, damaged;
	uint64_t other; /* frames that are not of this load */
	int64_t cpu_ns; /* that the processes of plan.pid spent meanwhile; -1: not asked */
	struct histogram latency; /* from just before the sending call to the receiving one */
};

struct load_host {
	void (*ready)(void *ctx); /* all are plugged in, the way back is learned; may be NULL */
};

/* Until the plan is done or a signal comes. `to` NULL: nobody listens (or, in a plan that does not
 * generate, `from` is where to listen). 0, the number of the signal, or negative errno with words.
 */
int load_run(const struct load_plan *plan, struct loop *l, const char *from, const char *to,
	     const struct load_host *host, void *ctx, struct load_result *r, struct err *e);

#endif
