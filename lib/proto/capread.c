/* SPDX-License-Identifier: MIT */
/* capread.c - frames out of the bytes of a capture file. */
#include "lib/proto/capread.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/units.h"
#include "lib/base/wire.h"

enum {
	BLOCK_HEAD = 8,
	BLOCK_LEAST = 12,
	BLOCK_MORE = 65536, /* of a frame's block, beside the frame: options */
	ROOM = 2 * (CAPREAD_FRAME_MAX + BLOCK_MORE),
	PCAP_HEAD = 24,
	PCAP_RECORD = 16,
};

enum { SECTION = 0x0a0d0d0a, INTERFACE = 1, PACKET = 2, SIMPLE = 3, ENHANCED = 6 };

enum format { UNKNOWN, PCAPNG, PCAP };

struct iface {
	uint16_t linktype;
	uint8_t tsresol;  /* as if_tsresol: 4.2 */
	uint32_t snaplen; /* 0: no limit */
	int64_t offset_s;
	char name[CAPREAD_NAME_LEN];
};

struct capread {
	enum format format;
	bool little; /* byte order of the section or file */
	bool bad;
	uint64_t skip; /* bytes of no interest that are still to come */
	int64_t last_ns;
	struct iface *iface; /* of this section; PCAP: one */
	size_t count, room;
	size_t start, end; /* what is in buf */
	uint8_t buf[ROOM];
};

struct capread *capread_new(void)
{
	struct capread *c = malloc(sizeof *c);
	if (c)
		memset(c, 0, offsetof(struct capread, buf));
	return c;
}

void capread_free(struct capread *c)
{
	if (c)
		free(c->iface);
	free(c);
}

uint8_t *capread_space(struct capread *c, size_t *room)
{
	if (c->start == c->end) {
		c->start = c->end = 0;
	} else if (c->start > ROOM / 2 || c->end == ROOM) {
		memmove(c->buf, c->buf + c->start, c->end - c->start);
		c->end -= c->start;
		c->start = 0;
	}
	*room = ROOM - c->end;
	return c->buf + c->end;
}

void capread_filled(struct capread *c, size_t n)
{
	assert(n <= ROOM - c->end);
	c->end += n;
}

/* ---- numbers in the order of the file ---- */

static uint16_t r16(const struct capread *c, struct rd *r)
{
	uint16_t v = rd_be16(r);
	return (uint16_t)(c->little ? v >> 8 | v << 8 : v);
}

static uint32_t r32(const struct capread *c, struct rd *r)
{
	uint32_t a = r16(c, r), b = r16(c, r);
	return c->little ? b << 16 | a : a << 16 | b;
}

static uint64_t r64(const struct capread *c, struct rd *r)
{
	uint64_t a = r32(c, r), b = r32(c, r);
	return c->little ? b << 32 | a : a << 32 | b;
}

static size_t here(const struct capread *c)
{
	return c->end - c->start;
}

static int broken(struct capread *c, struct err *e, const char *what)
{
	c->bad = true;
	return err_set(e, -EBADMSG, "%s", what);
}

/* ---- time ---- */

static int64_t seconds_and(uint64_t s, uint64_t ns)
{
	return s >= (uint64_t)(INT64_MAX / NS_PER_SEC) ? INT64_MAX
						       : (int64_t)s * NS_PER_SEC + (int64_t)ns;
}

static int64_t from_binary(uint64_t t, unsigned bits) /* units of 2^-bits s */
{
	uint64_t s = bits < 64 ? t >> bits : 0;
	uint64_t part = bits < 64 ? t & ((UINT64_C(1) << bits) - 1) : t;
	if (bits > 32) { /* a billion times what is left must not overflow */
		part = bits - 32 < 64 ? part >> (bits - 32) : 0;
		bits = 32;
	}
	return seconds_and(s, part * (uint64_t)NS_PER_SEC >> bits);
}

