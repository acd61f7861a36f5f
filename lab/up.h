/* SPDX-License-Identifier: MIT */
/* up.h - labs that stay: the verbs up, down, ps, ctl, path, exec, shell, capture, attach, save. */
#ifndef DW_LAB_UP_H
#define DW_LAB_UP_H

#include <stdbool.h>
#include <stddef.h>

#include "lab/lab.h"
#include "lab/real/rundir.h"
#include "lib/base/err.h"
#include "lib/cli/opts.h"

struct up {
	const char *self;     /* path of this program: its sisters lie beside it */
	const char *lab;      /* -l; NULL: the one that is up */
	const char *backend;  /* up */
	struct words words;   /* up, save: files; all others: names and commands */
	char name[128];       /* of the lab chosen ... */
	char dir[RUNDIR_MAX]; /* ... and its folder */
};

struct up_verb {
	const char *name, *usage, *about;
	const struct opt *opts;
	unsigned least, most; /* words behind the options; the last is a command from `most` on */
	bool stops;           /* at the first word: what follows may look like options */
	int (*run)(struct up *u);
};
extern const struct up_verb up_verbs[]; /* ended by a NULL name */

/* Runs one of them; argv[0] is the program's. The exit code. */
int up_main(const struct up_verb *v, const char *self, int argc, char **argv);

int up_up(struct up *u); /* up.c */
/* up_find.c: the lab that is meant, into u->name and u->dir; else words on stderr and an exit code.
 */
int up_choose(struct up *u);
/* Asks it; the answer's text is the caller's (NULL: print it). 0, or an exit code after words. */
int up_ask(struct up *u, const char *line, char **text);
int up_exec(struct up *u); /* up_enter.c */
int up_shell(struct up *u);

#endif
