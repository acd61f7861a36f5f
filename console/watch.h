/* SPDX-License-Identifier: MIT */
/* watch.h - frames of one port or wire, live: a capture of the source comes through a pipe and its
 * frames go into the model; or through a pipe into Wireshark. */
#ifndef DW_CONSOLE_WATCH_H
#define DW_CONSOLE_WATCH_H

#include "console/feed.h"

struct watcher;

int watcher_open(struct watcher **out, struct loop *l, struct feeds *f, struct model *m,
		 void (*changed)(void *ctx), void *ctx);
void watcher_close(struct watcher *w); /* NULL is fine */
/* Begins to watch `what` (N, all, ab, ba) of that source; what was watched before is no longer. 0
 * or negative errno; a refusal of the source comes later, into the model's watch_why. */
int watcher_start(struct watcher *w, unsigned source, const char *what);
void watcher_stop(struct watcher *w);
/* Starts Wireshark on such a capture, and leaves both to each other. 0, -ENOENT: there is no
 * Wireshark, or negative errno. */
int wireshark_start(struct feeds *f, unsigned source, const char *what,
		    void (*done)(void *ctx, const struct mgmt_reply *r), void *ctx);

#endif