static int64_t from_decimal(uint64_t t, unsigned digits) /* units of 10^-digits s */
{
	for (; digits > 9; digits--)
		t /= 10;
	uint64_t unit = 1, ns = 1;
	for (unsigned i = 0; i < 9; i++) {
		unit *= i < digits ? 10 : 1;
		ns *= i < digits ? 1 : 10;
	}
	return seconds_and(t / unit, t % unit * ns);
}

static int64_t time_of(const struct iface *i, uint64_t t)
{
	int64_t ns =
		i->tsresol & 0x80 ? from_binary(t, i->tsresol & 0x7f) : from_decimal(t, i->tsresol);
	if (i->offset_s < -INT64_MAX / NS_PER_SEC || i->offset_s > INT64_MAX / NS_PER_SEC)
		return ns;
	int64_t offset = i->offset_s * NS_PER_SEC;
	if (offset > 0 && ns > INT64_MAX - offset)
		return INT64_MAX;
	return ns + offset < 0 ? 0 : ns + offset;
}

/* ---- options: 3.5 ---- */

struct option {
	uint16_t code, len;
	const uint8_t *value;
};

static bool next_option(const struct capread *c, struct rd *r, struct option *o)
{
	if (rd_left(r) < 4)
		return false;
	o->code = r16(c, r);
	o->len = r16(c, r);
	o->value = rd_take(r, o->len);
	rd_take(r, -o->len & 3u);
	return o->code && !r->bad;
}

/* ---- blocks ---- */

static struct iface *new_iface(struct capread *c)
{
	if (c->count == c->room) {
		size_t room = c->room ? 2 * c->room : 4;
		struct iface *v = realloc(c->iface, room * sizeof *v);
		if (!v)
			return NULL;
		c->iface = v;
		c->room = room;
	}
	c->iface[c->count] = (struct iface){ .tsresol = 6 };
	return &c->iface[c->count++];
}

static int interface(struct capread *c, struct rd r, struct err *e) /* 4.2 */
{
	enum { NAME = 2, TSRESOL = 9, TSOFFSET = 14 };
	struct option o;
	if (c->count == CAPREAD_INTERFACES_MAX)
		return broken(c, e, "more interfaces than there can be");
	struct iface *i = new_iface(c);
	if (!i)
		return -ENOMEM;
	i->linktype = r16(c, &r);
	r16(c, &r);
	i->snaplen = r32(c, &r);
	if (r.bad)
		return broken(c, e, "an interface block that is too short");
	while (next_option(c, &r, &o)) {
		struct rd v = rd_over(o.value, o.len);
		if (o.code == NAME) {
			size_t n = o.len < CAPREAD_NAME_LEN ? o.len : CAPREAD_NAME_LEN - 1;
			memcpy(i->name, o.value, n);
			i->name[n] = '\0';
		}
		if (o.code == TSRESOL && o.len == 1)
			i->tsresol = rd_u8(&v);
		if (o.code == TSOFFSET && o.len == 8)
			i->offset_s = (int64_t)r64(c, &v);
	}
	return 0;
}

static void frame_options(const struct capread *c, struct rd *r, struct capread_frame *f)
{
	enum { COMMENT = 1, FLAGS = 2, DROPCOUNT = 4 };
	struct option o;
	while (next_option(c, r, &o)) {
		struct rd v = rd_over(o.value, o.len);
		if (o.code == COMMENT && !f->comment) {
			f->comment = (const char *)o.value;
			f->comment_len = o.len;
		}
		if (o.code == FLAGS && o.len == 4)
			f->flags = r32(c, &v);
		if (o.code == DROPCOUNT && o.len == 8)
			f->lost = r64(c, &v);
	}
}

/* Enhanced packet block (4.3), and the packet block of old (appendix A) that differs in its first
 * words. */
