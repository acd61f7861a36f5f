/* SPDX-License-Identifier: MIT */
/* lines.h - management bytes to commands. Pure. A line ends at '\n' ('\r' before it is dropped); an
 * unterminated tail is a command at once if its first word is one (vdeterm sends no newline), else
 * it waits for more. Several commands in one read are several commands. */
#ifndef DW_PROTO_LINES_H
#define DW_PROTO_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/proto/cmd.h"

struct lines {
	char text[CMD_LINE_MAX + 1];
	size_t len, taken;
	bool overlong; /* the rest of a line over CMD_LINE_MAX is being skipped */
};

/* Room for the next read; *room may be 0 only after bytes were not taken with lines_next(). */
char *lines_space(struct lines *l, size_t *room);
void lines_filled(struct lines *l, size_t n);
/* The next command, NUL-terminated, valid until the next call; NULL: none for now. *toolong is set
 * (and "" returned) once for a line over CMD_LINE_MAX. `set` decides about unterminated tails;
 * `flush`: the stream ended, whatever is left is a line. */
const char *lines_next(struct lines *l, const struct cmd_set *set, bool flush, bool *toolong);

#endif
