/* SPDX-License-Identifier: MIT */
/* log.h - words for people: one line on stderr, "NAME: thing: words", or to syslog once a program
 * has left the terminal. Only main.c gives a verdict and ends the program. */
#ifndef DW_CLI_LOG_H
#define DW_CLI_LOG_H

#include "lib/base/err.h"

void log_name(const char *program); /* borrowed for good; the part after the last '/' is shown */
void log_to_syslog(void);           /* from now on there, under that name with the pid */

/* A line that holds control bytes (of a peer, of a file) shows them as '?'. */
__attribute__((format(printf, 1, 2))) void log_error(const char *fmt, ...);   /* always */
__attribute__((format(printf, 1, 2))) void log_say(const char *fmt, ...);     /* unless -q */
__attribute__((format(printf, 1, 2))) void log_verbose(const char *fmt, ...); /* with -v */

/* Says the words (NULL or "": those of the errno) as an error and returns the exit code. `code` is
 * that exit code (1, 2, 3) or a negative errno: -EINVAL and -ERANGE are misuse (2), all else is
 * trouble with the system (3). */
int log_verdict(int code, const char *words);

int die_by(int signo); /* ends by that signal with its default action */

#endif
