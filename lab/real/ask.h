/* SPDX-License-Identifier: MIT */
/* ask.h - one management command to one socket, waited for: for short programs, and for what a lab
 * asks its own switches and cables while it answers. */
#ifndef DW_LAB_REAL_ASK_H
#define DW_LAB_REAL_ASK_H

#include <sys/types.h>

#include "lib/base/err.h"

/* The reply's data in *text (the caller frees; NULL allowed: not wanted). 0; -ENOENT, -ECONNREFUSED
 * and the like: nobody is there; -ETIMEDOUT: no answer in 10 s; else the errno of a refusal, with
 * its words. A signal that ends programs counts as one: -EINTR. */
int ask_socket(const char *path, const char *line, char **text, struct err *e);
pid_t ask_pid(const char *path); /* of who listens there; 0: nobody */

#endif
