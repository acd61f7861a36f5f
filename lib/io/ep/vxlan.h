/* SPDX-License-Identifier: MIT */
/* vxlan.h - the two halves of vxlan://: vxlan_open.c finds the way, vxlan.c moves frames on it. */
#ifndef DW_IO_EP_VXLAN_H
#define DW_IO_EP_VXLAN_H

#include "lib/io/ep/impl.h"
#include "lib/io/ep/inet.h"

struct vxlan_way {
	int in, out; /* sockets: one receives, one sends */
	uint32_t vni;
	bool group;         /* `to` is one */
	struct inet to;     /* a host, or all of a group */
	struct inet self;   /* where ours come from, as others see it ... */
	unsigned self_port; /* ... and from which port */
};

/* 0: two sockets for the caller to close; negative errno with words. */
int vxlan_find_way(struct vxlan_way *w, const char *rest, const struct ep_keys *keys,
		   struct err *err);

#endif
