/* SPDX-License-Identifier: MIT */
/* frame.h - frames, batches and the buffer pool. Pure. A pool belongs to one thread: no atomics.
 * Bytes are never written in place: a flooded frame is shared, each port gets its own header. */
#ifndef DW_BASE_FRAME_H
#define DW_BASE_FRAME_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/ether.h"

enum { BATCH_MAX = 64 }; /* frames in one batch: one bit each in a 64-bit mask */

struct pool;

struct buf { /* one pooled buffer, shared by reference count */
	struct pool *pool;
	uint64_t id;
	uint32_t refs, size;
	uint8_t bytes[];
};

struct tag {
	uint16_t tpid, tci;
};

struct frame {                         /* passed by value; 64 bytes */
	const uint8_t *data;           /* as received, tags included; nobody writes to it */
	struct buf *buf;               /* NULL: borrowed from a ring, dead when the call returns */
	int64_t rx_ns;                 /* arrival; from a wire: the due time of the departure */
	uint8_t mac[12];               /* dst, src: read once; decided on and sent */
	struct tag tag[2];             /* outer, inner: read once */
	uint32_t len;                  /* bytes at data */
	uint16_t port, vid;            /* ingress port and VLAN, set by the bridge */
	uint16_t gso_size, segs;       /* segs: frames on the wire, the unit of every counter */
	uint16_t csum_start, csum_off; /* of one that is unfinished, see gso.h; else 0 */
	uint8_t ntags, prio, gso_type, flags;
};
static_assert(sizeof(struct frame) == 64, "a frame is one cache line");

enum {                     /* struct frame.flags */
       FRAME_CONTROL = 1,  /* protocol frame of ours: goes in front, exempt from queue limits */
       FRAME_VLAN_TAG = 2, /* set by the bridge: tag[0] names the frame's VLAN, it is not payload */
};

/* A frame on its way out of one port: 12 address bytes and 0..2 tags of this port's own, then
 * f->data + 12 + 4 * f->ntags to its end: an iovec for sockets, a fused copy for rings. */
struct txv {
	const struct frame *f; /* borrowed for the call */
	uint8_t hlen, hdr[23];
};

/* Fills mac, tag and ntags from the bytes (data and len are set; buf, rx_ns, port and what is left
 * to be finished stay, segs becomes 1, the rest 0). false: a runt (< 14 bytes) or a tag cut off by
 * the end; such a frame has no header to send. Up to two tags (8100 or 88a8) are read; a third is
 * payload. */
bool frame_parse(struct frame *f);

/* A frame over borrowed bytes, parsed; *ok tells what frame_parse() said (NULL: do not care). */
struct frame frame_over(const void *bytes, size_t len, bool *ok);

/* A txv that sends `f` as it came (its own addresses and tags). */
struct txv txv_plain(const struct frame *f);

static inline uint32_t txv_len(const struct txv *v) /* bytes on the wire */
{
	return v->hlen + v->f->len - 12u - 4u * v->f->ntags;
}

static inline const uint8_t *txv_body(const struct txv *v, uint32_t *len) /* what follows hdr */
{
	uint32_t skip = 12u + 4u * v->f->ntags;
	*len = v->f->len - skip;
	return v->f->data + skip;
}

void txv_copy(const struct txv *v, uint8_t *out); /* txv_len(v) bytes of room */

/* The pool: size classes 256, 2048, 9472, 65792 bytes; grows by slabs up to `limit` bytes in all.
 * An empty pool holds no memory: a class gets its first slab at its first use (the one allocation
 * that pool_get() ever makes), every later one in pool_grow(). */
struct pool *pool_new(size_t limit); /* NULL: out of memory */
void pool_free(struct pool *p);      /* all buffers must be back (asserted); NULL is fine */
/* One buffer with room for `len` bytes, one reference, contents zeroed only in its first use; of a
 * larger class when its own is empty. `id` counts up from 1: never the same twice, and the same in
 * every run. NULL: nothing is left until the next pool_grow(), or len > 65792. */
struct buf *pool_get(struct pool *p, uint32_t len);
/* Between batches, off the frame path: tops every class in use up to its low-water mark (a slab, or
 * a quarter of the class, whichever is more). Returns at once when nothing is short. */
void pool_grow(struct pool *p);
size_t pool_in_use(const struct pool *p); /* buffers handed out and not yet back */
bool pool_ran_dry(const struct pool *p);  /* pool_get() has failed since birth */

static inline struct buf *buf_ref(struct buf *b)
{
	b->refs++;
	return b;
}
void buf_unref(struct buf *b); /* the last one gives it back; NULL is fine */

/* Makes `f` outlive the call: one copy into the pool when borrowed, one more reference when pooled.
 * On success the caller owns one reference: buf_unref(f->buf). -ENOBUFS: f untouched. */
int frame_keep(struct frame *f, struct pool *p);
/* As frame_keep(), of the frame as `v` sends it: the result has v's addresses and tags in its
 * bytes; rx_ns, port, vid, prio, flags and offload fields go along. -EINVAL: what v sends ends
 * inside a tag. */
int frame_keep_txv(struct frame *out, const struct txv *v, struct pool *p);

#endif
