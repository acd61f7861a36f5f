/* SPDX-License-Identifier: MIT */
/* ipv6.c - as much of IPv6 as others need to find a station: it answers for its link-local address
 * (RFC 4291 appendix A) to neighbour solicitations (RFC 4861) and echo requests (RFC 4443). It asks
 * for nobody and says nothing by itself. */
#include <string.h>

#include "lab/station/inner.h"

enum {
	IPV6_LEN = 16,
	IPV6_HLEN = 40,
	IPPROTO_OF_ICMPV6 = 58,
	ECHO_REQUEST = 128,
	ECHO_REPLY = 129,
	SOLICITATION = 135,
	ADVERTISEMENT = 136,
	HOPS = 64,
	HOPS_OF_NEIGHBOURS = 255, /* nothing from beyond a router: RFC 4861 7.1.1 */
	OPTION_SOURCE = 1,        /* link-layer addresses, 4.6.1 */
	OPTION_TARGET = 2,
	SOLICITED = 0x40, /* flags of an advertisement, 4.4 */
	OVERRIDE = 0x20,
};

struct ipv6 {
	const uint8_t *src, *dst, *body;
	size_t len;
	uint8_t hops;
	uint8_t from[ETH_ALEN]; /* who sent the frame */
};

static const uint8_t unspecified[IPV6_LEN];
static const uint8_t all_nodes[IPV6_LEN] = { 0xff, 2, [15] = 1 };
static const uint8_t all_nodes_mac[ETH_ALEN] = { 0x33, 0x33, 0, 0, 0, 1 };

void ipv6_own(const uint8_t mac[static ETH_ALEN], uint8_t out[static 16])
{
	const uint8_t a[IPV6_LEN] = {
		0xfe,   0x80,   0,    0,    0,      0,      0,     0, (uint8_t)(mac[0] ^ 2),
		mac[1], mac[2], 0xff, 0xfe, mac[3], mac[4], mac[5]
	};
	memcpy(out, a, sizeof a);
}

static bool same(const uint8_t *a, const uint8_t *b)
{
	return memcmp(a, b, IPV6_LEN) == 0;
}

static uint64_t pseudo_sum(const uint8_t *src, const uint8_t *dst, size_t len) /* RFC 8200 8.1 */
{
	const uint8_t tail[8] = { 0, 0, (uint8_t)(len >> 8), (uint8_t)len, 0,
				  0, 0, IPPROTO_OF_ICMPV6 };
	return inet_sum(inet_sum(inet_sum(0, src, IPV6_LEN), dst, IPV6_LEN), tail, sizeof tail);
}

/* An ICMPv6 message from us: `head` begins with its type; its checksum is open. */
static void answer(struct station *s, const uint8_t *mac, const uint8_t *to, uint8_t hops,
		   const uint8_t *head, size_t hlen, const uint8_t *rest, size_t rlen)
{
	uint8_t own[IPV6_LEN];
	size_t len = hlen + rlen, total = ether_head_len(s) + IPV6_HLEN + len;
	if (total > ETH_FRAME_MAX)
		return; /* came without the tag that we have to add */
	struct buf *buf = pool_get(s->pool, (uint32_t)total);
	if (!buf) {
		count_drop(s, STATION_NO_BUFFER);
		s->stats.tx_dropped++;
		return;
	}
	struct wr w = wr_over(buf->bytes, total);
	ipv6_own(s->config.mac, own);
	ether_write(s, &w, mac, ETHERTYPE_IPV6);
	wr_be32(&w, UINT32_C(6) << 28);
	wr_be16(&w, (uint16_t)len);
	wr_u8(&w, IPPROTO_OF_ICMPV6);
	wr_u8(&w, hops);
	wr_bytes(&w, own, IPV6_LEN);
	wr_bytes(&w, to, IPV6_LEN);
	uint8_t *body = w.p;
	wr_bytes(&w, head, hlen);
	if (rlen)
		wr_bytes(&w, rest, rlen);
	uint16_t sum = inet_checksum(inet_sum(pseudo_sum(own, to, len), body, len));
	body[2] = (uint8_t)(sum >> 8);
	body[3] = (uint8_t)sum;
	egress_put(s, buf, (uint32_t)total);
}

