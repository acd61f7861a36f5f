/* SPDX-License-Identifier: MIT */
/* vxlan.h - the header that RFC 7348 puts before a frame: flags with the I bit, 24 bits that name
 * the network (VNI), the rest reserved: sent as zero, ignored when received. Pure. */
#ifndef DW_PROTO_VXLAN_H
#define DW_PROTO_VXLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/wire.h"

enum {
	VXLAN_LEN = 8,
	VXLAN_PORT = 4789, /* of UDP, by IANA */
	VXLAN_VNI_MAX = 0xffffff,
};

/* false: not a header, or one that names no network. What follows it is the frame. */
static inline bool vxlan_read(struct rd *r, uint32_t *vni)
{
	uint32_t flags = rd_be32(r);
	*vni = rd_be32(r) >> 8;
	return !r->bad && flags & 0x08000000u;
}

static inline void vxlan_write(struct wr *w, uint32_t vni)
{
	wr_be32(w, 0x08000000u);
	wr_be32(w, vni << 8);
}

#endif
