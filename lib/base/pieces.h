/* SPDX-License-Identifier: MIT */
/* pieces.h - the bytes of one frame where they lie: in one piece as it came, or in two as a txv
 * sends it. What only reads a frame (a filter, a capture) takes it so and copies nothing. Pure. */
#ifndef DW_BASE_PIECES_H
#define DW_BASE_PIECES_H

#include <stdint.h>
#include <string.h>

#include "lib/base/frame.h"

struct pieces { /* borrowed; p[0] is followed by p[1] */
	const uint8_t *p[2];
	uint32_t len[2];
};

static inline struct pieces pieces_over(const void *bytes, uint32_t len)
{
	return (struct pieces){ .p = { bytes }, .len = { len } };
}

static inline struct pieces pieces_of_frame(const struct frame *f) /* also of a runt */
{
	return pieces_over(f->data, f->len);
}

static inline struct pieces pieces_of_txv(const struct txv *v)
{
	struct pieces s = { .p = { v->hdr }, .len = { v->hlen } };
	s.p[1] = txv_body(v, &s.len[1]);
	return s;
}

static inline uint32_t pieces_len(const struct pieces *s)
{
	return s->len[0] + s->len[1];
}

/* The first `len` bytes (at most pieces_len()) into `out`. */
static inline void pieces_copy(const struct pieces *s, uint8_t *out, uint32_t len)
{
	uint32_t first = len < s->len[0] ? len : s->len[0];
	if (first)
		memcpy(out, s->p[0], first);
	if (len > first)
		memcpy(out + first, s->p[1], len - first);
}

#endif
