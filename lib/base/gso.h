/* SPDX-License-Identifier: MIT */
/* gso.h - frames that their sender left unfinished: a checksum to be put in, or a bundle, one large
 * TCP or UDP segment to be cut into frames (VIRTIO 1.2, 5.1.6). A bundle stands for the frames it
 * will be on a wire: `segs` of them. Whoever takes such frames as they are gets them so; for all
 * others they are finished here, in the copy. Pure. */
#ifndef DW_BASE_GSO_H
#define DW_BASE_GSO_H

#include "lib/base/frame.h"

enum { /* struct frame.gso_type: VIRTIO's numbers */
       GSO_NONE = 0,
       GSO_TCP4 = 1,
       GSO_TCP6 = 4,
       GSO_UDP = 5,
       GSO_ECN = 0x80, /* a flag beside TCP's: congestion window reduced was set */
};

enum { /* what a receiver may be able to finish by itself */
       OFFLOAD_CSUM = 1,
       OFFLOAD_TCP4 = 2,
       OFFLOAD_TCP6 = 4,
       OFFLOAD_UDP = 8,
       OFFLOAD_ECN = 16,
       OFFLOAD_ALL = 31,
};

enum {
	GSO_SIZE_LEAST = 48, /* payload of a cut frame: Linux' least; less only makes work */
	GSO_HEAD_MAX = 256,  /* of all headers, which every cut frame repeats */
	GSO_BUNDLE_MAX = 65535 + ETH_HLEN + 8, /* IP's longest behind a header with two tags */
};

unsigned gso_needs_(const struct frame *f);
/* What its receiver must be able to do; 0: the frame is finished. */
static inline unsigned gso_needs(const struct frame *f)
{
	return f->csum_start | f->gso_type ? gso_needs_(f) : 0;
}

bool gso_check_(struct frame *f);
/* After frame_parse(): sets segs from what the sender says of an unfinished frame. false: it does
 * not fit the frame, which is then as good as a finished one. */
static inline bool gso_check(struct frame *f)
{
	return !(f->csum_start | f->gso_type) || gso_check_(f);
}

uint32_t gso_head_(const struct frame *f);
/* Of frames that gso_check() passed and that leave `len` bytes long: how long all frames on the
 * wire are together, and the longest of them. */
static inline uint64_t gso_bytes(const struct frame *f, uint32_t len)
{
	return f->segs < 2 ? len : len + (f->segs - 1u) * (uint64_t)(gso_head_(f) + len - f->len);
}

static inline uint32_t gso_longest(const struct frame *f, uint32_t len)
{
	return f->segs < 2 ? len : gso_head_(f) + len - f->len + f->gso_size;
}

struct gso { /* one frame being finished */
	struct txv v;
	const uint8_t *body; /* what follows the header of `v` */
	uint32_t body_len;
	uint32_t l3, l4, head; /* offsets in each frame; head: of all headers */
	uint32_t at, index;    /* payload bytes and frames already given */
	bool v6, udp, done;
};

/* `v` is borrowed until the last gso_next(), and its frame has passed gso_check(). */
void gso_begin(struct gso *g, const struct txv *v);
void gso_skip(struct gso *g, uint32_t frames); /* as if they had been given */
static inline bool gso_more(const struct gso *g)
{
	return !g->done;
}
/* The next frame into `out`, which has room for gso_longest(); its length. */
uint32_t gso_next(struct gso *g, uint8_t *out);

/* RFC 1071 over [p, p+len), going on from `sum`; not yet folded to its complement. */
uint32_t checksum_add(uint32_t sum, const uint8_t *p, size_t len);
uint16_t checksum_fold(uint32_t sum);

#endif