/* The link-layer address that a solicitation names as its sender's; NULL: none. *bad: an option of
 * length 0, or one that runs over the end (4.6). */
static const uint8_t *source_of(const struct ipv6 *p, bool *bad)
{
	const uint8_t *found = NULL;
	*bad = false;
	for (size_t at = 24; at < p->len;) {
		size_t len = at + 1 < p->len ? p->body[at + 1] * 8u : 0;
		*bad = !len || at + len > p->len;
		if (*bad)
			return NULL;
		if (p->body[at] == OPTION_SOURCE && len == 8)
			found = p->body + at + 2;
		at += len;
	}
	return found;
}

static void solicited(struct station *s, const struct ipv6 *p, const uint8_t *own)
{
	bool bad, probe = same(p->src, unspecified); /* somebody asks whether an address is free */
	const uint8_t *mac = p->len >= 24 ? source_of(p, &bad) : NULL;
	if (p->len < 24 || bad || p->hops != HOPS_OF_NEIGHBOURS || p->body[1] ||
	    p->body[8] == 0xff || (probe && mac)) {
		count_drop(s, STATION_MALFORMED);
		return;
	}
	if (!same(p->body + 8, own)) {
		count_drop(s, STATION_NOT_OURS);
		return;
	}
	uint8_t head[32] = { ADVERTISEMENT, [4] = (uint8_t)(probe ? OVERRIDE
								  : SOLICITED | OVERRIDE) };
	memcpy(head + 8, own, IPV6_LEN);
	head[24] = OPTION_TARGET;
	head[25] = 1; /* eight bytes */
	memcpy(head + 26, s->config.mac, ETH_ALEN);
	if (probe)
		answer(s, all_nodes_mac, all_nodes, HOPS_OF_NEIGHBOURS, head, sizeof head, NULL, 0);
	else
		answer(s, mac ? mac : p->from, p->src, HOPS_OF_NEIGHBOURS, head, sizeof head, NULL,
		       0);
}

static void icmpv6_rx(struct station *s, const struct ipv6 *p)
{
	uint8_t own[IPV6_LEN];
	ipv6_own(s->config.mac, own);
	if (p->len < 8) {
		count_drop(s, STATION_MALFORMED);
		return;
	}
	if (inet_checksum(inet_sum(pseudo_sum(p->src, p->dst, p->len), p->body, p->len)) != 0) {
		count_drop(s, STATION_CHECKSUM);
		return;
	}
	if (p->body[0] == SOLICITATION) {
		solicited(s, p, own);
	} else if (p->body[0] == ECHO_REQUEST && same(p->dst, own) && p->src[0] != 0xff) {
		const uint8_t head[4] = { ECHO_REPLY };
		answer(s, p->from, p->src, HOPS, head, sizeof head, p->body + 4, p->len - 4);
	} else {
		count_drop(s, STATION_UNCLAIMED);
	}
}

void ipv6_rx(struct station *s, const uint8_t *packet, size_t len, const uint8_t from[static 6])
{
	size_t body = len >= IPV6_HLEN ? (size_t)(packet[4] << 8 | packet[5]) : 0;
	if (len < IPV6_HLEN || packet[0] >> 4 != 6 || body > len - IPV6_HLEN) {
		count_drop(s, STATION_MALFORMED);
		return;
	}
	struct ipv6 p = { .src = packet + 8,
			  .dst = packet + 24,
			  .body = packet + IPV6_HLEN,
			  .len = body,
			  .hops = packet[7] };
	memcpy(p.from, from, ETH_ALEN);
	if (packet[6] == IPPROTO_OF_ICMPV6)
		icmpv6_rx(s, &p);
	else
		count_drop(s, STATION_UNCLAIMED);
}
