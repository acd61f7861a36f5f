/* SPDX-License-Identifier: MIT */
/* flow.c - UDP (RFC 768): flows of numbered packets on one side, their accounts on the other. */
#include <errno.h>
#include <stdlib.h>

#include "lab/station/inner.h"

enum { UDP_HLEN = 8 };

struct flow {
	struct alarm alarm; /* next packet */
	struct flow_args args;
	struct flow_sent sent;
	int64_t next_ns;
	uint16_t port; /* ours */
};

struct expected {
	struct account *account;
	uint16_t port;
};

/* A packet that finds no buffer is counted, and is lost on the way as far as the receiver can tell.
 */
static void send_one(struct station *s, struct flow *f, int64_t now)
{
	struct flow_stamp stamp = { .seq = f->sent.sent++, .sent_ns = now };
	struct packet k;
	s->generation++;
	if (!packet_begin(s, &k, f->args.ip, IPPROTO_OF_UDP, UDP_HLEN + f->args.size))
		return;
	wr_be16(&k.w, f->port);
	wr_be16(&k.w, f->args.port);
	wr_be16(&k.w, UDP_HLEN + f->args.size);
	uint8_t *sum = wr_take(&k.w, 2);
	sum[0] = sum[1] = 0;
	flow_stamp_write(&stamp, wr_take(&k.w, f->args.size), f->args.size);
	packet_checksum(&k, 6, packet_pseudo_sum(s, &k, IPPROTO_OF_UDP));
	if (!sum[0] &&
	    !sum[1]) /* "no checksum" on the wire; its other zero says the same (RFC 768) */
		sum[0] = sum[1] = 0xff;
	packet_send(s, &k, now);
}

static void flow_alarm(struct station *s, struct alarm *a, int64_t now)
{
	struct flow *f = container_of(a, struct flow, alarm);
	send_one(s, f, now);
	f->next_ns += f->args.interval_ns; /* from the plan, not from now: a late loop catches up */
	f->sent.done = f->args.count && f->sent.sent == f->args.count;
	alarm_set(s, a, f->sent.done ? TIME_NEVER : f->next_ns);
}

int station_flow(struct station *s, const struct flow_args *a, int64_t now)
{
	int r = station_reaches(s, a->ip);
	if (r < 0)
		return r;
	if (!a->port || a->interval_ns <= 0 || a->size < FLOW_PAYLOAD_MIN)
		return -EINVAL;
	if (a->size > ETH_FRAME_MAX - ether_head_len(s) - IPV4_HLEN - UDP_HLEN)
		return -EMSGSIZE;
	struct flow *f = calloc(1, sizeof *f);
	if (!f)
		return -ENOMEM;
	f->args = *a;
	f->port = (uint16_t)(49152 + draw_below(s->udp_stream, s->udp_draws++, 0, 16384));
	r = alarm_init(s, &f->alarm, flow_alarm);
	if (r == 0)
		r = handles_put(&s->flows, f);
	if (r < 0) {
		alarm_fini(s, &f->alarm);
		free(f);
		return r;
	}
	f->next_ns = now;
	flow_alarm(s, &f->alarm, now);
	return r;
}

const struct flow_sent *station_flow_sent(const struct station *s, int handle)
{
	const struct flow *f = handles_get(&s->flows, handle);
	return f ? &f->sent : NULL;
}

void station_flow_end(struct station *s, int handle)
{
	struct flow *f = handles_take(&s->flows, handle);
	if (!f)
		return;
	alarm_fini(s, &f->alarm);
	free(f);
}

static struct expected *expected_on(const struct station *s, uint16_t port)
{
	for (unsigned i = 0; i < s->accounts.room; i++) {
		struct expected *e = s->accounts.v[i];
		if (e && e->port == port)
			return e;
	}
	return NULL;
}

int station_flow_expect(struct station *s, uint16_t port, int64_t now)
{
	if (!port)
		return -EINVAL;
	if (expected_on(s, port))
		return -EADDRINUSE;
	struct expected *e = calloc(1, sizeof *e);
	if (!e)
		return -ENOMEM;
	e->port = port;
	e->account = account_new(now);
	int r = e->account ? handles_put(&s->accounts, e) : -ENOMEM;
	if (r < 0) {
		account_free(e->account);
		free(e);
	}
	return r;
}

void station_flow_account(const struct station *s, int handle, struct flow_account *a)
{
	const struct expected *e = handles_get(&s->accounts, handle);
	*a = (struct flow_account){ 0 };
	if (e)
		account_read(e->account, a);
}

void station_flow_forget(struct station *s, int handle)
{
	struct expected *e = handles_take(&s->accounts, handle);
	if (!e)
		return;
	account_free(e->account);
	free(e);
}

void flow_fini(struct station *s)
{
	for (unsigned i = 0; i < s->flows.room; i++)
		station_flow_end(s, (int)i);
	for (unsigned i = 0; i < s->accounts.room; i++)
		station_flow_forget(s, (int)i);
	handles_fini(&s->flows);
	handles_fini(&s->accounts);
}

void udp_rx(struct station *s, const struct ipv4 *ip, int64_t now)
{
	struct rd r = rd_over(ip->payload, ip->len);
	rd_be16(&r);
	uint16_t port = rd_be16(&r);
	size_t len = rd_be16(&r);
	bool summed = rd_be16(&r) != 0;
	if (r.bad || len < UDP_HLEN || len > ip->len) {
		count_drop(s, STATION_MALFORMED);
		return;
	}
	uint64_t sum = ipv4_pseudo_sum(ip->src, ip->dst, IPPROTO_OF_UDP, len);
	if (summed && inet_checksum(inet_sum(sum, ip->payload, len)) != 0) {
		count_drop(s, STATION_CHECKSUM);
		return;
	}
	struct expected *e = expected_on(s, port);
	struct flow_stamp stamp;
	if (!e) {
		count_drop(s, STATION_UNCLAIMED);
		icmp_unreachable(s, ip, now);
	} else if (!flow_stamp_read(&stamp, r.p, len - UDP_HLEN)) {
		count_drop(s, STATION_UNCLAIMED);
	} else {
		account_take(e->account, &stamp, now);
		s->generation++;
	}
}
