/* SPDX-License-Identifier: MIT */
/* pcapng.c - the blocks of a capture file; section numbers are those of
 * draft-ietf-opsawg-pcapng-02. */
#include "lib/proto/pcapng.h"

enum block { BLOCK_INTERFACE = 1, BLOCK_STATS = 5, BLOCK_FRAME = 6, BLOCK_SECTION = 0x0a0d0d0a };

enum option {
	OPT_END = 0,
	OPT_COMMENT = 1,
	SHB_APPLICATION = 4,
	IF_NAME = 2,
	IF_DESCRIPTION = 3,
	IF_SPEED = 8,
	IF_TSRESOL = 9,
	IF_FILTER = 11,
	EPB_FLAGS = 2,
	EPB_DROPCOUNT = 4,
	ISB_STARTTIME = 2,
	ISB_IFRECV = 4,
	ISB_IFDROP = 5,
	ISB_FILTERACCEPT = 6,
	ISB_OSDROP = 7,
	ISB_USRDELIV = 8,
};

enum { LINKTYPE_ETHERNET = 1, TSRESOL_NS = 9, FILTER_EXPRESSION = 0 };

static void le16(struct wr *w, unsigned v)
{
	wr_u8(w, v & 0xff);
	wr_u8(w, v >> 8 & 0xff);
}

static void le32(struct wr *w, uint32_t v)
{
	le16(w, v & 0xffff);
	le16(w, v >> 16);
}

static void le64(struct wr *w, uint64_t v)
{
	le32(w, (uint32_t)v);
	le32(w, (uint32_t)(v >> 32));
}

/* 3.1: type, length, body, the length again. The length is filled in at the end. */
static struct wr begin(struct wr *w, enum block type)
{
	struct wr at = *w;
	le32(w, type);
	le32(w, 0);
	return at;
}

static void end(struct wr *w, struct wr at)
{
	uint32_t len = (uint32_t)(w->p - at.p) + 4;
	le32(w, len);
	at.p += w->bad ? 0 : 4;
	if (!w->bad)
		le32(&at, len);
}

static void pad(struct wr *w, uint32_t len) /* to 32 bits: 3.5 and 4.3 */
{
	wr_zero(w, -len & 3);
}

static void option(struct wr *w, enum option code, const void *value, uint32_t len)
{
	le16(w, code);
	le16(w, len);
	wr_bytes(w, value, len);
	pad(w, len);
}

/* Text is UTF-8 and not terminated; what is too long is cut before a character, not within one. */
static uint32_t text_len(const char *s)
{
	uint32_t n = 0;
	while (s[n] && n < PCAPNG_TEXT_MAX)
		n++;
	while (s[n] && n && (s[n] & 0xc0) == 0x80)
		n--;
	return n;
}

static void text(struct wr *w, enum option code, const char *s)
{
	if (!s || !*s)
		return;
	option(w, code, s, text_len(s));
}

static void number(struct wr *w, enum option code, uint64_t v)
{
	le16(w, code);
	le16(w, 8);
	le64(w, v);
}

static void no_more_options(struct wr *w)
{
	le16(w, OPT_END);
	le16(w, 0);
}

static void stamp(struct wr *w,
		  int64_t ns) /* high half first, each in the order of the file: 4.3 */
{
	le32(w, (uint32_t)((uint64_t)ns >> 32));
	le32(w, (uint32_t)ns);
}

void pcapng_section(struct wr *w, const char *application, const char *comment) /* 4.1 */
{
	struct wr at = begin(w, BLOCK_SECTION);
	le32(w, 0x1a2b3c4d); /* tells the byte order */
	le16(w, 1);
	le16(w, 0);
	le64(w, UINT64_MAX); /* the length of the section is not known */
	text(w, OPT_COMMENT, comment);
	text(w, SHB_APPLICATION, application);
	no_more_options(w);
	end(w, at);
}

static void filter(struct wr *w, const char *expression) /* a code, then the text: 4.2 */
{
	if (!expression || !*expression)
		return;
	uint32_t len = text_len(expression) + 1;
	le16(w, IF_FILTER);
	le16(w, len);
	wr_u8(w, FILTER_EXPRESSION);
	wr_bytes(w, expression, len - 1);
	pad(w, len);
}

void pcapng_interface(struct wr *w, const struct pcapng_interface *i) /* 4.2 */
{
	struct wr at = begin(w, BLOCK_INTERFACE);
	le16(w, LINKTYPE_ETHERNET);
	le16(w, 0);
	le32(w, 0); /* no limit of length */
	text(w, IF_NAME, i->name);
	text(w, IF_DESCRIPTION, i->descr);
	if (i->speed_bps)
		number(w, IF_SPEED, i->speed_bps);
	option(w, IF_TSRESOL, &(uint8_t){ TSRESOL_NS }, 1);
	filter(w, i->filter);
	no_more_options(w);
	end(w, at);
}

void pcapng_frame(struct wr *w, const struct pcapng_frame *f) /* 4.3 */
{
	uint32_t len = pieces_len(&f->bytes);
	struct wr at = begin(w, BLOCK_FRAME);
	le32(w, f->iface);
	stamp(w, f->ns);
	le32(w, len);
	le32(w, len);
	for (unsigned i = 0; i < 2; i++)
		wr_bytes(w, f->bytes.p[i], f->bytes.len[i]);
	pad(w, len);
	text(w, OPT_COMMENT, f->comment);
	if (f->flags) {
		le16(w, EPB_FLAGS);
		le16(w, 4);
		le32(w, f->flags);
	}
	if (f->lost)
		number(w, EPB_DROPCOUNT, f->lost);
	if (f->flags || f->lost || (f->comment && *f->comment))
		no_more_options(w);
	end(w, at);
}

void pcapng_stats(struct wr *w, const struct pcapng_stats *s) /* 4.6 */
{
	struct wr at = begin(w, BLOCK_STATS);
	le32(w, s->iface);
	stamp(w, s->ns);
	text(w, OPT_COMMENT, s->comment);
	le16(w, ISB_STARTTIME);
	le16(w, 8);
	stamp(w, s->start_ns);
	number(w, ISB_IFRECV, s->seen);
	number(w, ISB_IFDROP, s->dropped);
	number(w, ISB_FILTERACCEPT, s->accepted);
	number(w, ISB_OSDROP, s->lost);
	number(w, ISB_USRDELIV, s->accepted - s->lost);
	no_more_options(w);
	end(w, at);
}