static int frame(struct capread *c, struct rd r, bool old, struct capread_frame *f, struct err *e)
{
	*f = (struct capread_frame){ .iface = old ? r16(c, &r) : r32(c, &r) };
	if (old)
		f->lost = r16(c, &r);
	uint64_t high = r32(c, &r);
	uint64_t stamp = high << 32 | r32(c, &r);
	f->len = r32(c, &r);
	f->full_len = r32(c, &r);
	f->bytes = rd_take(&r, f->len);
	rd_take(&r, -f->len & 3);
	if (r.bad)
		return broken(c, e, "a frame that is longer than its block");
	if (f->iface >= c->count)
		return broken(c, e, "a frame of an interface that was not described");
	f->linktype = c->iface[f->iface].linktype;
	f->iface_name = c->iface[f->iface].name;
	f->ns = c->last_ns = time_of(&c->iface[f->iface], stamp);
	frame_options(c, &r, f);
	return 1;
}

static int simple_frame(struct capread *c, struct rd r, struct capread_frame *f,
			struct err *e) /* 4.4 */
{
	*f = (struct capread_frame){ .full_len = r32(c, &r), .ns = c->last_ns };
	if (!c->count)
		return broken(c, e, "a frame of an interface that was not described");
	uint32_t snap = c->iface[0].snaplen;
	f->len = snap && snap < f->full_len ? snap : f->full_len;
	f->linktype = c->iface[0].linktype;
	f->iface_name = c->iface[0].name;
	f->bytes = rd_take(&r, f->len);
	return r.bad ? broken(c, e, "a frame that is longer than its block") : 1;
}

static int section(struct capread *c, struct rd r, struct err *e) /* 4.1 */
{
	r32(c, &r); /* the byte order: was looked at */
	uint16_t major = r16(c, &r);
	r16(c, &r);
	r64(c, &r);
	if (r.bad)
		return broken(c, e, "a section header that is too short");
	if (major != 1)
		return broken(c, e, "a version of pcapng that is not known");
	c->count = 0;
	return 0;
}

/* The byte order of a section is told behind the length that it is needed for. false: neither. */
static bool find_order(struct capread *c, const uint8_t *magic)
{
	static const uint8_t big[] = { 0x1a, 0x2b, 0x3c, 0x4d },
			     little[] = { 0x4d, 0x3c, 0x2b, 0x1a };
	c->little = memcmp(magic, little, 4) == 0;
	return c->little || memcmp(magic, big, 4) == 0;
}

/* Looks at a block's type and length. 1: its body is of interest; 0: more bytes are needed; *skips:
 * it is not, all of it is skipped. */
static int block_head(struct capread *c, uint32_t *type, uint32_t *len, bool *skips, struct err *e)
{
	const uint8_t *at = c->buf + c->start;
	struct rd r = rd_over(at, here(c));
	*type = *len = 0;
	*skips = false;
	if (here(c) < BLOCK_LEAST)
		return 0;
	*type = r32(c, &r);
	if (*type == SECTION && !find_order(c, at + BLOCK_HEAD))
		return broken(c, e, "a section without a byte order");
	*len = r32(c, &(struct rd){ .p = at + 4, .end = at + BLOCK_HEAD });
	if (*len < BLOCK_LEAST || *len % 4)
		return broken(c, e, "a block whose length cannot be");
	*skips = *type != SECTION && *type != INTERFACE && *type != PACKET && *type != SIMPLE &&
		 *type != ENHANCED;
	if (!*skips && *len > CAPREAD_FRAME_MAX + BLOCK_MORE)
		return broken(c, e, "a block that is longer than any can be");
	return 1;
}

static int block(struct capread *c, struct capread_frame *f,
		 struct err *e) /* as capread_next(); 2: go on */
{
	uint32_t type, len;
	bool skips;
	int r = block_head(c, &type, &len, &skips, e);
	if (r <= 0)
		return r;
	if (skips) {
		c->skip = len;
		return 2;
	}
	if (here(c) < len)
		return 0;
	const uint8_t *at = c->buf + c->start;
	c->start += len;
	if (r32(c, &(struct rd){ .p = at + len - 4, .end = at + len }) != len)
		return broken(c, e, "a block whose two lengths differ");
	struct rd body = rd_over(at + BLOCK_HEAD, len - BLOCK_LEAST);
	if (type == ENHANCED || type == PACKET)
		return frame(c, body, type == PACKET, f, e);
	if (type == SIMPLE)
		return simple_frame(c, body, f, e);
	r = type == SECTION ? section(c, body, e) : interface(c, body, e);
	return r < 0 ? r : 2;
}

