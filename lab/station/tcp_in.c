/* SPDX-License-Identifier: MIT */
/* tcp_in.c - what a segment does to a connection, in the order of RFC 9293 3.10.7. */
#include <errno.h>

#include "lab/station/pattern.h"
#include "lab/station/tcp.h"

enum { DUPACKS = 3 }; /* RFC 5681 3.2 */

static uint64_t scaled(const struct tcp *c, const struct segment *g)
{
	return (uint64_t)g->window << (c->scaling && !(g->flags & TCP_SYN) ? c->peer_scale : 0);
}

/* What the peer's SYN says about the connection. */
static void take_syn(struct tcp *c, const struct segment *g)
{
	uint32_t theirs = g->mss ? g->mss : TCP_MSS_DEFAULT;
	c->irs = g->seq;
	c->mss = theirs < c->mss ? theirs : c->mss;
	congestion_init(&c->congestion, c->mss, c->tries > 0);
	c->scaling = g->scales;
	c->peer_scale = g->scale;
	c->peer_window = scaled(c, g);
}

static void listen_input(struct station *s, struct tcp *c, const struct ipv4 *ip,
			 const struct segment *g, int64_t now)
{
	if (g->flags & TCP_RST)
		return;
	if (g->flags & TCP_ACK || !(g->flags & TCP_SYN)) {
		tcp_refuse(s, ip, g, now);
		return;
	}
	c->ip = ip->src;
	c->port = g->src;
	c->iss = tcp_draw_iss(s);
	take_syn(c, g);
	tcp_move(s, c, TCPS_SYN_RCVD);
	tcp_send_syn(s, c, now);
	tcp_rearm(s, c, now);
}

static void take_sample(struct tcp *c, int64_t now)
{
	if (c->timing)
		rto_sample(&c->rto, now - c->timed_ns);
	c->timing = false;
}

static void syn_sent_input(struct station *s, struct tcp *c, const struct ipv4 *ip,
			   const struct segment *g, int64_t now)
{
	bool acks = g->flags & TCP_ACK;
	if (acks && g->ack != c->iss + 1) {
		tcp_refuse(s, ip, g, now);
		return;
	}
	if (g->flags & TCP_RST) {
		if (acks)
			tcp_abort(s, c, ECONNREFUSED, now);
		return;
	}
	if (!acks || !(g->flags & TCP_SYN)) { /* a simultaneous open is not for bulk senders */
		count_drop(s, STATION_UNCLAIMED);
		return;
	}
	take_syn(c, g);
	take_sample(c, now);
	c->tries = 0;
	c->ack_due = true;
	tcp_move(s, c, TCPS_ESTABLISHED);
	tcp_rearm(s, c, now);
	tcp_output(s, c, now);
}

/* RFC 9293 3.10.7.4, first: does any of it lie in the window? `diff`: from where we are to its
 * start. */
static bool in_window(const struct segment *g, int32_t diff)
{
	uint32_t span = segment_span(g);
	if (diff >= TCP_WINDOW)
		return false;
	return diff >= 0 || (int64_t)diff + span > 0;
}

/* A listener whose opening came to nothing listens again (3.10.7.4, second). */
static void reset_input(struct station *s, struct tcp *c, int64_t now)
{
	if (c->state != TCPS_SYN_RCVD) {
		tcp_abort(s, c, ECONNRESET, now);
		return;
	}
	tcp_move(s, c, TCPS_LISTEN);
	alarm_set(s, &c->alarm, TIME_NEVER);
	c->tries = 0;
	c->mss = TCP_MSS;
	rto_init(&c->rto);
}

/* Our FIN was acknowledged. */
static void fin_acked(struct station *s, struct tcp *c, int64_t now)
{
	if (c->sends)
		tcp_finished(s, c, 0, now);
	if (c->state == TCPS_FIN_WAIT_1)
		tcp_move(s, c, TCPS_FIN_WAIT_2);
	else if (c->state == TCPS_CLOSING)
		tcp_move(s, c, TCPS_TIME_WAIT);
	else if (c->state == TCPS_LAST_ACK)
		tcp_move(s, c, TCPS_CLOSED);
}

