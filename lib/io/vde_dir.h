/* SPDX-License-Identifier: MIT */
/* vde_dir.h - the folder of a VDE switch: DIR, DIR/ctl and the data sockets DIR/NNN.FD, with VDE's
 * modes and owners. Made, taken over from a dead switch, and cleaned up. Private to vde_server.c.
 */
#ifndef DW_IO_VDE_DIR_H
#define DW_IO_VDE_DIR_H

#include <stdbool.h>
#include <sys/types.h>

#include "lib/base/err.h"
#include "lib/io/vde_server.h"

struct vde_dir {
	char path[108];    /* absolute */
	int mode, dirmode; /* derived */
	int gid, mgmt_mode, mgmt_gid;
	int listen_fd; /* of ctl; -1: not open */
	bool remove;   /* the folder goes with us */
};

/* 0; -EADDRINUSE: a living switch; else trouble, in words. vde_dir_close() also after an error. */
int vde_dir_open(struct vde_dir *d, const struct vde_server_config *c, struct err *err);
void vde_dir_close(struct vde_dir *d);

/* Binds `fd` as data socket of `port` for the user `uid` (-1: unknown) and says its path. 0 or
 * negative errno. */
int vde_dir_bind_port(const struct vde_dir *d, int fd, unsigned port, int uid,
		      char path[static 108]);

#endif
