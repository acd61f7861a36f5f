/* SPDX-License-Identifier: MIT */
/* rundir.h - the folder of a lab that runs: $XDG_RUNTIME_DIR/drahtwerk/LAB, or
 * /tmp/drahtwerk-UID/LAB. Whoever holds its lock lives; folders without one were left by a power
 * cut or a kill of everything, and the next lab to start removes them. */
#ifndef DW_LAB_REAL_RUNDIR_H
#define DW_LAB_REAL_RUNDIR_H

#include <stddef.h>

#include "lib/base/err.h"

enum { RUNDIR_MAX = 68 }; /* with its NUL: the names of sockets in it must fit a sockaddr_un */

/* Makes a new folder, mode 0700, and writes its path. The lock's descriptor (close-on-exec; closing
 * the last copy lets go), or negative errno with words. */
int rundir_make(char path[static RUNDIR_MAX], struct err *e);
/* The same for a lab that stays: `name` is its folder's. -EEXIST: one of that name is up;
 * -EINVAL: not a name, or too long for the paths of its sockets. */
int rundir_make_named(char path[static RUNDIR_MAX], const char *name, struct err *e);
void rundir_remove(const char *path); /* with all that is in it */
void rundir_sweep(void);              /* removes what no lab that lives has */

/* The labs that stay and are up: calls fn with the name and folder of each, in order of names; one
 * at most when `only` is given. How many. */
#define RUNDIR_LAB_SOCKET ".lab.mgmt" /* in the folder; no node's name begins with a point */
size_t rundir_labs(const char *only, void (*fn)(void *ctx, const char *name, const char *path),
		   void *ctx);
/* Waits until the lab in that folder is gone, at most so many seconds. 0 or -ETIMEDOUT. */
int rundir_wait_gone(const char *path, unsigned seconds);

#endif
