/* SPDX-License-Identifier: MIT */
/* pump.h - frames between two endpoints, both ways. What one side cannot take at once waits here,
 * at most one batch, while the other is not read: the loss, if any, is where the queue is and is
 * counted there. */
#ifndef DW_PLUG_PUMP_H
#define DW_PLUG_PUMP_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/drop.h"
#include "lib/base/pieces.h"
#include "lib/io/ep.h"

struct pump;

struct pump_end { /* how to open one side: a locator, or a command */
	const char *locator;
	char *const *command;
};

struct pump_counts {       /* frames */
	uint64_t in, out;  /* came from this side, went to it */
	uint64_t runts;    /* of those in: no header, dropped */
	uint64_t oversize; /* longer than ETH_FRAME_MAX, dropped */
	uint64_t stray;    /* not for us: another sender, another network */
	uint64_t away;     /* for this side while it was not there, dropped */
	uint64_t lost;     /* taken by the endpoint and lost there (its peer took nothing) */
};

struct pump_host {
	void (*ready)(void *ctx); /* both sides are up, for the first time */
	void (*say)(void *ctx,
		    const char *words); /* a side went away and will be tried again; is back */
	void (*over)(void *ctx, int why,
		     const char *words); /* one side ended; why: see struct ep */
	/* A side is there, or has gone, with words. NULL: nobody looks. */
	void (*moved)(void *ctx, unsigned side, bool there, const char *words);
	/* A frame came in from that side (borrowed). NULL: nobody looks. */
	void (*seen)(void *ctx, unsigned side, const struct frame *f);
	/* A frame from that side was given to the other, or lost (`why`; DROP_REASONS: it was not).
	 * Only after pump_want_tap(). */
	void (*tap)(void *ctx, unsigned side, const struct pieces *frame, enum drop_reason why,
		    int64_t now);
};

/* `reconnect_ns` > 0: a side that goes away is tried again, with waits from 50 ms up to that; "-"
 * and commands are not. NULL with code and words: a side cannot be opened at all. */
struct pump *pump_open(struct loop *l, const struct pump_end end[static 2], int64_t reconnect_ns,
		       const struct pump_host *host, void *ctx, int *code, struct err *err);
void pump_close(struct pump *p);             /* NULL is fine */
void pump_want_tap(struct pump *p, bool on); /* costs a branch a batch while off */

struct pump_state {
	bool up;
	const char *descr; /* who is there, borrowed for the moment; NULL: not known */
	int port;          /* ours at a far switch, -1: not known */
	uint64_t returns;  /* how often it came back */
};
void pump_look(const struct pump *p, unsigned side, struct pump_state *s);
const char *pump_side(const struct pump *p, unsigned side);
void pump_count(const struct pump *p, unsigned side, struct pump_counts *c);

#endif
