/* SPDX-License-Identifier: MIT */
/* usock.h - Unix sockets by path: any length of path, stale ones taken over, modes without a
 * window. */
#ifndef DW_IO_USOCK_H
#define DW_IO_USOCK_H

#include <stdbool.h>

/* A non-blocking, close-on-exec socket of `type` connected to `path`. The descriptor, or -EAGAIN
 * (the listener's queue is full: try again), -ECONNREFUSED (nobody behind it), -ENOENT, ... */
int usock_connect(const char *path, int type);

/* Bound to `path` (and listening, if not SOCK_DGRAM) with exactly `mode`; `gid` -1: none. A socket
 * file that nobody serves is taken over (*stale, may be NULL). The descriptor; -EADDRINUSE:
 * somebody lives there; -EEXIST: it is no socket; else negative errno. */
int usock_bind(const char *path, int type, int mode, int gid, bool *stale);

/* Nobody serves the socket file at `path`. */
bool usock_is_stale(const char *path, int type);

#endif
