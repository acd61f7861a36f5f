/* SPDX-License-Identifier: MIT */
/* capture.h - what crosses a wire, captured: one interface a direction, each frame once, at the end
 * of its way, with a comment on what befell it. */
#ifndef DW_WIRE_CAPTURE_H
#define DW_WIRE_CAPTURE_H

#include "lib/io/captures.h"
#include "wire/core/wire.h"

struct wire_capture { /* embedded; all borrowed for life */
	struct wire *wire;
	const char *end[2]; /* what is plugged in at either end, for descriptions */
	struct captures *captures;
	void (*event)(void *ctx, const struct event *ev);
	void *ctx;
	char name[192], descr[640]; /* of the interface described last */
};

/* `wire`, `end`, `event` and `ctx` are set. 0 or -ENOMEM. */
int wire_capture_init(struct wire_capture *k, struct loop *l);
void wire_capture_fini(
	struct wire_capture *k); /* before the wire goes; fine when never initialised */
void wire_capture_tap(struct wire_capture *k, const struct wire_tapped *t, int64_t now);

#endif
