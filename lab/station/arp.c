/* SPDX-License-Identifier: MIT */
/* arp.c - who has that address (RFC 826, RFC 1122 2.3.2, RFC 5227): a bounded table of neighbours,
 * a few packets waiting for each answer, ageing by asking again before forgetting. */
#include <errno.h>
#include <stdlib.h>

#include "lab/station/inner.h"
#include "lib/base/units.h"

enum {
	ARP_LEN = 28,
	ARP_REQUEST = 1,
	ARP_REPLY = 2,
	NEIGHBOURS_MAX = 1024,
	WAITING_MAX = 16, /* packets for one neighbour; RFC 1122 2.3.2.2 asks for at least one, the
			     latest */
	TRIES_MAX = 3,
};
#define RETRY_NS (1 * NS_PER_SEC)
#define AGE_NS                                                                                     \
	(60 * NS_PER_SEC) /* without a word; then it is asked if it was used, else forgotten */

struct waiting {
	struct buf *buf;
	uint32_t len;
};

struct neighbour {
	struct alarm alarm; /* next try, or end of trust */
	uint32_t ip;
	uint8_t mac[ETH_ALEN];
	bool known; /* mac is good to send to, also while it is being asked again */
	bool used;  /* since its last word */
	uint8_t tries, waiting;
	struct waiting wait[WAITING_MAX];
};

static const uint8_t broadcast[ETH_ALEN] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

static void send_arp(struct station *s, unsigned op, const uint8_t eth_dst[static 6],
		     const uint8_t tha[static 6], uint32_t tpa)
{
	uint32_t len = ether_head_len(s) + ARP_LEN;
	struct buf *buf = pool_get(s->pool, len);
	if (!buf) {
		count_drop(s, STATION_NO_BUFFER);
		s->stats.tx_dropped++;
		return;
	}
	struct wr w = wr_over(buf->bytes, len);
	ether_write(s, &w, eth_dst, ETHERTYPE_ARP);
	wr_be16(&w, 1); /* Ethernet */
	wr_be16(&w, ETHERTYPE_IPV4);
	wr_u8(&w, ETH_ALEN);
	wr_u8(&w, 4);
	wr_be16(&w, op);
	wr_bytes(&w, s->config.mac, ETH_ALEN);
	wr_be32(&w, s->config.ip);
	wr_bytes(&w, tha, ETH_ALEN);
	wr_be32(&w, tpa);
	egress_put(s, buf, len);
}

void arp_announce(struct station *s)
{
	static const uint8_t nobody[ETH_ALEN];
	send_arp(s, ARP_REQUEST, broadcast, nobody,
		 s->config.ip); /* RFC 5227 3: a request for oneself */
}

/* Asks once more and waits. A neighbour that was known is asked alone (RFC 1122 2.3.2.1 (2)). */
static void ask(struct station *s, struct neighbour *n, int64_t now)
{
	static const uint8_t nobody[ETH_ALEN];
	n->tries++;
	alarm_set(s, &n->alarm, now + RETRY_NS);
	send_arp(s, ARP_REQUEST, n->known ? n->mac : broadcast, nobody, n->ip);
}

