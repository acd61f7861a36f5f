/* SPDX-License-Identifier: MIT */
/* opts_rows.h - a program's table and the common rows as one list. Private to lib/cli. */
#ifndef DW_CLI_OPTS_ROWS_H
#define DW_CLI_OPTS_ROWS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/cli/opts.h"

struct row {
	char letter;
	const char *name;
	const struct opt *head; /* the row itself, or the one whose other name this is */
	bool common, elder;     /* elder: wins ties */
};

struct rows {
	const struct program *program;
	size_t count;
	struct row *v;
};

bool rows_init(struct rows *r, const struct program *p); /* false: out of memory */
void rows_fini(struct rows *r);

bool opt_arg_optional(const struct opt *o);                       /* "[MAX]" */
bool opt_name_is(const char *name, const char *text, size_t len); /* '-' and '_' are the same */
bool opt_name_begins(const char *name, const char *text, size_t len);

void rows_help(const struct rows *r);
/* Answers --complete: what `word`, which stands behind the word `before`, can become. */
void rows_complete(const struct rows *r, const char *before, const char *word);

#endif
