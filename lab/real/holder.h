/* SPDX-License-Identifier: MIT */
/* holder.h - the first process of a lab with namespaces: pid 1 of new user, pid, mount and network
 * namespaces, for root as for anybody. All programs of the lab run below it. */
#ifndef DW_LAB_REAL_HOLDER_H
#define DW_LAB_REAL_HOLDER_H

#include <sys/types.h>

#include "lib/base/err.h"

/* Starts it; it serves orders on `sock` (spawn_serve) and ends with it, and dies with the caller.
 * The pid, or negative errno with what is missing and how to get it. */
pid_t holder_start(int sock, struct err *e);

#endif
