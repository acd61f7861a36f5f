/* SPDX-License-Identifier: MIT */
/* vhost_user.h - the messages by which a virtual machine hands the memory and the queues of its
 * network card to another process (QEMU, docs/interop/vhost-user.rst): a header of 12 bytes, then
 * what the request says; in this machine's byte order. Pure. */
#ifndef DW_PROTO_VHOST_USER_H
#define DW_PROTO_VHOST_USER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	VHOST_USER_HEAD = 12,
	VHOST_USER_REGIONS_MAX = 8,
	VHOST_USER_BODY_MAX = 8 + 32 * VHOST_USER_REGIONS_MAX,
};

enum vhost_user_request {
	VHOST_USER_GET_FEATURES = 1,
	VHOST_USER_SET_FEATURES = 2,
	VHOST_USER_SET_OWNER = 3,
	VHOST_USER_RESET_OWNER = 4,
	VHOST_USER_SET_MEM_TABLE = 5,
	VHOST_USER_SET_VRING_NUM = 8,
	VHOST_USER_SET_VRING_ADDR = 9,
	VHOST_USER_SET_VRING_BASE = 10,
	VHOST_USER_GET_VRING_BASE = 11,
	VHOST_USER_SET_VRING_KICK = 12,
	VHOST_USER_SET_VRING_CALL = 13,
	VHOST_USER_SET_VRING_ERR = 14,
	VHOST_USER_GET_PROTOCOL_FEATURES = 15,
	VHOST_USER_SET_PROTOCOL_FEATURES = 16,
	VHOST_USER_GET_QUEUE_NUM = 17,
	VHOST_USER_SET_VRING_ENABLE = 18,
};

struct vhost_user_region {
	uint64_t guest, size, user, offset; /* offset: in the file that comes with it */
};

struct vhost_user_msg {
	uint32_t request;
	bool wants_ack;
	uint32_t body_len; /* that follows the header */
	/* By request: */
	uint64_t value;     /* features; VRING_KICK, CALL, ERR: ring in the low byte, see below */
	uint32_t ring, num; /* VRING_NUM, BASE, ENABLE, ADDR */
	uint64_t desc, used, avail;
	uint32_t regions;
	struct vhost_user_region region[VHOST_USER_REGIONS_MAX];
};

#define VHOST_USER_NO_FD UINT64_C(0x100) /* in `value`: no descriptor comes with it */

/* The header. 0; -EPROTO: another version, a reply, or a longer body than any that we know. */
int vhost_user_head(struct vhost_user_msg *m, const uint8_t head[static VHOST_USER_HEAD]);
/* What follows, m->body_len bytes; of requests that are not in the list nothing is read. 0;
 * -EPROTO: shorter than the request says, or too many regions. */
int vhost_user_body(struct vhost_user_msg *m, const uint8_t *body);
/* A reply with one number, or with a ring and one (`ring` < 0: none), into out; its length. */
size_t vhost_user_reply(uint8_t out[static VHOST_USER_HEAD + 8], uint32_t request, int ring,
			uint64_t value);

#endif
