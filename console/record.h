/* SPDX-License-Identifier: MIT */
/* record.h - what was done by hand, and as a Lua scenario that does it again. Pure. */
#ifndef DW_CONSOLE_RECORD_H
#define DW_CONSOLE_RECORD_H

#include "console/model.h"
#include "lib/proto/out.h"

enum { RECORD_MAX = 2000 };

struct deed {
	int64_t at_ns;
	unsigned source;
	char *line;
};

struct record {
	struct deed *v;
	size_t count, room;
	size_t lost; /* beyond RECORD_MAX, or for want of memory */
};

void record_fini(struct record *r);
/* A command that was granted. What changes nothing in the network (captures, saved files, readings)
 * is not kept. */
void record_add(struct record *r, const struct source *s, const char *line, int64_t now);
/* Whether a command changes the network, as far as the source tells: a scenario would repeat it. */
bool deed_is_one(const struct source *s, const char *line);
bool deed_begins(const char *line, const char *word); /* its first word, or the menu "word/" */
/* The scenario: switches and cables as far as the sources and their names tell, the deeds with the
 * time between them, and what ports and wires that were touched look like now as expectations. */
void record_lua(const struct record *r, const struct model *m, struct out *o);

#endif
