/* SPDX-License-Identifier: MIT */
/* netns.h - descriptors opened inside another network namespace. */
#ifndef DW_IO_EP_NETNS_H
#define DW_IO_EP_NETNS_H

#include "lib/base/err.h"

/* Calls open_fd(arg, err) inside the network namespace at `path` (a file such as /proc/PID/ns/net
 * or /run/netns/NAME), in a child that hands the descriptor back; NULL: here. The descriptor, or
 * negative errno with words. Also works for a namespace that belongs to a user namespace of the
 * caller's making. */
int netns_open(const char *path, int (*open_fd)(void *arg, struct err *err), void *arg,
	       struct err *err);

/* The same for what is more than a descriptor: goes there, calls fn(arg, err) and comes back. Only
 * for who may enter without becoming another user. What fn returns, or negative errno with words.
 */
int netns_visit(const char *path, int (*fn)(void *arg, struct err *err), void *arg,
		struct err *err);

#endif
