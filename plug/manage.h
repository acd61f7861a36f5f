/* SPDX-License-Identifier: MIT */
/* manage.h - the management socket of a plug: what it joins, how much crossed, what is lost. */
#ifndef DW_PLUG_MANAGE_H
#define DW_PLUG_MANAGE_H

#include "lib/base/err.h"
#include "lib/io/captures.h"
#include "lib/io/loop.h"
#include "plug/options.h"
#include "plug/pump.h"

struct manage;

/* Listens at o->mgmt, if given. `shutdown` is called for that command. 0 or negative errno. */
int manage_open(struct manage **out, struct loop *l, const struct options *o,
		struct captures *captures, void (*shutdown)(void *ctx), void *ctx, struct err *e);
/* The pump that it shows, from before the loop runs until manage_close(); runs o->rcfile. */
int manage_start(struct manage *m, const struct pump *p, struct err *e);
void manage_close(struct manage *m); /* NULL is fine */
/* A side is there, or has gone: to who watches. NULL is fine. */
void manage_event(struct manage *m, const struct event *ev); /* likewise */
void manage_moved(struct manage *m, const char *locator, bool there, const char *words);

#endif
