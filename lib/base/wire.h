/* SPDX-License-Identifier: MIT */
/* wire.h - checked cursors over wire bytes: all outside bytes are read and written through these.
 * Past the end a read gives 0 and a write does nothing; `bad` stays set: test it once, at the end.
 */
#ifndef DW_BASE_WIRE_H
#define DW_BASE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct rd { /* borrowed bytes */
	const uint8_t *p, *end;
	bool bad;
};

struct wr { /* borrowed room */
	uint8_t *start, *p, *end;
	bool bad;
};

static inline struct rd rd_over(const void *bytes, size_t len)
{
	const uint8_t *p = bytes;
	return (struct rd){ .p = p, .end = len ? p + len : p }; /* NULL + 0 is undefined in C */
}

static inline size_t rd_left(const struct rd *r)
{
	return (size_t)(r->end - r->p);
}

static inline const uint8_t *rd_take(struct rd *r, size_t n) /* NULL past the end */
{
	if (r->bad || rd_left(r) < n) {
		r->bad = true;
		return NULL;
	}
	if (!r->p) /* nothing of nothing; gcc follows a NULL base otherwise */
		return NULL;
	const uint8_t *p = r->p;
	r->p += n;
	return p;
}

static inline void rd_bytes(struct rd *r, void *out, size_t n) /* past the end: zeroes */
{
	const uint8_t *p = rd_take(r, n);
	if (p)
		memcpy(out, p, n);
	else
		memset(out, 0, n);
}

static inline uint8_t rd_u8(struct rd *r)
{
	const uint8_t *p = rd_take(r, 1);
	return p ? p[0] : 0;
}

static inline uint16_t rd_be16(struct rd *r)
{
	const uint8_t *p = rd_take(r, 2);
	return (uint16_t)(p ? p[0] << 8 | p[1] : 0);
}

static inline uint32_t rd_be32(struct rd *r)
{
	uint32_t hi = rd_be16(r);
	return hi << 16 | rd_be16(r);
}

static inline uint64_t rd_be64(struct rd *r)
{
	uint64_t hi = rd_be32(r);
	return hi << 32 | rd_be32(r);
}

/* Host byte order: for what local processes exchange (VDE request, pcapng of our own). */
static inline uint16_t rd_host16(struct rd *r)
{
	uint16_t v;
	rd_bytes(r, &v, sizeof v);
	return v;
}

static inline uint32_t rd_host32(struct rd *r)
{
	uint32_t v;
	rd_bytes(r, &v, sizeof v);
	return v;
}

static inline struct wr wr_over(void *room, size_t len)
{
	uint8_t *p = room;
	return (struct wr){ .start = p, .p = p, .end = len ? p + len : p };
}

static inline size_t wr_len(const struct wr *w) /* bytes written so far */
{
	return (size_t)(w->p - w->start);
}

static inline uint8_t *wr_take(struct wr *w, size_t n) /* NULL past the end */
{
	if (w->bad || (size_t)(w->end - w->p) < n) {
		w->bad = true;
		return NULL;
	}
	if (!w->p)
		return NULL;
	uint8_t *p = w->p;
	w->p += n;
	return p;
}

static inline void wr_bytes(struct wr *w, const void *bytes, size_t n)
{
	uint8_t *p = wr_take(w, n);
	if (p && n)
		memcpy(p, bytes, n);
}

static inline void wr_zero(struct wr *w, size_t n)
{
	uint8_t *p = wr_take(w, n);
	if (p)
		memset(p, 0, n);
}

static inline void wr_u8(struct wr *w, unsigned v)
{
	uint8_t *p = wr_take(w, 1);
	if (p)
		p[0] = (uint8_t)v;
}

static inline void wr_be16(struct wr *w, unsigned v)
{
	uint8_t *p = wr_take(w, 2);
	if (p) {
		p[0] = (uint8_t)(v >> 8);
		p[1] = (uint8_t)v;
	}
}

static inline void wr_be32(struct wr *w, uint32_t v)
{
	wr_be16(w, v >> 16);
	wr_be16(w, v & 0xffff);
}

static inline void wr_be64(struct wr *w, uint64_t v)
{
	wr_be32(w, (uint32_t)(v >> 32));
	wr_be32(w, (uint32_t)v);
}

static inline void wr_host16(struct wr *w, uint16_t v)
{
	wr_bytes(w, &v, sizeof v);
}

static inline void wr_host32(struct wr *w, uint32_t v)
{
	wr_bytes(w, &v, sizeof v);
}

#endif
