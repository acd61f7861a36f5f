/* SPDX-License-Identifier: MIT */
/* memif_server.h - serves memif 2.0 on a socket beside a switch's VDE socket, for the same plugs
 * and by the same rules: each that is admitted becomes an endpoint. A client that does not go on is
 * cut off after ten seconds, or earlier when more than 64 such wait. */
#ifndef DW_IO_MEMIF_SERVER_H
#define DW_IO_MEMIF_SERVER_H

#include "lib/io/vde_server.h"

struct memif_server;

/* The request that the host sees has the wanted port and the description only. 0, or trouble in
 * words. `host` and `ctx` are kept. */
int memif_server_open(struct memif_server **server, struct loop *l, const char *path, int mode,
		      int gid, const struct vde_server_host *host, void *ctx, struct err *err);
void memif_server_close(struct memif_server *s); /* NULL is fine; endpoints live on */

#endif
