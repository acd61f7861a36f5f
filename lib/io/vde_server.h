/* SPDX-License-Identifier: MIT */
/* vde_server.h - serves the VDE switch protocol on DIR/ctl, and rings on DIR/memif to the same
 * users: each accepted plug becomes an endpoint. The socket side only; which port a plug gets is
 * the switch's word. A plug that says nothing is cut off after ten seconds, or earlier when more
 * than 64 such wait. */
#ifndef DW_IO_VDE_SERVER_H
#define DW_IO_VDE_SERVER_H

#include <sys/types.h>

#include "lib/base/err.h"
#include "lib/io/ep.h"
#include "lib/io/loop.h"
#include "lib/proto/vde.h"

struct vde_server;

struct vde_server_config {
	const char *dir;   /* made if absent; realpath'd */
	int mode, dirmode; /* octal; -1: not given (VDE's derivation: 0600 and 02700). With neither
			    * given a folder that was there before keeps its mode. */
	int gid;           /* -1: none */
	int mgmt_mode, mgmt_gid; /* of port 0's data sockets */
};

struct vde_plug { /* a request that was read and understood, waiting for the switch's word */
	struct vde_request request;
	int uid, gid, pid; /* SO_PEERCRED; -1: unknown */
	char user[32];     /* name of uid, "NONE" if unknown */
};

struct vde_server_host {
	/* Decide: >= 0 the port it gets, negative errno refuses with words (the plug sees end of
	 * file at once; on rings it is told them). Changes nothing yet: plugged() may not follow,
	 * if the plug has gone away meanwhile, and rings are asked for twice. */
	int (*admit)(void *ctx, const struct vde_plug *plug, struct err *why);
	/* The endpoint of an admitted plug; the host keeps it and sets e->host, e->ctx before
	 * returning. */
	void (*plugged)(void *ctx, unsigned port, struct ep *e, const struct vde_plug *plug);
	/* Something to log, once per occurrence: garbage requests, permission trouble. */
	void (*say)(void *ctx, const char *words);
};

/* Stale sockets are taken over; a living switch on DIR: -EADDRINUSE. Words in `err`. */
int vde_server_open(struct vde_server **server, struct loop *l, const struct vde_server_config *c,
		    const struct vde_server_host *host, void *ctx, struct err *err);
/* Removes what it made; plugged endpoints live on and keep the folder from being removed: close
 * them first. */
void vde_server_close(struct vde_server *s);
const char *vde_server_dir(const struct vde_server *s); /* absolute */
int vde_server_mode(const struct vde_server *s);        /* of ctl */

void vde_plug_of(struct vde_plug *p, int fd); /* who is behind a connected socket */

#endif
