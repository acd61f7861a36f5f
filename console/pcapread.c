/* SPDX-License-Identifier: MIT */
/* pcapread.c - pcapng blocks (draft-ietf-opsawg-pcapng), little-endian as ours are. */
#include "console/pcapread.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/wire.h"

enum { BLOCK_INTERFACE = 1, BLOCK_FRAME = 6, BLOCK_SECTION = 0x0a0d0d0a };
enum { BLOCK_LEAST = 12, LINKTYPE_ETHERNET = 1 };
enum { OPT_END = 0, OPT_COMMENT = 1, IF_NAME = 2, EPB_FLAGS = 2, EPB_DROPCOUNT = 4 };

int pcapread_init(struct pcapread *p)
{
	*p = (struct pcapread){ .buf = malloc(PCAPREAD_ROOM) };
	return p->buf ? 0 : -ENOMEM;
}

void pcapread_fini(struct pcapread *p)
{
	free(p->buf);
	*p = (struct pcapread){ .bad = true };
}

uint8_t *pcapread_space(struct pcapread *p, size_t *room)
{
	*room = p->bad ? 0 : PCAPREAD_ROOM - p->len;
	return p->buf + p->len;
}

/* ---- little-endian ---- */

static uint16_t le16(struct rd *r)
{
	uint16_t low = rd_u8(r);
	return (uint16_t)(low | rd_u8(r) << 8);
}

static uint32_t le32(struct rd *r)
{
	uint32_t low = le16(r);
	return low | (uint32_t)le16(r) << 16;
}

/* ---- blocks ---- */

/* The next option: its value in `v`. false: there is none. */
static bool next_option(struct rd *r, uint16_t *code, struct rd *v)
{
	*code = le16(r);
	uint16_t len = le16(r);
	const uint8_t *at = rd_take(r, len);
	rd_take(r, -len & 3U);
	if (r->bad || *code == OPT_END)
		return false;
	*v = rd_over(at, len);
	return true;
}

static void copy_text(const struct rd *v, char *buf, size_t size)
{
	size_t n = rd_left(v) < size ? rd_left(v) : size - 1;
	if (n)
		memcpy(buf, v->p, n);
	buf[n] = '\0';
}

static void take_interface(struct pcapread *p, struct rd *r)
{
	uint16_t code;
	struct rd v;
	char name[24] = "";
	if (le16(r) != LINKTYPE_ETHERNET)
		p->bad = true;
	rd_take(r, 6);
	while (rd_left(r) && next_option(r, &code, &v))
		if (code == IF_NAME)
			copy_text(&v, name, sizeof name);
	if (p->ifaces < PCAPREAD_IFACES)
		memcpy(p->iface[p->ifaces], name, sizeof name);
	p->ifaces++;
}

static void take_frame(struct pcapread *p, struct rd *r,
		       void (*frame)(void *, const struct captured *), void *ctx)
{
	struct captured c = { .iface = "" };
	uint16_t code;
	struct rd v;
	uint32_t iface = le32(r);
	uint64_t high = le32(r);
	c.ns = (int64_t)(high << 32 | le32(r));
	c.there = le32(r);
	c.len = le32(r);
	c.bytes = rd_take(r, c.there);
	rd_take(r, -c.there & 3U);
	if (r->bad || iface >= p->ifaces || c.len < c.there) {
		p->bad = true;
		return;
	}
	c.iface = iface < PCAPREAD_IFACES ? p->iface[iface] : "";
	while (rd_left(r) && next_option(r, &code, &v)) {
		if (code == OPT_COMMENT)
			copy_text(&v, c.comment, sizeof c.comment);
		else if (code == EPB_FLAGS)
			c.flags = le32(&v);
		else if (code == EPB_DROPCOUNT) {
			uint64_t low = le32(&v);
			c.lost = low | (uint64_t)le32(&v) << 32;
		}
	}
	frame(ctx, &c);
}

/* One block from the front; its length, 0: more is needed or it is bad. */
static size_t take_block(struct pcapread *p, const uint8_t *at, size_t len,
			 void (*frame)(void *, const struct captured *), void *ctx)
{
	struct rd r = rd_over(at, len);
	uint32_t type = le32(&r), size = le32(&r);
	if (r.bad)
		return 0;
	if (size < BLOCK_LEAST || size % 4 || size > PCAPREAD_ROOM) {
		p->bad = true;
		return 0;
	}
	if (size > len)
		return 0;
	struct rd body = rd_over(at + 8, size - BLOCK_LEAST), tail = rd_over(at + size - 4, 4);
	if (le32(&tail) != size)
		p->bad = true;
	else if (type == BLOCK_SECTION) {
		p->ifaces = 0;
		p->bad = le32(&body) != 0x1a2b3c4d;
	} else if (type == BLOCK_INTERFACE)
		take_interface(p, &body);
	else if (type == BLOCK_FRAME)
		take_frame(p, &body, frame, ctx);
	return size;
}

void pcapread_filled(struct pcapread *p, size_t n, void (*frame)(void *, const struct captured *),
		     void *ctx)
{
	size_t taken = 0, one;
	p->len += n;
	while (!p->bad && (one = take_block(p, p->buf + taken, p->len - taken, frame, ctx)) > 0)
		taken += one;
	p->len -= taken;
	memmove(p->buf, p->buf + taken, p->len);
}