/* ---- classic pcap: draft-ietf-opsawg-pcap ---- */

static int pcap_head(struct capread *c, struct err *e)
{
	if (here(c) < PCAP_HEAD)
		return 0;
	struct rd r = rd_over(c->buf + c->start, PCAP_HEAD);
	uint32_t magic = rd_be32(&r);
	c->little = magic == 0xd4c3b2a1 || magic == 0x4d3cb2a1;
	bool ns = magic == 0x4d3cb2a1 || magic == 0xa1b23c4d;
	uint16_t major = r16(c, &r);
	rd_take(&r, 14); /* minor, two reserved words, snaplen */
	struct iface *i = new_iface(c);
	if (!i)
		return -ENOMEM;
	i->linktype = (uint16_t)r32(c, &r); /* above it: how long a check sequence is */
	i->tsresol = ns ? 9 : 6;
	c->start += PCAP_HEAD;
	return major == 2 ? 2 : broken(c, e, "a version of pcap that is not known");
}

static int pcap_record(struct capread *c, struct capread_frame *f, struct err *e)
{
	if (!c->count)
		return pcap_head(c, e);
	if (here(c) < PCAP_RECORD)
		return 0;
	struct rd r = rd_over(c->buf + c->start, here(c));
	uint64_t s = r32(c, &r), part = r32(c, &r);
	*f = (struct capread_frame){ .len = r32(c, &r), .full_len = r32(c, &r) };
	if (f->len > CAPREAD_FRAME_MAX)
		return broken(c, e, "a frame that is longer than any can be");
	f->bytes = rd_take(&r, f->len);
	if (r.bad)
		return 0;
	f->linktype = c->iface[0].linktype;
	f->iface_name = c->iface[0].name;
	f->ns = seconds_and(s, c->iface[0].tsresol == 9 ? part : part * 1000);
	c->start += PCAP_RECORD + f->len;
	return 1;
}

/* ---- both ---- */

static int find_format(struct capread *c, struct err *e)
{
	if (here(c) < 4)
		return 0;
	struct rd r = rd_over(c->buf + c->start, 4);
	switch (rd_be32(&r)) {
	case SECTION:
		c->format = PCAPNG;
		return 2;
	case 0xa1b2c3d4:
	case 0xd4c3b2a1:
	case 0xa1b23c4d:
	case 0x4d3cb2a1:
		c->format = PCAP;
		return 2;
	default:
		return broken(c, e, "neither pcapng nor pcap");
	}
}

static bool skip_some(struct capread *c) /* true: all of it */
{
	size_t n = c->skip < here(c) ? (size_t)c->skip : here(c);
	c->start += n;
	c->skip -= n;
	return !c->skip;
}

int capread_next(struct capread *c, struct capread_frame *f, struct err *e)
{
	int r = 2;
	if (c->bad)
		return err_set(e, -EBADMSG, "the capture is broken");
	while (r == 2) {
		if (!skip_some(c))
			return 0;
		if (c->format == UNKNOWN)
			r = find_format(c, e);
		else
			r = c->format == PCAP ? pcap_record(c, f, e) : block(c, f, e);
	}
	return r;
}

int capread_end(const struct capread *c, struct err *e)
{
	if (c->bad)
		return err_set(e, -EBADMSG, "the capture is broken");
	if (c->format == UNKNOWN && !here(c))
		return err_set(e, -EBADMSG, "empty: neither pcapng nor pcap");
	if (c->skip || here(c) || (c->format == PCAP && !c->count))
		return err_set(e, -EBADMSG, "the capture ends in the middle of a %s",
			       c->format == PCAPNG ? "block" : "frame");
	return 0;
}
