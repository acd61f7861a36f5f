/* SPDX-License-Identifier: MIT */
/* gso.c - checksums and segmentation in place of a network card. */
#include "lib/base/gso.h"

#include <string.h>

#include "lib/base/wire.h"

enum {
	IP_TCP = 6,
	IP_UDP = 17,
	IP4_LEAST = 20,
	IP6_LEN = 40,
	TCP_LEAST = 20,
	TCP_SUM = 16,
	UDP_LEN = 8,
	UDP_SUM = 6,
	TCP_FIN = 0x01,
	TCP_PSH = 0x08,
	TCP_CWR = 0x80,
};

static uint16_t get16(const uint8_t *p)
{
	struct rd r = rd_over(p, 2);
	return rd_be16(&r);
}

static void put16(uint8_t *p, unsigned v)
{
	struct wr w = wr_over(p, 2);
	wr_be16(&w, v);
}

/* ---- checksums ---- */

/* Words may be added in any order of their bytes (RFC 1071 1B), so they are added as they lie. */
uint32_t checksum_add(uint32_t sum, const uint8_t *p, size_t len)
{
	uint64_t even = 0, odd = 0, word;
	for (; len >= sizeof word; p += sizeof word, len -= sizeof word) {
		memcpy(&word, p, sizeof word);
		even += word & 0xffffffff;
		odd += word >> 32;
	}
	word = 0;
	if (len)
		memcpy(&word, p, len);
	uint64_t all = (even & 0xffffffff) + (even >> 32) + (odd & 0xffffffff) + (odd >> 32) +
		       (word & 0xffffffff) + (word >> 32);
	while (all >> 16)
		all = (all & 0xffff) + (all >> 16);
	uint16_t folded = (uint16_t)all;
	uint8_t bytes[2];
	memcpy(bytes, &folded, sizeof bytes);
	uint64_t total = (uint64_t)sum + get16(bytes);
	return (uint32_t)(total + (total >> 32));
}

uint16_t checksum_fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* ---- what a frame needs, and whether that can be ---- */

static unsigned kind_of(const struct frame *f)
{
	return f->gso_type & ~(unsigned)GSO_ECN;
}

unsigned gso_needs_(const struct frame *f)
{
	unsigned needs = OFFLOAD_CSUM;
	switch (kind_of(f)) {
	case GSO_TCP4:
		needs |= OFFLOAD_TCP4;
		break;
	case GSO_TCP6:
		needs |= OFFLOAD_TCP6;
		break;
	case GSO_UDP:
		needs |= OFFLOAD_UDP;
		break;
	}
	return needs | (f->gso_type & GSO_ECN ? (unsigned)OFFLOAD_ECN : 0);
}

/* Where the IP header begins, behind all tags; 0: there is none. */
static uint32_t find_ip(const uint8_t *b, uint32_t len)
{
	uint32_t at = 2 * ETH_ALEN;
	while (at + 6 <= len &&
	       (get16(b + at) == ETHERTYPE_CVLAN || get16(b + at) == ETHERTYPE_SVLAN))
		at += 4;
	return at + 2 + IP4_LEAST <= len ? at + 2 : 0;
}

/* Bytes of all headers of a bundle; 0: they do not fit together. */
uint32_t gso_head_(const struct frame *f)
{
	unsigned kind = kind_of(f);
	uint32_t l3 = find_ip(f->data, f->len), l4 = f->csum_start;
	if (!l3)
		return 0;
	bool v6 = f->data[l3] >> 4 == 6, udp = kind == GSO_UDP;
	uint32_t ip_len = v6 ? IP6_LEN : (f->data[l3] & 15) * 4u;
	if (!(kind == GSO_TCP6 ? v6 : kind == GSO_TCP4 ? !v6 : udp) || ip_len < IP4_LEAST)
		return 0;
	/* Extension headers may stand between IPv6 and TCP, nothing may between IPv4 and TCP. */
	if (v6 ? l4 < l3 + ip_len : l4 != l3 + ip_len)
		return 0;
	if (l4 + (udp ? UDP_LEN : TCP_LEAST) > f->len || f->csum_off != (udp ? UDP_SUM : TCP_SUM))
		return 0;
	uint32_t l4_len = udp ? UDP_LEN : (f->data[l4 + 12] >> 4) * 4u;
	if (!udp && l4_len < TCP_LEAST)
		return 0;
	return l4 + l4_len <= GSO_HEAD_MAX ? l4 + l4_len : 0;
}

static bool check_bundle(struct frame *f)
{
	uint32_t head = gso_head_(f);
	if (!head || head >= f->len || f->len > GSO_BUNDLE_MAX || f->gso_size < GSO_SIZE_LEAST)
		return false;
	f->segs = (uint16_t)((f->len - head + f->gso_size - 1) / f->gso_size);
	return true;
}

