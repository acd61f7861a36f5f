/* SPDX-License-Identifier: MIT */
/* icmp.c - echo both ways, and "port unreachable" (RFC 792, RFC 1122 3.2.2). */
#include <errno.h>
#include <stdlib.h>

#include "lab/station/inner.h"
#include "lib/base/units.h"

enum {
	ICMP_ECHO_REPLY = 0,
	ICMP_UNREACHABLE = 3,
	ICMP_PORT = 3, /* code */
	ICMP_ECHO = 8,
	ICMP_HLEN = 8,
	PING_MAX = 65535, /* sequence numbers are 16 bits */
};
#define ANSWERED INT64_MIN
#define UNREACHABLE_NS (100 * NS_PER_MS) /* at most ten errors a second */

struct ping {
	struct alarm alarm; /* next request, or the oldest one's end of patience */
	struct ping_args args;
	struct ping_result result;
	int64_t next_ns; /* when the next request leaves */
	unsigned oldest; /* first request that is neither answered nor given up */
	uint16_t ident;
	int64_t sent_ns[]; /* one each; ANSWERED */
};

static void icmp_head(struct packet *p, unsigned type, unsigned code, uint32_t rest)
{
	wr_u8(&p->w, type);
	wr_u8(&p->w, code);
	wr_be16(&p->w, 0);
	wr_be32(&p->w, rest);
}

static void icmp_send(struct station *s, struct packet *p, int64_t now)
{
	packet_checksum(p, 2, 0);
	packet_send(s, p, now);
}

static void send_request(struct station *s, struct ping *p, int64_t now)
{
	unsigned seq = p->result.sent++;
	struct packet k;
	p->sent_ns[seq] = now;
	if (!packet_begin(s, &k, p->args.ip, IPPROTO_OF_ICMP, ICMP_HLEN + p->args.size))
		return; /* counted; this one stays without an answer */
	icmp_head(&k, ICMP_ECHO, 0, (uint32_t)p->ident << 16 | (seq + 1));
	for (uint32_t i = 0; i < p->args.size; i++)
		wr_u8(&k.w, i);
	icmp_send(s, &k, now);
}

/* Forgets requests that are over, and says when to look again. */
static void settle(struct station *s, struct ping *p, int64_t now)
{
	while (p->oldest < p->result.sent && (p->sent_ns[p->oldest] == ANSWERED ||
					      now - p->sent_ns[p->oldest] >= p->args.within_ns))
		p->oldest++;
	int64_t due = TIME_NEVER;
	if (p->result.sent < p->args.count)
		due = p->next_ns;
	else if (p->oldest == p->args.count)
		p->result.done = true;
	if (p->oldest < p->result.sent && p->sent_ns[p->oldest] + p->args.within_ns < due)
		due = p->sent_ns[p->oldest] + p->args.within_ns;
	alarm_set(s, &p->alarm, due);
	s->generation++;
}

static void ping_alarm(struct station *s, struct alarm *a, int64_t now)
{
	struct ping *p = container_of(a, struct ping, alarm);
	if (p->result.sent < p->args.count && now >= p->next_ns) {
		p->next_ns += p->args.interval_ns;
		send_request(s, p, now);
	}
	settle(s, p, now);
}

int station_ping(struct station *s, const struct ping_args *a, int64_t now)
{
	int r = station_reaches(s, a->ip);
	if (r < 0)
		return r;
	if (!a->count || a->count > PING_MAX || a->interval_ns < 0 || a->within_ns <= 0)
		return -EINVAL;
	if (a->size > ETH_FRAME_MAX - ether_head_len(s) - IPV4_HLEN - ICMP_HLEN)
		return -EMSGSIZE;
	struct ping *p = calloc(1, sizeof *p + a->count * sizeof p->sent_ns[0]);
	if (!p)
		return -ENOMEM;
	p->args = *a;
	p->next_ns = now;
	p->ident = (uint16_t)draw(s->icmp_stream, s->icmp_draws++, 0);
	r = alarm_init(s, &p->alarm, ping_alarm);
	if (r == 0)
		r = handles_put(&s->pings, p);
	if (r < 0) {
		alarm_fini(s, &p->alarm);
		free(p);
		return r;
	}
	ping_alarm(s, &p->alarm, now);
	return r;
}

