/* SPDX-License-Identifier: MIT */
/* frame.c - reading the header of a frame once, and sending it with another one. */
#include "lib/base/frame.h"

#include <errno.h>
#include <string.h>

#include "lib/base/wire.h"

static bool is_tag(uint16_t type)
{
	return type == ETHERTYPE_CVLAN || type == ETHERTYPE_SVLAN;
}

bool frame_parse(struct frame *f)
{
	*f = (struct frame){
		.data = f->data,
		.buf = f->buf,
		.rx_ns = f->rx_ns,
		.len = f->len,
		.port = f->port,
		.gso_type = f->gso_type,
		.gso_size = f->gso_size,
		.csum_start = f->csum_start,
		.csum_off = f->csum_off,
		.segs = 1,
	};
	if (f->len < ETH_HLEN)
		return false;
	struct rd r = rd_over(f->data, f->len);
	rd_bytes(&r, f->mac, sizeof f->mac);
	uint16_t type = rd_be16(&r);
	while (is_tag(type) && f->ntags < 2) {
		f->tag[f->ntags++] = (struct tag){ .tpid = type, .tci = rd_be16(&r) };
		type = rd_be16(&r); /* a tag stands before a type: 802.1Q-2018 9.3 */
	}
	if (r.bad) {
		f->ntags = 0;
		memset(f->tag, 0, sizeof f->tag);
	}
	return !r.bad;
}

struct frame frame_over(const void *bytes, size_t len, bool *ok)
{
	assert(len <= UINT32_MAX);
	struct frame f = { .data = bytes, .len = (uint32_t)len };
	bool good = frame_parse(&f);
	if (ok)
		*ok = good;
	return f;
}

struct txv txv_plain(const struct frame *f)
{
	struct txv v = { .f = f };
	struct wr w = wr_over(v.hdr, sizeof v.hdr);
	wr_bytes(&w, f->mac, sizeof f->mac);
	for (unsigned i = 0; i < f->ntags; i++) {
		wr_be16(&w, f->tag[i].tpid);
		wr_be16(&w, f->tag[i].tci);
	}
	assert(!w.bad);
	v.hlen = (uint8_t)wr_len(&w);
	return v;
}

void txv_copy(const struct txv *v, uint8_t *out)
{
	uint32_t len;
	const uint8_t *body = txv_body(v, &len);
	memcpy(out, v->hdr, v->hlen);
	memcpy(out + v->hlen, body, len);
}

int frame_keep(struct frame *f, struct pool *p)
{
	if (f->buf) {
		buf_ref(f->buf);
		return 0;
	}
	struct buf *b = pool_get(p, f->len);
	if (!b)
		return -ENOBUFS;
	if (f->len)
		memcpy(b->bytes, f->data, f->len);
	f->data = b->bytes;
	f->buf = b;
	return 0;
}

int frame_keep_txv(struct frame *out, const struct txv *v, struct pool *p)
{
	const struct frame *f = v->f;
	const uint32_t own = 12u + 4u * f->ntags; /* header bytes in f's own data */
	if (v->hlen == own && memcmp(v->hdr, f->data, own) == 0) {
		struct frame same = *f;
		int r = frame_keep(&same, p);
		if (!r)
			*out = same;
		return r;
	}
	struct buf *b = pool_get(p, txv_len(v));
	if (!b)
		return -ENOBUFS;
	txv_copy(v, b->bytes);
	bool ok;
	struct frame kept = frame_over(b->bytes, txv_len(v), &ok);
	if (!ok) {
		buf_unref(b);
		return -EINVAL;
	}
	kept.buf = b;
	kept.rx_ns = f->rx_ns;
	kept.port = f->port;
	kept.vid = f->vid;
	kept.prio = f->prio;
	kept.flags = f->flags;
	kept.segs = f->segs;
	kept.gso_type = f->gso_type;
	kept.gso_size = f->gso_size;
	kept.csum_off = f->csum_off;
	if (f->csum_start) /* counts from the first byte, and the header may have grown */
		kept.csum_start = (uint16_t)(f->csum_start + v->hlen - own);
	*out = kept;
	return 0;
}
