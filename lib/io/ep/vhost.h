/* SPDX-License-Identifier: MIT */
/* vhost.h - the inside of "vhost-user://": a guest's memory, its two queues, and the session that
 * hands them over. The guest is not trusted: each of its words is read once, checked, and used from
 * the copy; what breaks the rules costs it its port. Private to vhost_*.c. */
#ifndef DW_IO_EP_VHOST_H
#define DW_IO_EP_VHOST_H

#include "lib/io/ep/impl.h"
#include "lib/proto/vhost_user.h"

/* ---- vhost_mem.c ---- */

struct vhost_region {
	uint64_t guest, user, size;
	uint8_t *at; /* of `guest` and `user` here */
	void *map;   /* what was mapped for it */
	size_t map_len;
	volatile int shrunk; /* its file has become shorter under us */
};

struct vhost_mem {
	struct vhost_region region[VHOST_USER_REGIONS_MAX];
	unsigned count;
};

/* Takes the descriptors, also on error. 0 or negative errno with words. */
int vhost_mem_map(struct vhost_mem *m, const struct vhost_user_msg *msg, int *fds, struct err *e);
void vhost_mem_unmap(struct vhost_mem *m);
/* `len` bytes at an address of the guest, or of the process it runs in; NULL: not all are there. */
uint8_t *vhost_mem_guest(const struct vhost_mem *m, uint64_t addr, uint64_t len);
uint8_t *vhost_mem_user(const struct vhost_mem *m, uint64_t addr, uint64_t len);
bool vhost_mem_shrunk(const struct vhost_mem *m);

/* ---- vhost_ring.c ---- */

enum { VHOST_RING_MAX = 32768, VHOST_NET_HEAD = 12 };

struct vring; /* as they lie in the guest's memory */

struct vhost_ring {
	uint32_t num; /* entries, a power of two; 0: not set */
	uint64_t desc_addr, used_addr, avail_addr;
	uint8_t *desc, *used, *avail; /* NULL: not in the guest's memory (any more) */
	uint16_t next, done;          /* avail entries taken, used entries given */
	uint16_t seen;                /* avail entries offered when we last looked */
	uint16_t told;                /* `done` when the guest was last told */
	bool enabled, event_idx, merges;
	int call;           /* -1: none */
	const char *broken; /* what the guest did wrong; NULL: nothing */
};

void vhost_ring_place(struct vhost_ring *r, const struct vhost_mem *m);
bool vhost_ring_ready(const struct vhost_ring *r);
/* One frame of the guest into to[room], its virtio header first. Bytes; 0: none waits; -EMSGSIZE:
 * it does not fit and is lost; -EPROTO: broken. */
int vhost_ring_take(struct vhost_ring *r, const struct vhost_mem *m, uint8_t *to, size_t room);
/* A frame to the guest behind `head`. 1; 0: no room now; -EMSGSIZE: never will be; -EPROTO. */
int vhost_ring_give(struct vhost_ring *r, const struct vhost_mem *m,
		    uint8_t head[static VHOST_NET_HEAD], const struct txv *v);
void vhost_ring_wake(const struct vhost_ring *r);
void vhost_ring_publish(struct vhost_ring *r); /* what was taken or given, and wakes the guest */
/* The guest is to say when it offers more than `known` entries. true: it has already. */
bool vhost_ring_arm(struct vhost_ring *r, uint16_t known);

#endif
