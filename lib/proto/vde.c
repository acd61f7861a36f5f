/* SPDX-License-Identifier: MIT */
/* vde.c - the VDE handshake as VDE 2 and libvdeplug 4 speak it on x86-64 and its like. */
#include "lib/proto/vde.h"

#include <errno.h>
#include <string.h>

#include "lib/base/wire.h"

static const uint32_t MAGIC = 0xfeedface; /* of both versions */

enum {
	VERSION = 3,
	AF_UNIX_HOST = 1, /* AF_UNIX on every Linux */
	TYPE_NEW_CONTROL = 0,
	TYPE_NEW_PORT0 = 1,
	V1_MAC_LEN = 6,
	V1_LEN = 4 + 4 + V1_MAC_LEN + VDE_ANSWER_LEN,
};

/* The type word: what is asked in the low byte, the wanted port above it. */
static int port_of_type(uint32_t type, int *port)
{
	switch (type & 0xff) {
	case TYPE_NEW_PORT0:
		*port = 0;
		return 0;
	case TYPE_NEW_CONTROL:
		*port = type >> 8 ? (int)(type >> 8) : VDE_PORT_ANY;
		return 0;
	default:
		return -EPROTO;
	}
}

static int decode_address(struct vde_request *q, struct rd *r)
{
	uint16_t family = rd_host16(r);
	rd_bytes(r, q->sun_path, sizeof q->sun_path);
	return !r->bad && family == AF_UNIX_HOST ? 0 : -EPROTO;
}

/* The text ends with the message; a NUL before that ends it too. It will be printed: mask the rest.
 */
static void decode_descr(struct vde_request *q, struct rd *r)
{
	size_t n = rd_left(r);
	if (n > VDE_DESCR_MAX)
		n = VDE_DESCR_MAX;
	rd_bytes(r, q->descr, n);
	q->descr[n] = '\0';
	for (char *p = q->descr; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
}

int vde_request_decode(struct vde_request *q, const void *bytes, size_t len)
{
	*q = (struct vde_request){ 0 };
	struct rd r = rd_over(bytes, len);
	uint32_t magic = rd_host32(&r);
	if (!r.bad && magic != MAGIC)
		return -EPROTO;
	uint32_t version = rd_host32(&r);
	if (r.bad)
		return -EAGAIN;
	/* Version 1 had the type in this word, so a small number means version 1 (datasock.c). */
	uint32_t type = version;
	if (version <= TYPE_NEW_PORT0) {
		q->version = 1;
	} else if (version == VERSION) {
		q->version = VERSION;
		type = rd_host32(&r);
	} else {
		return -EPROTO;
	}
	if (len < (q->version == 1 ? (size_t)V1_LEN : (size_t)VDE_REQUEST_MIN))
		return -EAGAIN;
	if (q->version == 1)
		rd_take(&r, V1_MAC_LEN);
	if (port_of_type(type, &q->port) || decode_address(q, &r))
		return -EPROTO;
	decode_descr(q, &r);
	return 0;
}

size_t vde_request_encode(const struct vde_request *q, uint8_t out[static VDE_REQUEST_MAX])
{
	struct wr w = wr_over(out, VDE_REQUEST_MAX);
	wr_host32(&w, MAGIC);
	wr_host32(&w, VERSION);
	uint32_t type = q->port ? TYPE_NEW_CONTROL : TYPE_NEW_PORT0;
	wr_host32(&w, q->port > 0 ? type | (uint32_t)q->port << 8 : type);
	wr_host16(&w, AF_UNIX_HOST);
	wr_bytes(&w, q->sun_path, sizeof q->sun_path);
	size_t n = strlen(q->descr);
	wr_bytes(&w, q->descr, n < VDE_DESCR_MAX ? n : VDE_DESCR_MAX);
	return wr_len(&w);
}

void vde_answer_encode(const char *path, uint8_t out[static VDE_ANSWER_LEN])
{
	struct wr w = wr_over(out, VDE_ANSWER_LEN);
	size_t n = strlen(path);
	if (n > VDE_SUN_PATH)
		n = VDE_SUN_PATH;
	wr_host16(&w, AF_UNIX_HOST);
	wr_bytes(&w, path, n);
	wr_zero(&w, VDE_SUN_PATH - n);
}

int vde_answer_decode(char path[static VDE_SUN_PATH + 1], const void *bytes, size_t len)
{
	if (len < VDE_ANSWER_LEN)
		return -EPROTO;
	struct rd r = rd_over(bytes, VDE_ANSWER_LEN);
	uint16_t family = rd_host16(&r);
	rd_bytes(&r, path, VDE_SUN_PATH);
	path[VDE_SUN_PATH] = '\0';
	return family == AF_UNIX_HOST && path[0] ? 0 : -EPROTO;
}
