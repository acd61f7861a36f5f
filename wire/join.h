/* SPDX-License-Identifier: MIT */
/* join.h - commands joined as dpipe joins them: A = B, A = B = C, A =} B }= C, A ={ B {= C. */
#ifndef DW_WIRE_JOIN_H
#define DW_WIRE_JOIN_H

#include <stdbool.h>
#include <sys/types.h>

#include "lib/base/err.h"

enum { JOIN_MAX = 64 }; /* commands */

struct join_part {
	char **argv; /* NULL-terminated; points into the caller's words */
	char flow;   /* between its neighbours: 0 both ways, '}' left to right, '{' right to left */
	pid_t pid;   /* 0: not running */
};

struct join {
	struct join_part part[JOIN_MAX];
	unsigned count;
	int status; /* of the last command, as an exit code */
};

/* Cuts `words` (NULL-terminated; the join tokens in it become NULL) into commands. 0 or -EINVAL. */
int join_parse(struct join *j, char **words, struct err *e);

/* The descriptors of what stands between the two commands of A = B instead of plain pipes. */
struct join_middle {
	int in[2], out[2]; /* [0]: from and to A, [1]: from and to B */
};

/* Runs all commands, joined by pipes; with `middle` (two commands only) each is joined to us
 * instead. A command that cannot be run says so on stderr and counts as ended with 127. 0 or
 * negative errno, what runs already is told to end. */
int join_run(struct join *j, struct join_middle *middle, struct err *e);

/* As join_run(), but this process becomes the last command: returns only when it could not, 127
 * being the exit code then. */
int join_become(struct join *j, struct err *e);

/* Collects what has ended. true: none is left. */
bool join_reap(struct join *j);
void join_kill(const struct join *j, int signo); /* all that run */

#endif
