/* SPDX-License-Identifier: MIT */
/* gso.h - work that a sending kernel left to its network card: checksums, and cutting one large TCP
 * or UDP bundle into frames (VIRTIO 1.2, 5.1.6). Pure. */
#ifndef DW_IO_EP_GSO_H
#define DW_IO_EP_GSO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct virtio_net_hdr;

/* RFC 1071 over [p, p+len), going on from `sum`; not yet folded to its complement. */
uint32_t checksum_add(uint32_t sum, const uint8_t *p, size_t len);
uint16_t checksum_fold(uint32_t sum);

/* Puts the checksum in that `h` says is wanted; nothing if none is or it would lie outside. */
void checksum_finish(const struct virtio_net_hdr *h, uint8_t *frame, size_t len);

struct gso {                  /* one bundle being cut */
	const uint8_t *bytes; /* borrowed until the last gso_next() */
	size_t len, head;     /* head: bytes of all headers, which each frame repeats */
	size_t l3, l4, mss;
	size_t at; /* payload bytes already given */
	uint32_t index;
	bool v6, udp;
};

/* false: no bundle that can be cut (an unknown kind, headers that do not fit together). */
bool gso_begin(struct gso *g, const uint8_t *bytes, size_t len, const struct virtio_net_hdr *h);
static inline bool gso_more(const struct gso *g)
{
	return g->head + g->at < g->len;
}
/* The next frame into out[room]; its length, 0 if it does not fit. */
size_t gso_next(struct gso *g, uint8_t *out, size_t room);

#endif