/* What new data acknowledged says about the losses before it. true: the timer begins anew. */
static bool recovery_ack(struct station *s, struct tcp *c, uint64_t bytes, int64_t now)
{
	bool over = c->una >= c->recover;
	if (c->phase == TCP_FAST_RECOVERY && !over) { /* the next hole (RFC 6582 3.2, step 3) */
		congestion_partial(&c->congestion, bytes);
		tcp_retransmit(s, c, now);
		bool first = !c->timer_held;
		c->timer_held = true; /* the impatient variant: many holes end with the timer */
		return first;
	}
	if (c->phase == TCP_FAST_RECOVERY)
		congestion_recovered(&c->congestion, tcp_flight(c));
	else
		congestion_acked(&c->congestion, bytes);
	if (over)
		c->phase = TCP_OPEN;
	return true;
}

static void new_ack(struct station *s, struct tcp *c, uint32_t delta, int64_t now)
{
	c->una += delta;
	if (c->resend < c->una)
		c->resend = c->una;
	c->dupacks = 0;
	if (c->sends)
		tcp_advanced(s, c, c->una < c->bytes ? c->una : c->bytes);
	if (c->timing && c->una >= c->timed_to)
		take_sample(c, now);
	bool anew = recovery_ack(s, c, delta, now);
	if (c->una > c->bytes)
		fin_acked(s, c, now);
	if (anew)
		tcp_rearm(s, c, now);
	s->generation++;
}

/* A duplicate (RFC 5681 2): something came to the peer, and something before it did not. Answers to
 * probes of a shut window are none. */
static void same_ack(struct station *s, struct tcp *c, const struct segment *g, bool same_window,
		     int64_t now)
{
	if (segment_span(g) || !same_window || !c->peer_window || c->nxt == c->una)
		return;
	c->dupacks++;
	if (c->phase == TCP_FAST_RECOVERY) {
		congestion_duplicate(&c->congestion);
		return;
	}
	/* Duplicates of what the timer sent in vain are no news (RFC 6582 3.2, step 1). */
	if (c->dupacks != DUPACKS || c->phase != TCP_OPEN || (c->recover && c->una <= c->recover))
		return;
	c->phase = TCP_FAST_RECOVERY;
	c->timer_held = false;
	c->recover = c->nxt;
	congestion_lost(&c->congestion, tcp_flight(c));
	tcp_retransmit(s, c, now);
	tcp_rearm(s, c, now);
}

/* false: it acknowledges what was never sent; answered, and to be dropped. */
static bool take_ack(struct station *s, struct tcp *c, const struct segment *g, int64_t now)
{
	int32_t delta = (int32_t)(g->ack - tcp_seq(c, c->una));
	if (delta > 0 && (uint64_t)delta > c->nxt - c->una) {
		tcp_send_ack(s, c, now);
		return false;
	}
	c->tries = 0;
	if (delta < 0)
		return true; /* old news, but its data may be new */
	uint64_t window = scaled(c, g);
	bool same_window = window == c->peer_window;
	c->peer_window = window;
	if (delta > 0)
		new_ack(s, c, (uint32_t)delta, now);
	else
		same_ack(s, c, g, same_window, now);
	return true;
}

static void take_fin(struct station *s, struct tcp *c, int64_t now)
{
	c->fin_taken = true;
	c->ack_due = true;
	if (!c->sends)
		tcp_finished(s, c, 0, now);
	if (c->state == TCPS_ESTABLISHED)
		tcp_move(s, c, TCPS_CLOSE_WAIT);
	else if (c->state == TCPS_FIN_WAIT_1)
		tcp_move(s, c, TCPS_CLOSING);
	else if (c->state == TCPS_FIN_WAIT_2)
		tcp_move(s, c, TCPS_TIME_WAIT);
	if (c->state == TCPS_TIME_WAIT)
		tcp_rearm(s, c, now);
}

/* The part of a segment that is new, at `offset` of the peer's stream. false: the bytes are wrong.
 */