/* The place of `ip` in the table, or where it would stand. */
static unsigned place_of(const struct arp *a, uint32_t ip)
{
	unsigned lo = 0, hi = a->count;
	while (lo < hi) {
		unsigned mid = (lo + hi) / 2;
		if (a->v[mid]->ip < ip)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static struct neighbour *find(const struct arp *a, uint32_t ip)
{
	unsigned i = place_of(a, ip);
	return i < a->count && a->v[i]->ip == ip ? a->v[i] : NULL;
}

static void forget(struct station *s, struct neighbour *n)
{
	struct arp *a = &s->arp;
	for (unsigned i = 0; i < n->waiting; i++) {
		count_drop(s, STATION_UNRESOLVED);
		s->stats.tx_dropped++;
		buf_unref(n->wait[i].buf);
	}
	unsigned at = place_of(a, n->ip);
	for (unsigned i = at + 1; i < a->count; i++)
		a->v[i - 1] = a->v[i];
	a->count--;
	alarm_fini(s, &n->alarm);
	free(n);
}

static void neighbour_alarm(struct station *s, struct alarm *al, int64_t now)
{
	struct neighbour *n = container_of(al, struct neighbour, alarm);
	if ((n->used || !n->known) && n->tries < TRIES_MAX) {
		ask(s, n, now);
		return;
	}
	uint32_t ip = n->ip;
	bool gave_up = n->tries > 0;
	forget(s, n);
	if (gave_up)
		tcp_unreachable(s, ip, now);
}

/* A full table makes room with whoever's word is oldest among those nobody waits for. */
static bool make_room(struct station *s)
{
	struct arp *a = &s->arp;
	if (a->count == NEIGHBOURS_MAX) {
		struct neighbour *oldest = NULL;
		for (unsigned i = 0; i < a->count; i++)
			if (!a->v[i]->waiting &&
			    (!oldest || a->v[i]->alarm.d.due < oldest->alarm.d.due))
				oldest = a->v[i];
		if (!oldest)
			return false;
		forget(s, oldest);
	}
	if (a->count < a->room)
		return true;
	unsigned room = a->room ? a->room * 2 : 4;
	struct neighbour **v = realloc(a->v, room * sizeof(struct neighbour *));
	if (!v)
		return false;
	a->v = v;
	a->room = room;
	return true;
}

static struct neighbour *make(struct station *s, uint32_t ip)
{
	struct arp *a = &s->arp;
	if (!make_room(s))
		return NULL;
	struct neighbour *n = calloc(1, sizeof *n);
	if (!n || alarm_init(s, &n->alarm, neighbour_alarm) < 0) {
		free(n);
		return NULL;
	}
	n->ip = ip;
	unsigned at = place_of(a, ip);
	for (unsigned i = a->count; i > at; i--)
		a->v[i] = a->v[i - 1];
	a->v[at] = n;
	a->count++;
	return n;
}

static void send_to(struct station *s, const uint8_t mac[static 6], struct buf *buf, uint32_t len)
{
	struct wr w = wr_over(buf->bytes, ETH_ALEN); /* still ours alone: nobody has seen it */
	wr_bytes(&w, mac, ETH_ALEN);
	egress_put(s, buf, len);
}

/* `ip` said that it is at `mac`. */
static void heard(struct station *s, struct neighbour *n, const uint8_t mac[static 6], int64_t now)
{
	struct waiting wait[WAITING_MAX];
	unsigned count = n->waiting;
	memcpy(wait, n->wait, sizeof wait);
	memcpy(n->mac, mac, ETH_ALEN);
	n->known = true;
	n->used = false;
	n->tries = n->waiting = 0;
	alarm_set(s, &n->alarm, now + AGE_NS);
	for (unsigned i = 0; i < count; i++)
		send_to(s, mac, wait[i].buf, wait[i].len);
}

static void wait_for(struct station *s, struct neighbour *n, struct buf *buf, uint32_t len,
		     int64_t now)
{
	if (n->waiting == WAITING_MAX) { /* the latest is kept */
		count_drop(s, STATION_UNRESOLVED);
		s->stats.tx_dropped++;
		buf_unref(n->wait[0].buf);
		memmove(&n->wait[0], &n->wait[1], (WAITING_MAX - 1) * sizeof n->wait[0]);
		n->waiting--;
	}
	n->wait[n->waiting++] = (struct waiting){ buf, len };
	if (!n->tries)
		ask(s, n, now);
}

void arp_send(struct station *s, uint32_t ip, struct buf *buf, uint32_t len, int64_t now)
{
	struct neighbour *n = find(&s->arp, ip);
	if (!n)
		n = make(s, ip);
	if (!n) {
		count_drop(s, STATION_UNRESOLVED);
		s->stats.tx_dropped++;
		buf_unref(buf);
		return;
	}
	if (!n->known) {
		wait_for(s, n, buf, len, now);
		return;
	}
	n->used = true;
	send_to(s, n->mac, buf, len);
}

struct arp_packet {
	unsigned op;
	uint8_t sha[ETH_ALEN];
	uint32_t spa, tpa;
};

static bool arp_read(struct arp_packet *a, const uint8_t *p, size_t len)
{
	struct rd r = rd_over(p, len);
	bool good = rd_be16(&r) == 1; /* Ethernet */
	good &= rd_be16(&r) == ETHERTYPE_IPV4;
	good &= rd_be16(&r) == (ETH_ALEN << 8 | 4);
	a->op = rd_be16(&r);
	rd_bytes(&r, a->sha, sizeof a->sha);
	a->spa = rd_be32(&r);
	rd_take(&r, ETH_ALEN); /* tha: means nothing in a request, and a reply came to us by its
				  frame */
	a->tpa = rd_be32(&r);
	return good && !r.bad && !mac_is_group(a->sha) &&
	       (a->op == ARP_REQUEST || a->op == ARP_REPLY);
}

void arp_rx(struct station *s, const uint8_t *p, size_t len, int64_t now)
{
	struct arp_packet a;
	if (!arp_read(&a, p, len)) {
		count_drop(s, STATION_MALFORMED);
		return;
	}
	bool for_us = a.tpa == s->config.ip;
	if (station_reaches(s, a.spa) == 0) {
		/* RFC 826: who is known is updated by every word of theirs; new ones only when they
		 * mean us, so that a crowd's broadcasts do not fill the table. */
		struct neighbour *n = find(&s->arp, a.spa);
		if (!n && for_us)
			n = make(s, a.spa);
		if (n)
			heard(s, n, a.sha, now);
	} else if (a.spa !=
		   0) { /* 0 is a probe, RFC 5227 1.1: it teaches nothing, but gets its answer */
		count_drop(s, STATION_UNCLAIMED);
		return;
	}
	if (for_us && a.op == ARP_REQUEST)
		send_arp(s, ARP_REPLY, a.sha, a.sha, a.spa);
}

void arp_fini(struct station *s)
{
	while (s->arp.count)
		forget(s, s->arp.v[s->arp.count - 1]);
	free(s->arp.v);
	s->arp = (struct arp){ 0 };
}
