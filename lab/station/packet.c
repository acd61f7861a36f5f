/* SPDX-License-Identifier: MIT */
/* packet.c - an IPv4 packet under construction in a pooled buffer. */
#include <assert.h>

#include "lab/station/inner.h"

uint32_t ether_head_len(const struct station *s)
{
	return s->config.tag ? ETH_HLEN + 4 : ETH_HLEN;
}

void ether_write(const struct station *s, struct wr *w, const uint8_t dst[static 6], uint16_t type)
{
	wr_bytes(w, dst, ETH_ALEN);
	wr_bytes(w, s->config.mac, ETH_ALEN);
	if (s->config.tag) {
		wr_be16(w, ETHERTYPE_CVLAN);
		wr_be16(w, s->config.tag);
	}
	wr_be16(w, type);
}

bool packet_begin(struct station *s, struct packet *p, uint32_t dst, uint8_t proto, size_t len)
{
	static const uint8_t open_address[ETH_ALEN]; /* arp_send() writes it */
	size_t total = ether_head_len(s) + IPV4_HLEN + len;
	assert(total <= ETH_FRAME_MAX);
	p->buf = pool_get(s->pool, (uint32_t)total);
	if (!p->buf) {
		count_drop(s, STATION_NO_BUFFER);
		s->stats.tx_dropped++;
		return false;
	}
	p->w = wr_over(p->buf->bytes, total);
	p->dst = dst;
	ether_write(s, &p->w, open_address, ETHERTYPE_IPV4);
	ipv4_write(&p->w, s->config.ip, dst, proto, (uint16_t)len);
	p->payload = p->w.p;
	return true;
}

uint64_t packet_pseudo_sum(const struct station *s, const struct packet *p, uint8_t proto)
{
	return ipv4_pseudo_sum(s->config.ip, p->dst, proto, (size_t)(p->w.end - p->payload));
}

void packet_checksum(const struct packet *p, size_t at, uint64_t sum)
{
	sum = inet_sum(sum, p->payload, (size_t)(p->w.end - p->payload));
	struct wr w = wr_over(p->payload + at, 2);
	wr_be16(&w, inet_checksum(sum));
}

void packet_send(struct station *s, struct packet *p, int64_t now)
{
	assert(!p->w.bad && p->w.p == p->w.end);
	arp_send(s, p->dst, p->buf, (uint32_t)wr_len(&p->w), now);
}
