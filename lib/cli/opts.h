/* SPDX-License-Identifier: MIT */
/* opts.h - one option table per program: parsing, --help, --complete, and the list that the manual
 * is checked against. Common rows (-h -V -v -q -j --color --complete) are added by themselves; a
 * letter or name in the program's own table wins over a common one. */
#ifndef DW_CLI_OPTS_H
#define DW_CLI_OPTS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/err.h"
#include "lib/cli/daemon.h"
#include "lib/cli/log.h"

struct opt {
	char letter;      /* 's'; 0: none */
	const char *name; /* "sock"; NULL ends the table. '-' and '_' are the same when read */
	const char *arg;  /* "DIR"; NULL: takes none; "[MAX]": optional, only as --name=MAX */
	/* One line; "": accepted and completed, not shown; NULL: another name of the row above,
	 * which is shown beside it and whose `arg` and `take` hold. */
	const char *help;
	/* Called for each use, in order. `arg` is NULL where none was given. 0; negative errno with
	 * words ("130% is not ..."; the option's name is put in front); OPTS_END(code): it was an
	 * errand of its own, now done. NULL: program.take has it. */
	int (*take)(void *ctx, const char *arg, struct err *e);
};

struct program {
	const char *name;       /* "dw-switch" */
	const char *usage;      /* "[OPTION...] LOCATOR [LOCATOR]" */
	const char *about;      /* a sentence or two */
	const struct opt *opts; /* NULL: only the common rows */
	unsigned flags;         /* OPTS_ below */
	/* A word that is not an option; NULL: none are taken. 0: go on; 1: parsing ends after this
	 * word, *rest is the index of the next; negative errno with words (the word is put in front
	 * when they do not begin with it). */
	int (*word)(void *ctx, const char *word, struct err *e);
	/* Rows without a `take` of their own, for tables made from other tables. May be NULL. */
	int (*take)(void *ctx, const struct opt *opt, const char *arg, struct err *e);
	size_t win_ties; /* the first so many rows win when a prefix fits several names */
};

enum {
	OPTS_ONE_DASH = 1, /* VDE's one-dash long forms (-sock, -daemon) and unambiguous prefixes */
	OPTS_STOP = 2,     /* stop at the first word (the rest is a command): *rest is its index */
	OPTS_NO_COMMON = 4, /* a compat table is used alone */
	OPTS_PREFIX = 8,    /* unambiguous prefixes of --names; OPTS_ONE_DASH implies it */
};

#define OPTS_END(code) (1 + (code)) /* from a take(): opts_parse() returns this exit code */

/* Parses argv[1..] and sets the name for log_*(). `rest` (may be NULL): index of the first word not
 * looked at, argc if none. -1: go on; else the exit code. 0: --help, --version or --complete was
 * answered; 2: misuse, said on stderr. --complete WORD... prints, one a line, what the last WORD
 * begins: options, or values of an option whose `arg` lists them ("auto|always|never"). */
int opts_parse(const struct program *p, void *ctx, int argc, char **argv, int *rest);

/* --help of `p` on stdout. Stable for tools: each option is a line that begins with two blanks and
 * '-' or six blanks and "--"; its names stand before the first run of two blanks, joined by ", ";
 * deeper lines go on with the one above. */
void opts_help(const struct program *p);

/* Set by the common rows. opt_color is settled by opts_parse() also without --color: on when stdout
 * is a terminal that is not "dumb" and NO_COLOR is unset or empty. */
extern bool opt_json, opt_verbose, opt_quiet, opt_color;

#define DW_VERSION "0.1.0"

#endif
