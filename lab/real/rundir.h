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
void rundir_remove(const char *path); /* with all that is in it */

#endif
