/* SPDX-License-Identifier: MIT */
/* vnet.h - the header by which the kernel says what it left to the network card, and is told what
 * we leave to it (VIRTIO 1.2, 5.1.6, in this machine's byte order): taps and packet sockets have
 * it. */
#ifndef DW_IO_EP_VNET_H
#define DW_IO_EP_VNET_H

#include "lib/base/gso.h" /* before the kernel's: some of its macros are our constants' names */

#include <linux/virtio_net.h>

enum {
	VNET_LEN = sizeof(struct virtio_net_hdr),
	VNET_ROOM = 65536 + 64, /* of the longest bundle, with a tag restored */
};

static inline void vnet_read(const struct virtio_net_hdr *h, struct frame *f)
{
	if (h->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) {
		f->csum_start = h->csum_start;
		f->csum_off = h->csum_offset;
	}
	f->gso_type = h->gso_type;
	f->gso_size = h->gso_type ? h->gso_size : 0;
}

static inline void vnet_write(struct virtio_net_hdr *h, const struct txv *v)
{
	const struct frame *f = v->f;
	*h = (struct virtio_net_hdr){ 0 };
	if (!gso_needs(f))
		return;
	h->flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	h->csum_start = (uint16_t)(f->csum_start + txv_len(v) - f->len); /* the header may differ */
	h->csum_offset = f->csum_off;
	h->gso_type = f->gso_type;
	h->gso_size = f->gso_size;
	if (f->gso_type) /* a hint: how much is worth having in one piece */
		h->hdr_len = (uint16_t)(gso_head_(f) + txv_len(v) - f->len);
}

#endif