bool gso_check_(struct frame *f)
{
	bool inside = f->csum_start >= ETH_HLEN + 4u * f->ntags &&
		      (uint32_t)f->csum_start + f->csum_off + 2 <= f->len;
	if (inside && (f->gso_type == GSO_NONE || check_bundle(f)))
		return true;
	f->gso_type = GSO_NONE;
	f->gso_size = f->csum_start = f->csum_off = 0;
	return false;
}

/* How much longer its headers are as `v` sends them; may be below zero. */
static uint32_t longer(const struct txv *v)
{
	return v->hlen - 12u - 4u * v->f->ntags;
}

/* ---- cutting ---- */

void gso_begin(struct gso *g, const struct txv *v)
{
	*g = (struct gso){ .v = *v };
	g->body = txv_body(v, &g->body_len);
	g->l4 = v->f->csum_start ? v->f->csum_start + longer(v) : 0;
	if (kind_of(v->f) == GSO_NONE)
		return;
	uint32_t l3 = find_ip(v->f->data, v->f->len);
	g->v6 = v->f->data[l3] >> 4 == 6;
	g->udp = kind_of(v->f) == GSO_UDP;
	g->l3 = l3 + longer(v);
	g->head = gso_head_(v->f) + longer(v);
}

static uint32_t payload_left(const struct gso *g)
{
	return g->v.hlen + g->body_len - g->head - g->at;
}

void gso_skip(struct gso *g, uint32_t frames)
{
	uint64_t bytes = g->head ? (uint64_t)frames * g->v.f->gso_size : frames ? UINT32_MAX : 0;
	if (bytes >= payload_left(g)) {
		g->done = true;
		return;
	}
	g->at += (uint32_t)bytes;
	g->index += frames;
}

/* Puts the sum over everything from l4 on in; `sum` is that of the pseudo header. UDP's zero would
 * mean "none" (RFC 768). */
static void put_sum(uint8_t *l4, size_t len, size_t at, uint32_t sum)
{
	uint16_t v = checksum_fold(checksum_add(sum, l4, len));
	put16(l4 + at, !v && at == UDP_SUM ? 0xffff : v);
}

/* Sum of the pseudo header: addresses, protocol, length (RFC 9293 3.1, RFC 8200 8.1). */
static uint32_t pseudo(const struct gso *g, const uint8_t *f, size_t l4_len)
{
	uint32_t sum = checksum_add(0, f + g->l3 + (g->v6 ? 8 : 12), g->v6 ? 32 : 8);
	return sum + (g->udp ? IP_UDP : IP_TCP) + (uint32_t)l4_len;
}

static void fix_ip(const struct gso *g, uint8_t *f, size_t len)
{
	uint8_t *ip = f + g->l3;
	if (g->v6) {
		put16(ip + 4, (unsigned)(len - g->l3 - IP6_LEN));
		return;
	}
	put16(ip + 2, (unsigned)(len - g->l3));
	put16(ip + 4, get16(ip + 4) + g->index); /* each frame its own identification */
	put16(ip + 10, 0);
	put16(ip + 10, checksum_fold(checksum_add(0, ip, (ip[0] & 15) * 4u)));
}

static void fix_l4(const struct gso *g, uint8_t *f, size_t len, bool last)
{
	uint8_t *l4 = f + g->l4;
	size_t l4_len = len - g->l4, sum_at = g->udp ? UDP_SUM : TCP_SUM;
	if (g->udp) {
		put16(l4 + 4, (unsigned)l4_len);
	} else {
		struct rd r = rd_over(l4 + 4, 4);
		struct wr w = wr_over(l4 + 4, 4);
		wr_be32(&w, rd_be32(&r) + g->at);
		if (!last)
			l4[13] &= (uint8_t) ~(TCP_FIN | TCP_PSH);
		if (g->index)
			l4[13] &= (uint8_t)~TCP_CWR; /* said once (RFC 3168 6.1.2) */
	}
	put16(l4 + sum_at, 0);
	put_sum(l4, l4_len, sum_at, pseudo(g, f, l4_len));
}

/* One that is no bundle: only its checksum is missing. */
static uint32_t whole(struct gso *g, uint8_t *out)
{
	const struct frame *f = g->v.f;
	uint32_t len = txv_len(&g->v);
	txv_copy(&g->v, out);
	if (f->csum_start) /* the field holds the pseudo header's sum */
		put_sum(out + g->l4, len - g->l4, f->csum_off, 0);
	g->done = true;
	return len;
}

uint32_t gso_next(struct gso *g, uint8_t *out)
{
	if (!g->head)
		return whole(g, out);
	uint32_t left = payload_left(g), n = left < g->v.f->gso_size ? left : g->v.f->gso_size,
		 skip = g->head - g->v.hlen, len = g->head + n;
	memcpy(out, g->v.hdr, g->v.hlen);
	memcpy(out + g->v.hlen, g->body, skip);
	memcpy(out + g->head, g->body + skip + g->at, n);
	g->done = n == left;
	fix_ip(g, out, len);
	fix_l4(g, out, len, g->done);
	g->at += n;
	g->index++;
	return len;
}
