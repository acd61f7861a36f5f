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

/* Bytes that may be under way: both windows, and a segment more for each of the first two
 * duplicates (limited transmit, RFC 3042), which each say that one has left. */
static uint64_t allowance(const struct tcp *c)
{
	uint64_t window = c->congestion.window;
	if (c->phase == TCP_OPEN && c->dupacks)
		window += (c->dupacks < 2 ? 1u : 2u) * (uint64_t)c->mss;
	if (window > c->window)
		window = c->window;
	return window < c->peer_window ? window : c->peer_window;
}

/* How many bytes may leave now: a full segment or the rest, within all windows; less than that
 * only when nothing is under way that would open the window (RFC 9293 3.8.6.2.1). */
static uint32_t sendable(const struct tcp *c)
{
	uint64_t left = c->bytes - c->nxt;
	uint64_t window = allowance(c), used = tcp_flight(c);
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

/* `from` on: a full segment, or what was sent of the rest. Returns the offsets it takes. */
static uint64_t send_again(struct station *s, struct tcp *c, uint64_t from, int64_t now)
{
	uint64_t sent = (c->nxt > c->bytes ? c->bytes : c->nxt) - from;
	c->result.retransmits++;
	c->timing = false; /* Karn: which of the two was acknowledged? */
	return send_piece(s, c, from, sent < c->mss ? (uint32_t)sent : c->mss, now);
}

/* After the timer ran out all that was under way is sent again, as slowly as slow start allows;
 * acknowledgements leap over what had come. true: that is still to do. */
static bool resend(struct station *s, struct tcp *c, unsigned *burst, int64_t now)
{
	while (c->phase == TCP_TIMED_OUT && c->resend < c->recover && *burst < TCP_BURST) {
		uint64_t used = c->resend - c->una;
		if (used && used + c->mss > allowance(c))
			return true;
		c->resend += send_again(s, c, c->resend, now);
		++*burst;
	}
	return c->phase == TCP_TIMED_OUT && c->resend < c->recover;
}

void tcp_output(struct station *s, struct tcp *c, int64_t now)
{
	bool was_quiet = !tcp_in_flight(c);
	unsigned burst = 0;
	bool behind = resend(s, c, &burst, now);
	for (; !behind && burst < TCP_BURST && tcp_may_send(c); burst++) {
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
	if (c->state == TCPS_SYN_SENT || c->state == TCPS_SYN_RCVD) {
		c->result.retransmits++;
		c->timing = false;
		tcp_send_syn(s, c, now);
	} else {
		send_again(s, c, c->una, now);
	}
}

/* The window is shut and nothing is under way: one byte makes the peer say its window again
 * (RFC 9293 3.8.6.1). It then waits for its acknowledgement as any other. */
static void probe(struct station *s, struct tcp *c, int64_t now)
{
	rto_back_off(&c->rto);
	send_new(s, c, 1, now);
	tcp_rearm(s, c, now);
}

/* RFC 5681 3.1 and RFC 6582 3.2, step 4. */
static void begin_again(struct station *s, struct tcp *c, int64_t now)
{
	if (c->tries > 1)
		congestion_timeout_again(&c->congestion);
	else
		congestion_timeout(&c->congestion, tcp_flight(c));
	c->phase = TCP_TIMED_OUT;
	c->recover = c->nxt;
	c->resend = c->una;
	c->dupacks = 0;
	tcp_output(s, c, now);
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
	c->result.timeouts++;
	if (opening || !c->peer_window) /* a shut window is no congestion: asked again */
		tcp_retransmit(s, c, now);
	else
		begin_again(s, c, now);
	tcp_rearm(s, c, now);
}
