/* SPDX-License-Identifier: MIT */
/* pidfile.h - a pid file that two programs cannot both hold. Private to lib/cli. */
#ifndef DW_CLI_PIDFILE_H
#define DW_CLI_PIDFILE_H

#include "lib/base/err.h"

/* Would pidfile_take() refuse? 0, or -EEXIST or another negative errno with words. */
int pidfile_check(const char *path, struct err *e);
/* Makes the file with our pid and holds a lock on it; a file that names a dead process is taken
 * over. One at a time. 0 or negative errno with words. */
int pidfile_take(const char *path, struct err *e);
void pidfile_drop(void); /* removes it if this very process made it */

#endif
