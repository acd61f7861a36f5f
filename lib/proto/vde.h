/* SPDX-License-Identifier: MIT */
/* vde.h - the VDE switch handshake on DIR/ctl: one request, one 110-byte answer, then silence; end
 * of file is the unplug. Pure. Layout: VDE 2 datasock.c as observed; host byte order, packed. */
#ifndef DW_PROTO_VDE_H
#define DW_PROTO_VDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	VDE_SUN_PATH = 108,
	VDE_ANSWER_LEN = 110,  /* a struct sockaddr_un */
	VDE_REQUEST_MIN = 122, /* v3 without description */
	VDE_REQUEST_MAX = 256, /* more is cut */
	VDE_DESCR_MAX = 127,
	VDE_PORT_ANY = -1, /* request->port: the switch chooses */
};

struct vde_request {
	unsigned version;               /* 1 or 3 */
	int port;                       /* VDE_PORT_ANY, 0 (management port), or the wanted one */
	uint8_t sun_path[VDE_SUN_PATH]; /* client's data socket; [0] == 0: an abstract name of all
					   108 bytes */
	char descr[VDE_REQUEST_MAX];    /* NUL-terminated, control bytes replaced by '?' */
};

/* 0; -EAGAIN: too short to tell (wait or, at end of file, give up); -EPROTO: not a request (e.g.
 * v0, v2). */
int vde_request_decode(struct vde_request *q, const void *bytes, size_t len);
/* v3, as libvdeplug sends it. Returns the length (<= VDE_REQUEST_MAX). */
size_t vde_request_encode(const struct vde_request *q, uint8_t out[static VDE_REQUEST_MAX]);
/* The answer names the switch's data socket. Decode: 0 or -EPROTO (wrong family, no path). */
void vde_answer_encode(const char *path, uint8_t out[static VDE_ANSWER_LEN]);
int vde_answer_decode(char path[static VDE_SUN_PATH + 1], const void *bytes, size_t len);

#endif
