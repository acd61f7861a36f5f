/* SPDX-License-Identifier: MIT */
/* gso.c - checksums and segmentation in place of a network card. */
#include "lib/io/ep/gso.h"

#include <string.h>

#include "lib/base/ether.h" /* before the kernel's: some of its macros are our constants' names */
#include "lib/base/wire.h"

#include <linux/virtio_net.h>

enum {
	IP_TCP = 6,
	IP_UDP = 17,
	TCP_LEAST = 20,
	UDP_LEN = 8,
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

uint32_t checksum_add(uint32_t sum, const uint8_t *p, size_t len)
{
	uint64_t s = sum;
	for (; len > 1; p += 2, len -= 2)
		s += (uint64_t)(p[0] << 8 | p[1]);
	if (len)
		s += (uint64_t)p[0] << 8;
	while (s >> 32)
		s = (s & 0xffffffff) + (s >> 32);
	return (uint32_t)s;
}

uint16_t checksum_fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

void checksum_finish(const struct virtio_net_hdr *h, uint8_t *frame, size_t len)
{
	size_t start = h->csum_start, at = start + h->csum_offset;
	if (!(h->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) || at + 2 > len)
		return;
	uint16_t sum = checksum_fold(checksum_add(
		0, frame + start, len - start)); /* the field holds the pseudo header's */
	put16(frame + at, !sum && h->csum_offset == 6
				  ? 0xffff
				  : sum); /* UDP: zero would mean "none" (RFC 768) */
}

/* Where the IP header begins, behind the tags that are still there; 0: there is none. */
static size_t find_ip(const uint8_t *b, size_t len)
{
	size_t at = 12;
	while (at + 6 <= len &&
	       (get16(b + at) == ETHERTYPE_CVLAN || get16(b + at) == ETHERTYPE_SVLAN))
		at += 4;
	return at + 2 + 20 <= len ? at + 2
				  : 0; /* 20: IPv4's shortest; IPv6's is seen to by its caller */
}

bool gso_begin(struct gso *g, const uint8_t *bytes, size_t len, const struct virtio_net_hdr *h)
{
	unsigned kind = h->gso_type & ~VIRTIO_NET_HDR_GSO_ECN;
	enum { UDP_L4 = 5 }; /* VIRTIO_NET_HDR_GSO_UDP_L4, newer than some headers */
	*g = (struct gso){ .bytes = bytes,
			   .len = len,
			   .mss = h->gso_size,
			   .l3 = find_ip(bytes, len),
			   .l4 = h->csum_start };
	if (!g->l3 || !g->mss || !(h->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM))
		return false;
	g->v6 = bytes[g->l3] >> 4 == 6;
	g->udp = kind == UDP_L4;
	size_t ip_len = g->v6 ? 40 : (bytes[g->l3] & 15) * 4u;
	bool fits = kind == VIRTIO_NET_HDR_GSO_TCPV6   ? g->v6
		    : kind == VIRTIO_NET_HDR_GSO_TCPV4 ? !g->v6
						       : g->udp;
	/* Extension headers may stand between IPv6 and TCP, nothing may between IPv4 and TCP. */
	if (!fits || ip_len < 20 || (g->v6 ? g->l4 < g->l3 + ip_len : g->l4 != g->l3 + ip_len))
		return false;
	if (g->l4 + (g->udp ? UDP_LEN : TCP_LEAST) > len)
		return false;
	g->head = g->l4 + (g->udp ? UDP_LEN : (bytes[g->l4 + 12] >> 4) * 4u);
	return g->head < len && (g->udp || g->head >= g->l4 + TCP_LEAST);
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
		put16(ip + 4, (unsigned)(len - g->l3 - 40));
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
	size_t l4_len = len - g->l4, sum_at = g->udp ? 6 : 16;
	if (g->udp) {
		put16(l4 + 4, (unsigned)l4_len);
	} else {
		struct rd r = rd_over(l4 + 4, 4);
		struct wr w = wr_over(l4 + 4, 4);
		wr_be32(&w, rd_be32(&r) + (uint32_t)g->at);
		if (!last)
			l4[13] &= (uint8_t) ~(TCP_FIN | TCP_PSH);
		if (g->index)
			l4[13] &= (uint8_t)~TCP_CWR; /* said once (RFC 3168 6.1.2) */
	}
	put16(l4 + sum_at, 0);
	uint16_t sum = checksum_fold(checksum_add(pseudo(g, f, l4_len), l4, l4_len));
	put16(l4 + sum_at, !sum && g->udp ? 0xffff : sum);
}

size_t gso_next(struct gso *g, uint8_t *out, size_t room)
{
	size_t n = g->len - g->head - g->at;
	if (n > g->mss)
		n = g->mss;
	size_t len = g->head + n;
	if (len > room)
		return 0;
	memcpy(out, g->bytes, g->head);
	memcpy(out + g->head, g->bytes + g->head + g->at, n);
	fix_ip(g, out, len);
	fix_l4(g, out, len, g->head + g->at + n == g->len);
	g->at += n;
	g->index++;
	return len;
}