static bool take_data(struct station *s, struct tcp *c, uint64_t offset, const uint8_t *data,
		      size_t len)
{
	if (!c->sends &&
	    !pattern_holds(offset, data, len)) /* nobody reads what comes to a sender */
		return false;
	if (offset > c->rcv) {
		ranges_add(&c->early, offset, offset + len); /* full: as if it were lost */
		return true;
	}
	c->rcv = ranges_join(&c->early, offset + len > c->rcv ? offset + len : c->rcv);
	if (!c->sends)
		tcp_advanced(s, c, c->rcv);
	return true;
}

/* Data and FIN; `diff` as in in_window(). */
static void take_stream(struct station *s, struct tcp *c, const struct segment *g, int32_t diff,
			int64_t now)
{
	if (!g->len && !(g->flags & TCP_FIN))
		return;
	c->ack_due = true;
	if (c->fin_taken)
		return; /* all of it was here before */
	size_t skip = diff < 0 ? (size_t) - (int64_t)diff : 0;
	if (skip > g->len)
		skip = g->len;
	uint64_t offset =
		c->rcv + (uint64_t)(int64_t)diff; /* may be before the start only with skip */
	if (skip < g->len && !take_data(s, c, offset + skip, g->data + skip, g->len - skip)) {
		tcp_send_reset(s, c, now);
		tcp_abort(s, c, EBADMSG, now);
		return;
	}
	if (g->flags & TCP_FIN && !c->fin_seen) {
		c->fin_seen = true;
		c->fin_at = offset + g->len;
	}
	if (c->fin_seen && c->rcv >= c->fin_at)
		take_fin(s, c, now);
}

static void opened(struct station *s, struct tcp *c, const struct segment *g, int64_t now)
{
	take_sample(c, now);
	c->tries = 0;
	c->peer_window = scaled(c, g);
	c->result.started_ns = now;
	tcp_move(s, c, TCPS_ESTABLISHED);
	tcp_rearm(s, c, now);
}

/* Everything past the sequence check: true when the segment may go on to its ACK. */
static bool flags_pass(struct station *s, struct tcp *c, const struct ipv4 *ip,
		       const struct segment *g, int32_t diff, int64_t now)
{
	if (g->flags & TCP_RST) {
		if (diff == 0)
			reset_input(s, c, now);
		else
			tcp_send_ack(s, c, now); /* RFC 5961 3.2: ask whether it means it */
		return false;
	}
	if (g->flags & TCP_SYN) {
		tcp_send_ack(s, c, now); /* RFC 5961 4.2 */
		return false;
	}
	if (!(g->flags & TCP_ACK))
		return false;
	if (c->state == TCPS_SYN_RCVD) {
		if (g->ack != c->iss + 1) {
			tcp_refuse(s, ip, g, now);
			return false;
		}
		opened(s, c, g, now);
	}
	return true;
}

static void outside_window(struct station *s, struct tcp *c, const struct segment *g, int64_t now)
{
	if (g->flags & TCP_RST)
		return;
	if (c->state == TCPS_SYN_RCVD && g->flags & TCP_SYN && g->seq == c->irs)
		tcp_send_syn(s, c, now); /* our answer was lost */
	else
		tcp_send_ack(s, c, now);
	if (c->state == TCPS_TIME_WAIT)
		tcp_rearm(s, c, now); /* 3.10.7.4, eighth: the FIN again, the wait again */
}

void tcp_input(struct station *s, struct tcp *c, const struct ipv4 *ip, const struct segment *g,
	       int64_t now)
{
	if (c->state == TCPS_LISTEN) {
		listen_input(s, c, ip, g, now);
		return;
	}
	if (c->state == TCPS_SYN_SENT) {
		syn_sent_input(s, c, ip, g, now);
		return;
	}
	int32_t diff = (int32_t)(g->seq - tcp_rcv_next(c));
	if (!in_window(g, diff)) {
		outside_window(s, c, g, now);
		return;
	}
	if (!flags_pass(s, c, ip, g, diff, now) || !take_ack(s, c, g, now) ||
	    c->state == TCPS_CLOSED)
		return;
	take_stream(s, c, g, diff, now);
	if (c->state != TCPS_CLOSED)
		tcp_output(s, c, now);
}
