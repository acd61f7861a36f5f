/* SPDX-License-Identifier: MIT */
/* segment.c - the TCP header (RFC 9293 3.1) and its options. */
#include "lab/station/segment.h"

enum { OPT_END = 0, OPT_NOP = 1, OPT_MSS = 2, OPT_SCALE = 3 };
enum { SCALE_MAX = 14 }; /* RFC 7323 2.3 */

/* false: an option that runs over the end of the header, or one of ours with a wrong length. */
static bool read_options(struct segment *g, struct rd r)
{
	while (rd_left(&r) && !r.bad) {
		unsigned kind = rd_u8(&r);
		if (kind == OPT_END)
			return true;
		if (kind == OPT_NOP)
			continue;
		unsigned len = rd_u8(&r);
		const uint8_t *body = len >= 2 ? rd_take(&r, len - 2) : NULL;
		if (!body || (kind == OPT_MSS && len != 4) || (kind == OPT_SCALE && len != 3))
			return false;
		if (kind == OPT_MSS) {
			g->mss = (uint16_t)(body[0] << 8 | body[1]);
		} else if (kind == OPT_SCALE) {
			g->scales = true;
			g->scale = body[0] > SCALE_MAX ? SCALE_MAX : body[0];
		}
	}
	return !r.bad;
}

enum segment_verdict segment_read(struct segment *g, const struct ipv4 *ip)
{
	struct rd r = rd_over(ip->payload, ip->len);
	*g = (struct segment){ 0 };
	g->src = rd_be16(&r);
	g->dst = rd_be16(&r);
	g->seq = rd_be32(&r);
	g->ack = rd_be32(&r);
	size_t hlen = (rd_u8(&r) >> 4) * 4u;
	g->flags = rd_u8(&r);
	g->window = rd_be16(&r);
	rd_be32(&r); /* checksum, urgent pointer */
	if (r.bad || hlen < TCP_HLEN)
		return SEGMENT_MALFORMED;
	const uint8_t *options = rd_take(&r, hlen - TCP_HLEN);
	if (!options)
		return SEGMENT_MALFORMED;
	uint64_t sum = ipv4_pseudo_sum(ip->src, ip->dst, IPPROTO_OF_TCP, ip->len);
	if (inet_checksum(inet_sum(sum, ip->payload, ip->len)) != 0)
		return SEGMENT_CHECKSUM;
	if (!read_options(g, rd_over(options, hlen - TCP_HLEN)))
		return SEGMENT_MALFORMED;
	g->data = r.p;
	g->len = (uint16_t)rd_left(&r);
	return SEGMENT_GOOD;
}

void segment_write(struct wr *w, const struct segment *g)
{
	bool options = g->flags & TCP_SYN;
	wr_be16(w, g->src);
	wr_be16(w, g->dst);
	wr_be32(w, g->seq);
	wr_be32(w, g->ack);
	wr_u8(w, (options ? TCP_SYN_HLEN : TCP_HLEN) / 4u << 4);
	wr_u8(w, g->flags);
	wr_be16(w, g->window);
	wr_be32(w, 0);
	if (!options)
		return;
	wr_u8(w, OPT_MSS);
	wr_u8(w, 4);
	wr_be16(w, g->mss);
	if (g->scales) {
		wr_u8(w, OPT_NOP);
		wr_u8(w, OPT_SCALE);
		wr_u8(w, 3);
		wr_u8(w, g->scale);
	} else {
		wr_zero(w, 4); /* end of options */
	}
}
