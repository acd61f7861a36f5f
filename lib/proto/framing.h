/* SPDX-License-Identifier: MIT */
/* framing.h - frames on a byte stream: a big-endian length of 2 (VDE) or 4 bytes (QEMU), then the
 * frame. Pure; survives any split of the bytes. A zero length is skipped. A length over the longest
 * frame: with 2 bytes that many bytes are skipped and counted, so what follows is in step; with 4
 * bytes the stream is beyond belief and -EMSGSIZE tells the caller to close it. */
#ifndef DW_PROTO_FRAMING_H
#define DW_PROTO_FRAMING_H

#include <stddef.h>
#include <stdint.h>

struct deframe {
	unsigned head; /* 2 or 4 */
	uint32_t max;  /* longest frame */
	uint8_t *buf;  /* owned */
	size_t room, start, end;
	size_t skip;       /* bytes of an over-long frame still to come */
	uint64_t oversize; /* frames skipped so far */
};

int deframe_init(struct deframe *d, unsigned head, uint32_t max); /* 0 or -ENOMEM */
void deframe_fini(struct deframe *d);
/* Where to read to; never less than a full frame once deframe_next() has said 0. */
uint8_t *deframe_space(struct deframe *d, size_t *room);
void deframe_filled(struct deframe *d, size_t n);
/* 1: a frame (borrowed until the next deframe_space()); 0: needs more; -EMSGSIZE: see above. */
int deframe_next(struct deframe *d, const uint8_t **frame, uint32_t *len);
size_t deframe_pending(
	const struct deframe *d); /* bytes of an unfinished frame: cut if the stream ends now */

/* The length word before a frame of `len` bytes, into `head` bytes at out. */
void frame_head(uint8_t *out, unsigned head, uint32_t len);

#endif
