/* SPDX-License-Identifier: MIT */
/* memif.c - messages of memif 2.0 as bytes. */
#include "lib/proto/memif.h"

#include <errno.h>
#include <string.h>

#include "lib/base/wire.h"

static void put_text(struct wr *w, const char *text, size_t most, size_t field)
{
	const char *end = memchr(text, '\0', most);
	size_t len = end ? (size_t)(end - text) : most;
	wr_bytes(w, text, len);
	wr_zero(w, field - len);
}

static void put_name(struct wr *w, const char *name)
{
	put_text(w, name, MEMIF_NAME - 1, MEMIF_NAME);
}

/* `text` has room for one byte more than the field when that need not end in a NUL. */
static void take_text(struct rd *r, char *text, size_t field, size_t room)
{
	rd_bytes(r, text, field);
	text[field < room ? field : room - 1] = '\0';
	for (char *p = text; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
}

static void wr_host64(struct wr *w, uint64_t v)
{
	wr_bytes(w, &v, sizeof v);
}

static uint64_t rd_host64(struct rd *r)
{
	uint64_t v;
	rd_bytes(r, &v, sizeof v);
	return v;
}

static void put_hello(struct wr *w, const struct memif_msg *m)
{
	put_name(w, m->u.hello.name);
	wr_host16(w, m->u.hello.min_version);
	wr_host16(w, m->u.hello.max_version);
	wr_host16(w, m->u.hello.max_region);
	wr_host16(w, m->u.hello.max_m2s);
	wr_host16(w, m->u.hello.max_s2m);
	wr_u8(w, m->u.hello.max_log2);
}

static void put_init(struct wr *w, const struct memif_msg *m)
{
	wr_host16(w, m->u.init.version);
	wr_host32(w, m->u.init.id);
	wr_u8(w, m->u.init.mode);
	put_text(w, m->u.init.secret, MEMIF_SECRET, MEMIF_SECRET);
	put_name(w, m->u.init.name);
}

static void put_ring(struct wr *w, const struct memif_msg *m)
{
	wr_host16(w, m->u.ring.flags);
	wr_host16(w, m->u.ring.index);
	wr_host16(w, m->u.ring.region);
	wr_host32(w, m->u.ring.offset);
	wr_u8(w, m->u.ring.log2);
	wr_host16(w, m->u.ring.private_hdr);
}

void memif_encode(const struct memif_msg *m, uint8_t out[static MEMIF_MSG_LEN])
{
	struct wr w = wr_over(out, MEMIF_MSG_LEN);
	wr_host16(&w, (uint16_t)m->type);
	switch (m->type) {
	case MEMIF_ACK:
		break;
	case MEMIF_HELLO:
		put_hello(&w, m);
		break;
	case MEMIF_INIT:
		put_init(&w, m);
		break;
	case MEMIF_ADD_REGION:
		wr_host16(&w, m->u.region.index);
		wr_host64(&w, m->u.region.size);
		break;
	case MEMIF_ADD_RING:
		put_ring(&w, m);
		break;
	case MEMIF_CONNECT:
	case MEMIF_CONNECTED:
		put_name(&w, m->u.connect.name);
		break;
	case MEMIF_DISCONNECT:
		wr_host32(&w, m->u.disconnect.code);
		put_text(&w, m->u.disconnect.text, MEMIF_TEXT - 1, MEMIF_TEXT);
		break;
	case MEMIF_LINK:
		wr_u8(&w, m->u.link.on);
		break;
	}
	wr_zero(&w, MEMIF_MSG_LEN - wr_len(&w));
	assert(!w.bad);
}

static void take_hello(struct rd *r, struct memif_msg *m)
{
	take_text(r, m->u.hello.name, MEMIF_NAME, MEMIF_NAME);
	m->u.hello.min_version = rd_host16(r);
	m->u.hello.max_version = rd_host16(r);
	m->u.hello.max_region = rd_host16(r);
	m->u.hello.max_m2s = rd_host16(r);
	m->u.hello.max_s2m = rd_host16(r);
	m->u.hello.max_log2 = rd_u8(r);
}

static void take_init(struct rd *r, struct memif_msg *m)
{
	m->u.init.version = rd_host16(r);
	m->u.init.id = rd_host32(r);
	m->u.init.mode = rd_u8(r);
	take_text(r, m->u.init.secret, MEMIF_SECRET, sizeof m->u.init.secret);
	take_text(r, m->u.init.name, MEMIF_NAME, MEMIF_NAME);
}

static void take_ring(struct rd *r, struct memif_msg *m)
{
	m->u.ring.flags = rd_host16(r);
	m->u.ring.index = rd_host16(r);
	m->u.ring.region = rd_host16(r);
	m->u.ring.offset = rd_host32(r);
	m->u.ring.log2 = rd_u8(r);
	m->u.ring.private_hdr = rd_host16(r);
}

int memif_decode(struct memif_msg *m, const void *bytes, size_t len)
{
	memset(m, 0, sizeof *m);
	if (len != MEMIF_MSG_LEN)
		return -EPROTO;
	struct rd r = rd_over(bytes, len);
	m->type = (enum memif_type)rd_host16(&r);
	switch (m->type) {
	case MEMIF_ACK:
		return 0;
	case MEMIF_HELLO:
		take_hello(&r, m);
		return 0;
	case MEMIF_INIT:
		take_init(&r, m);
		return 0;
	case MEMIF_ADD_REGION:
		m->u.region.index = rd_host16(&r);
		m->u.region.size = rd_host64(&r);
		return 0;
	case MEMIF_ADD_RING:
		take_ring(&r, m);
		return 0;
	case MEMIF_CONNECT:
	case MEMIF_CONNECTED:
		take_text(&r, m->u.connect.name, MEMIF_NAME, MEMIF_NAME);
		return 0;
	case MEMIF_DISCONNECT:
		m->u.disconnect.code = rd_host32(&r);
		take_text(&r, m->u.disconnect.text, MEMIF_TEXT, MEMIF_TEXT);
		return 0;
	case MEMIF_LINK:
		m->u.link.on = rd_u8(&r) != 0;
		return 0;
	}
	return -EPROTO;
}

bool memif_ring_fits(uint64_t region_size, uint32_t offset, unsigned log2)
{
	return log2 <= MEMIF_LOG2_MAX && offset % sizeof(struct memif_desc) == 0 &&
	       region_size >= memif_ring_len(log2) && offset <= region_size - memif_ring_len(log2);
}
