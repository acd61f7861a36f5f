/* SPDX-License-Identifier: MIT */
/* memif_sock.h - one memif message, with its descriptor, over a SOCK_SEQPACKET socket; and the
 * names by which our own programs know each other. */
#ifndef DW_IO_MEMIF_SOCK_H
#define DW_IO_MEMIF_SOCK_H

#include "lib/proto/memif.h"

/* In HELLO and CONNECT: a peer that fences before it sleeps, so that no wake-up is lost ... */
#define MEMIF_OURS "drahtwerk"
/* ... and that understands LINK besides. */
#define MEMIF_OURS_LINK "drahtwerk+link"

/* `fd` -1: none. 0 or negative errno; -EAGAIN: the peer does not read. */
int memif_send(int sock, const struct memif_msg *m, int fd);
int memif_refuse(int sock, const char *words); /* DISCONNECT */
/* *fd: the caller's, -1: none. 0; -EAGAIN; -EPIPE: the peer has gone; -EPROTO: no message. */
int memif_recv(int sock, struct memif_msg *m, int *fd);

#endif
