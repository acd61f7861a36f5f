/* SPDX-License-Identifier: MIT */
/* tcp_out.c - what a connection sends, and its one timer (RFC 9293 3.8, RFC 6298). */
#include <errno.h>

#include "lab/station/pattern.h"
#include "lab/station/tcp.h"

static uint16_t own_mss(const struct station *s)
{
	return (uint16_t)(ETH_FRAME_MAX - ether_head_len(s) - IPV4_HLEN - TCP_HLEN);
}

static uint16_t own_window(const struct tcp *c, unsigned flags)
{
	return c->scaling && !(flags & TCP_SYN) ? TCP_WINDOW >> TCP_WINDOW_SCALE
						: TCP_WINDOW_UNSCALED;
}

static void send_packet(struct station *s, struct packet *k, int64_t now)
{
	packet_checksum(k, 16, packet_pseudo_sum(s, k, IPPROTO_OF_TCP));
	packet_send(s, k, now);
}

/* `len` bytes of our stream from `offset` on, at sequence number `seq`. */
static void send_segment(struct station *s, struct tcp *c, unsigned flags, uint32_t seq,
			 uint64_t offset, uint32_t len, int64_t now)
{
	struct segment g = {
		.src = c->own_port,
		.dst = c->port,
		.seq = seq,
		.ack = flags & TCP_ACK ? tcp_rcv_next(c) : 0,
		.flags = (uint8_t)flags,
		.window = own_window(c, flags),
		.mss = own_mss(s),
		.scales = c->state == TCPS_SYN_SENT || c->scaling,
		.scale = TCP_WINDOW_SCALE,
	};
	struct packet k;
	size_t hlen = flags & TCP_SYN ? TCP_SYN_HLEN : TCP_HLEN;
	if (!packet_begin(s, &k, c->ip, IPPROTO_OF_TCP, hlen + len))
		return; /* counted; the timer sends it again */
	segment_write(&k.w, &g);
	if (len)
		pattern_fill(offset, wr_take(&k.w, len), len);
	if (flags & TCP_ACK)
		c->ack_due = false;
	send_packet(s, &k, now);
}

void tcp_send_syn(struct station *s, struct tcp *c, int64_t now)
{
	unsigned flags = c->state == TCPS_SYN_RCVD ? TCP_SYN | TCP_ACK : TCP_SYN;
	if (!c->tries) {
		c->timing = true;
		c->timed_ns = now;
	}
	send_segment(s, c, flags, c->iss, 0, 0, now);
}

void tcp_send_ack(struct station *s, struct tcp *c, int64_t now)
{
	send_segment(s, c, TCP_ACK, tcp_seq(c, c->nxt), 0, 0, now);
}

void tcp_send_reset(struct station *s, struct tcp *c, int64_t now)
{
	send_segment(s, c, TCP_RST | TCP_ACK, tcp_seq(c, c->nxt), 0, 0, now);
}

void tcp_refuse(struct station *s, const struct ipv4 *ip, const struct segment *g, int64_t now)
{
	if (g->flags & TCP_RST)
		return;
	struct segment a = { .src = g->dst, .dst = g->src, .flags = TCP_RST };
	if (g->flags & TCP_ACK) {
		a.seq = g->ack;
	} else {
		a.flags |= TCP_ACK;
		a.ack = g->seq + segment_span(g);
	}
	struct packet k;
	if (!packet_begin(s, &k, ip->src, IPPROTO_OF_TCP, TCP_HLEN))
		return;
	segment_write(&k.w, &a);
	send_packet(s, &k, now);
}

/* A piece of the stream, with the FIN if it reaches the end of it. Returns the offsets it takes. */
static uint64_t send_piece(struct station *s, struct tcp *c, uint64_t from, uint32_t len,
			   int64_t now)
{
	bool fin = from + len == c->bytes;
	unsigned flags = TCP_ACK | (fin ? TCP_FIN : 0u) | (fin && len ? TCP_PSH : 0u);
	send_segment(s, c, flags, tcp_seq(c, from), from, len, now);
	return (uint64_t)len + fin;
}

/* How many bytes may leave now: a full segment or the rest, within both windows; less than that
 * only when nothing is under way that would open the window (RFC 9293 3.8.6.2.1). */
static uint32_t sendable(const struct tcp *c)
{
	uint64_t left = c->bytes - c->nxt;
	uint64_t window = c->peer_window < c->window ? c->peer_window : c->window;
	uint64_t used = c->nxt - c->una;
	uint64_t room = window > used ? window - used : 0;
	uint32_t len = left < c->mss ? (uint32_t)left : c->mss;
	if (len <= room)
		return len;
	return used == 0 ? (uint32_t)room : 0;
}

static void send_new(struct station *s, struct tcp *c, uint32_t len, int64_t now)
{
	uint64_t taken = send_piece(s, c, c->nxt, len, now);
	c->nxt += taken;
	if (!c->timing) {
		c->timing = true;
		c->timed_to = c->nxt;
		c->timed_ns = now;
	}
	if (c->nxt > c->bytes) /* the FIN went out */
		tcp_move(s, c, c->state == TCPS_CLOSE_WAIT ? TCPS_LAST_ACK : TCPS_FIN_WAIT_1);
}

void tcp_output(struct station *s, struct tcp *c, int64_t now)
{
	bool was_quiet = !tcp_in_flight(c);
	unsigned burst = 0;
	for (; burst < TCP_BURST && tcp_may_send(c); burst++) {
		uint32_t len = sendable(c);
		if (!len && c->nxt < c->bytes)
			break;
		send_new(s, c, len, now);
	}
	alarm_set(s, &c->more, burst == TCP_BURST ? now + 1 : TIME_NEVER);
	if (was_quiet)
		tcp_rearm(s, c, now);
	if (c->ack_due)
		tcp_send_ack(s, c, now);
}

void tcp_retransmit(struct station *s, struct tcp *c, int64_t now)
{
	c->result.retransmits++;
	c->timing = false; /* Karn: which of the two was acknowledged? */
	if (c->state == TCPS_SYN_SENT || c->state == TCPS_SYN_RCVD) {
		tcp_send_syn(s, c, now);
		return;
	}
	uint64_t sent = c->nxt > c->bytes ? c->bytes - c->una : c->nxt - c->una;
	send_piece(s, c, c->una, sent < c->mss ? (uint32_t)sent : c->mss, now);
}

/* The window is shut and nothing is under way: one byte makes the peer say its window again
 * (RFC 9293 3.8.6.1). It then waits for its acknowledgement as any other. */
static void probe(struct station *s, struct tcp *c, int64_t now)
{
	rto_back_off(&c->rto);
	send_new(s, c, 1, now);
	tcp_rearm(s, c, now);
}

void tcp_timeout(struct station *s, struct tcp *c, int64_t now)
{
	if (c->state == TCPS_TIME_WAIT || c->state == TCPS_FIN_WAIT_2) {
		tcp_move(s, c, TCPS_CLOSED);
		return;
	}
	if (!tcp_in_flight(c)) {
		probe(s, c, now);
		return;
	}
	bool opening = c->state == TCPS_SYN_SENT || c->state == TCPS_SYN_RCVD;
	if (++c->tries > (opening ? TCP_SYN_TRIES : TCP_TRIES)) {
		tcp_abort(s, c, ETIMEDOUT, now);
		return;
	}
	rto_back_off(&c->rto);
	c->recovering = true;
	c->recover = c->nxt;
	c->dupacks = 0;
	tcp_retransmit(s, c, now);
	tcp_rearm(s, c, now);
}
