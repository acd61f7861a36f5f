/* SPDX-License-Identifier: MIT */
/* inet.c - the Internet checksum (RFC 1071) and the IPv4 header (RFC 791). */
#include "lab/station/inet.h"

uint64_t inet_sum(uint64_t sum, const void *bytes, size_t len)
{
	struct rd r = rd_over(bytes, len);
	while (rd_left(&r) >= 4)
		sum += rd_be32(&r); /* two words at once: they fold together at the end */
	if (rd_left(&r) >= 2)
		sum += rd_be16(&r);
	if (rd_left(&r))
		sum += (uint64_t)rd_u8(&r) << 8; /* padded with a zero byte */
	return sum;
}

uint16_t inet_checksum(uint64_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

enum ipv4_verdict ipv4_read(struct ipv4 *h, const uint8_t *packet, size_t len)
{
	struct rd r = rd_over(packet, len);
	unsigned first = rd_u8(&r);
	size_t hlen = (first & 15) * 4u;
	rd_u8(&r);
	size_t total = rd_be16(&r);
	rd_be16(&r); /* identification */
	unsigned frag = rd_be16(&r);
	rd_u8(&r); /* time to live: a host does not look at it (RFC 1122 3.2.1.7) */
	h->proto = rd_u8(&r);
	rd_be16(&r);
	h->src = rd_be32(&r);
	h->dst = rd_be32(&r);
	if (r.bad || first >> 4 != 4 || hlen < IPV4_HLEN || total < hlen || total > len)
		return IPV4_MALFORMED;
	if (inet_checksum(inet_sum(0, packet, hlen)) != 0)
		return IPV4_CHECKSUM;
	if (frag & 0x3fff) /* more fragments, or an offset */
		return IPV4_FRAGMENT;
	h->payload = packet + hlen; /* options are passed over */
	h->len = (uint16_t)(total - hlen);
	return IPV4_GOOD;
}

void ipv4_write(struct wr *w, uint32_t src, uint32_t dst, uint8_t proto, uint16_t len)
{
	uint8_t *start = w->p;
	wr_be16(w, 0x4500);
	wr_be16(w, (unsigned)IPV4_HLEN + len);
	wr_be16(w,
		0); /* identification: free to be anything in an atomic datagram (RFC 6864 4.1) */
	wr_be16(w, 0x4000); /* do not fragment */
	wr_u8(w, IPV4_TTL);
	wr_u8(w, proto);
	uint8_t *sum = wr_take(w, 2);
	if (sum)
		sum[0] = sum[1] = 0;
	wr_be32(w, src);
	wr_be32(w, dst);
	if (w->bad)
		return;
	struct wr at = wr_over(sum, 2);
	wr_be16(&at, inet_checksum(inet_sum(0, start, IPV4_HLEN)));
}

uint64_t ipv4_pseudo_sum(uint32_t src, uint32_t dst, uint8_t proto, size_t len)
{
	return (uint64_t)src + dst + proto + len;
}
