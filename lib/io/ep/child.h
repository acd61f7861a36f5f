/* SPDX-License-Identifier: MIT */
/* child.h - a command on two pipes, and its end, by pidfd. */
#ifndef DW_IO_EP_CHILD_H
#define DW_IO_EP_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

#include "lib/base/err.h"
#include "lib/io/loop.h"

struct child;

/* Runs argv[0] (found in PATH) with pipes as stdin and stdout: *to writes to it, *from reads from
 * it. `over` is called once when it has ended, with wait status. `group`: it becomes a process
 * group of its own, so that what it starts ends with it; the price is that it cannot ask anything
 * at the terminal. */
int child_start(struct child **child, struct loop *l, char *const argv[], bool group, int *to,
		int *from, void (*over)(void *ctx, int status), void *ctx, struct err *err);
/* Lets go of it: SIGTERM if it still runs, SIGKILL two seconds later; reaped whenever it ends. NULL
 * is fine. */
void child_leave(struct child *c);
/* "ended", "ended with status 127 (command not found)", "was killed by SIGTERM". */
void child_words(int status, char *out, size_t room);

#endif
