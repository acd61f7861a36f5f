/* SPDX-License-Identifier: MIT */
/* opts.h - one option table per program: parsing, --help, --complete, and the list that the manual
 * is checked against. Common rows (-h -V -v -q -j --color --complete) are added by itself. */
#ifndef DW_CLI_OPTS_H
#define DW_CLI_OPTS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/base/err.h"

struct opt {
	char letter;         /* 's'; 0: none */
	const char *name;    /* "sock"; NULL ends the table */
	const char *arg;     /* "DIR"; NULL: takes none; "[MAX]": optional, only as --name=MAX */
	const char *help;    /* one line */
	/* Called for each use, in order. `arg` is NULL where none was given. 0 or negative errno with
	 * words ("130% is not ..."; the option's name is put in front). */
	int (*take)(void *ctx, const char *arg, struct err *e);
};

struct program {
	const char *name;     /* "dw-switch" */
	const char *usage;    /* "[OPTION...] LOCATOR [LOCATOR]" */
	const char *about;    /* a sentence or two */
	const struct opt *opts;
	unsigned flags;       /* OPTS_ below */
	/* A word that is not an option; NULL: none are taken. With OPTS_STOP the first one ends parsing. */
	int (*word)(void *ctx, const char *word, struct err *e);
};

enum {
	OPTS_ONE_DASH = 1, /* VDE's one-dash long forms (-sock, -daemon) and unambiguous prefixes */
	OPTS_STOP = 2,     /* stop at the first word (the rest is a command): *rest is its index */
	OPTS_NO_COMMON = 4, /* a compat table is used alone */
};

/* -1: go on; 0: --help, --version or --complete was answered; 2: misuse, said on stderr. */
int opts_parse(const struct program *p, void *ctx, int argc, char **argv, int *rest);

/* Set by the common rows. */
extern bool opt_json, opt_verbose, opt_quiet, opt_color;

/* log.h's little sister: words on stderr, one line, "NAME: thing: words". After log_to_syslog() there. */
void log_name(const char *program);
void log_to_syslog(void);
__attribute__((format(printf, 1, 2))) void log_say(const char *fmt, ...);     /* always, unless -q */
__attribute__((format(printf, 1, 2))) void log_verbose(const char *fmt, ...); /* with -v */
int log_verdict(int code, const char *words); /* says the words (strerror if "") and returns exit code 2 or 3 */
int die_by(int signo); /* ends by that signal with its default action */

/* -d and --ready-fd: the parent waits for the child's word. */
int daemon_start(const char *pidfile, const char *log_ident); /* in the child: 0; the parent leaves by itself */
int daemon_ready(int ready_fd, const char *pidfile, struct err *e); /* all sockets accept: pidfile, fd, sd_notify */
void daemon_done(void); /* removes the pid file */

#define DW_VERSION "0.1.0"

#endif
