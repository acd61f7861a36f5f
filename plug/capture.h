/* SPDX-License-Identifier: MIT */
/* capture.h - what a plug carries, captured: one interface a direction. */
#ifndef DW_PLUG_CAPTURE_H
#define DW_PLUG_CAPTURE_H

#include "lib/io/captures.h"
#include "plug/options.h"
#include "plug/pump.h"

struct plug_capture { /* embedded; all borrowed for life */
	const struct options *o;
	struct pump *pump; /* set once it is there, with pump_want_tap(pump, k->wanted) */
	bool wanted;
	struct captures *captures;
	void (*event)(void *ctx, const struct event *ev);
	void *ctx;
	char name[224], descr[640]; /* of the interface described last */
};

/* `o`, `event` and `ctx` are set. Starts what --capture asks for. 0 or negative errno with words.
 */
int plug_capture_init(struct plug_capture *k, struct loop *l, struct err *e);
void plug_capture_fini(struct plug_capture *k); /* before the pump goes */
/* A frame that came from that side, and what became of it. */
void plug_capture_tap(struct plug_capture *k, unsigned side, const struct pieces *frame,
		      enum drop_reason why, int64_t now);

#endif
