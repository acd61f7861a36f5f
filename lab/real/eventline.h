/* SPDX-License-Identifier: MIT */
/* eventline.h - an event as a management socket tells it, one flat JSON object, back to struct
 * event. Pure. */
#ifndef DW_LAB_REAL_EVENTLINE_H
#define DW_LAB_REAL_EVENTLINE_H

#include "lib/base/event.h"

struct eventline { /* what the event's texts point into */
	struct event event;
	char name[128], text[512];
};

/* 0, or -EINVAL: not an event of a kind we know. `at` is left for the reader: the other side's
 * clock counts from its own start. */
int eventline_read(struct eventline *e, const char *line);

#endif