const struct ping_result *station_ping_result(const struct station *s, int handle)
{
	const struct ping *p = handles_get(&s->pings, handle);
	return p ? &p->result : NULL;
}

void station_ping_end(struct station *s, int handle)
{
	struct ping *p = handles_take(&s->pings, handle);
	if (!p)
		return;
	alarm_fini(s, &p->alarm);
	free(p);
}

void ping_fini(struct station *s)
{
	for (unsigned i = 0; i < s->pings.room; i++)
		station_ping_end(s, (int)i);
	handles_fini(&s->pings);
}

static void answer(struct station *s, const struct ipv4 *ip, int64_t now)
{
	struct packet k;
	if (!packet_begin(s, &k, ip->src, IPPROTO_OF_ICMP, ip->len))
		return;
	struct rd r = rd_over(ip->payload, ip->len);
	rd_take(&r, 4);
	icmp_head(&k, ICMP_ECHO_REPLY, 0, rd_be32(&r));
	wr_bytes(&k.w, r.p, rd_left(&r));
	icmp_send(s, &k, now);
}

static struct ping *ping_of(const struct station *s, uint32_t ip, unsigned ident, unsigned seq)
{
	for (unsigned i = 0; i < s->pings.room; i++) {
		struct ping *p = s->pings.v[i];
		if (p && p->args.ip == ip && p->ident == ident && seq && seq <= p->result.sent)
			return p;
	}
	return NULL;
}

static void reply_rx(struct station *s, const struct ipv4 *ip, unsigned ident, unsigned seq,
		     int64_t now)
{
	struct ping *p = ping_of(s, ip->src, ident, seq);
	int64_t *sent = p ? &p->sent_ns[seq - 1] : NULL;
	if (!sent || *sent == ANSWERED || now - *sent > p->args.within_ns) {
		count_drop(s, STATION_UNCLAIMED); /* nobody's, a second answer, or too late */
		return;
	}
	struct ping_result *r = &p->result;
	int64_t rtt = now - *sent;
	if (!r->received || rtt < r->rtt_min_ns)
		r->rtt_min_ns = rtt;
	if (!r->received || rtt > r->rtt_max_ns)
		r->rtt_max_ns = rtt;
	r->rtt_sum_ns += rtt;
	r->received++;
	*sent = ANSWERED;
	settle(s, p, now);
}

void icmp_rx(struct station *s, const struct ipv4 *ip, int64_t now)
{
	struct rd r = rd_over(ip->payload, ip->len);
	unsigned type = rd_u8(&r);
	unsigned code = rd_u8(&r);
	rd_be16(&r);
	unsigned ident = rd_be16(&r);
	unsigned seq = rd_be16(&r);
	if (r.bad)
		count_drop(s, STATION_MALFORMED);
	else if (inet_checksum(inet_sum(0, ip->payload, ip->len)) != 0)
		count_drop(s, STATION_CHECKSUM);
	else if (type == ICMP_ECHO && code == 0)
		answer(s, ip, now);
	else if (type == ICMP_ECHO_REPLY && code == 0)
		reply_rx(s, ip, ident, seq, now);
	else
		count_drop(s, STATION_UNCLAIMED);
}

void icmp_unreachable(struct station *s, const struct ipv4 *about, int64_t now)
{
	/* The head of what could not be delivered and eight bytes more (RFC 792); written anew,
	 * because the head is only known in its fields here. */
	enum { QUOTED = 8 };
	uint16_t len = about->len < QUOTED ? about->len : QUOTED;
	if (now < s->unreachable_next_ns)
		return;
	s->unreachable_next_ns = now + UNREACHABLE_NS;
	struct packet k;
	if (!packet_begin(s, &k, about->src, IPPROTO_OF_ICMP, (size_t)ICMP_HLEN + IPV4_HLEN + len))
		return;
	icmp_head(&k, ICMP_UNREACHABLE, ICMP_PORT, 0);
	ipv4_write(&k.w, about->src, about->dst, about->proto, about->len);
	wr_bytes(&k.w, about->payload, len);
	icmp_send(s, &k, now);
}
