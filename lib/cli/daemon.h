/* SPDX-License-Identifier: MIT */
/* daemon.h - leaving the terminal, and saying "all sockets accept": -d, -p, --ready-fd, sd_notify.
 * The working folder stays, so relative paths belong to the folder of the call. */
#ifndef DW_CLI_DAEMON_H
#define DW_CLI_DAEMON_H

#include "lib/base/err.h"

/* -d, before sockets and threads are made: goes on in a child with a session of its own. The parent
 * waits for daemon_ready() in the child and leaves with 0, or as the child ended before that. In
 * the child: 0 (words still reach the caller's stderr until daemon_ready()), or a negative errno
 * when no child could be made. `log_ident` (borrowed for good; NULL: the name of log_name()) is the
 * name in syslog. A pid file that daemon_ready() would refuse is refused here already, said, and
 * the program ends with 1 as VDE's do; NULL: none wanted. */
int daemon_start(const char *pidfile, const char *log_ident);

/* All sockets accept: writes the pid file (NULL: none), writes one newline to `ready_fd` and closes
 * it (-1: none), tells NOTIFY_SOCKET if set, and after daemon_start() turns to syslog and lets the
 * parent go. 0 or negative errno with words. -EEXIST: the pid file names a running process or is
 * not a pid file; one left behind by a dead process is taken over. */
int daemon_ready(int ready_fd, const char *pidfile, struct err *e);

void daemon_done(void); /* removes the pid file that this very process wrote */

#endif
