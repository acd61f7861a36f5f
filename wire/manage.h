/* SPDX-License-Identifier: MIT */
/* manage.h - the management socket of one wire: the core's commands and those that need files. */
#ifndef DW_WIRE_MANAGE_H
#define DW_WIRE_MANAGE_H

#include "lib/base/err.h"
#include "lib/base/event.h"
#include "lib/io/loop.h"
#include "wire/cable.h"
#include "wire/settings.h"

struct manage;

/* `shutdown` is called for that command. Runs s->rcfile. 0 or negative errno with words. The cable
 * must outlive it. */
int manage_open(struct manage **m, struct loop *l, struct cable *c, const struct settings *s,
		void (*shutdown)(void *ctx), void *ctx, struct err *e);
void manage_close(struct manage *m); /* NULL is fine */
void manage_event(struct manage *m, const struct event *ev);

#endif
