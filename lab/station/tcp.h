/* SPDX-License-Identifier: MIT */
/* tcp.h - one TCP connection of a station (RFC 9293): a bulk sender or a listener that checks what
 * comes. Offsets count in 64 bits from the first byte of a stream; a FIN stands after the last byte
 * and takes one number. Private to this folder. */
#ifndef DW_LAB_STATION_TCP_H
#define DW_LAB_STATION_TCP_H

#include "lab/station/congestion.h"
#include "lab/station/inner.h"
#include "lab/station/ranges.h"
#include "lab/station/rto.h"
#include "lab/station/segment.h"

enum tcp_state { /* RFC 9293 3.3.2 */
		 TCPS_CLOSED,
		 TCPS_LISTEN,
		 TCPS_SYN_SENT,
		 TCPS_SYN_RCVD,
		 TCPS_ESTABLISHED,
		 TCPS_FIN_WAIT_1,
		 TCPS_FIN_WAIT_2,
		 TCPS_CLOSING,
		 TCPS_TIME_WAIT,
		 TCPS_CLOSE_WAIT,
		 TCPS_LAST_ACK,
		 TCPS_STATES,
};

enum tcp_phase { /* of a sender */
		 TCP_OPEN,
		 TCP_FAST_RECOVERY, /* three duplicates said so: until una reaches recover */
		 TCP_TIMED_OUT,     /* the timer did: what was under way is sent again */
};

enum {
	TCP_WINDOW_SCALE = 7,
	TCP_WINDOW = 4 << 20,        /* what we offer: nothing is kept, so it never fills */
	TCP_WINDOW_UNSCALED = 65535, /* to a peer that does not scale */
	TCP_FLIGHT = 1 << 20,        /* what a sender has under way at most, unless told */
	TCP_MSS = 1460,
	TCP_BURST = 32,    /* segments in one go; the pool grows between goes */
	TCP_SYN_TRIES = 6, /* with back-off from 1 s: about a minute */
	TCP_TRIES = 8,
};

struct tcp {
	struct alarm alarm; /* retransmission, window probe, end of a state */
	struct alarm more;  /* a nanosecond on: the rest of what a burst left */
	enum tcp_state state;
	int handle;
	bool sends;    /* a bulk sender, else a listener */
	bool detached; /* its owner let go; freed once closed */
	struct tcp_result result;
	int64_t advanced_ns;     /* when result.bytes last grew */
	uint32_t ip;             /* theirs */
	uint16_t port, own_port; /* theirs and ours */

	uint32_t iss, mss, window;
	uint64_t bytes;    /* to send in all */
	uint64_t una, nxt; /* first offset not acknowledged, first not sent */
	uint64_t peer_window;
	bool scaling;
	uint8_t peer_scale;
	struct rto rto;
	unsigned tries; /* timeouts since the peer last said anything */
	bool timing;    /* a segment that ends at timed_to is being timed */
	uint64_t timed_to;
	int64_t timed_ns;
	struct congestion congestion;
	unsigned dupacks;
	enum tcp_phase phase;
	bool timer_held;  /* fast recovery: the timer runs on after its first partial ack */
	uint64_t recover; /* nxt at the last loss; 0: there was none */
	uint64_t resend;  /* timed out: first offset not sent again */

	uint32_t irs;
	uint64_t rcv; /* the peer's stream is whole up to here */
	bool fin_seen, fin_taken, ack_due;
	uint64_t fin_at;
	struct ranges early;
};

static inline uint32_t tcp_seq(const struct tcp *c, uint64_t offset)
{
	return c->iss + 1 + (uint32_t)offset;
}

static inline uint32_t tcp_rcv_next(const struct tcp *c)
{
	return c->irs + 1 + (uint32_t)c->rcv + c->fin_taken;
}

static inline bool tcp_in_flight(const struct tcp *c) /* something waits for an acknowledgement */
{
	return c->nxt > c->una || c->state == TCPS_SYN_SENT || c->state == TCPS_SYN_RCVD;
}

static inline bool tcp_may_send(const struct tcp *c) /* data or a FIN is still to go out */
{
	return c->state == TCPS_CLOSE_WAIT || (c->state == TCPS_ESTABLISHED && c->sends);
}

static inline uint64_t tcp_flight(const struct tcp *c)
{
	return c->nxt - c->una;
}

/* tcp.c */
void tcp_move(struct station *s, struct tcp *c,
	      enum tcp_state to); /* the one place that writes state */
void tcp_advanced(struct station *s, struct tcp *c, uint64_t bytes); /* the result grows to that */
void tcp_abort(struct station *s, struct tcp *c, int error,
	       int64_t now); /* closed, without a word */
void tcp_finished(struct station *s, struct tcp *c, int error, int64_t now); /* the result stands */
uint32_t tcp_draw_iss(struct station *s);

/* tcp_out.c */
void tcp_send_syn(struct station *s, struct tcp *c, int64_t now); /* SYN, or SYN and ACK */
void tcp_send_ack(struct station *s, struct tcp *c, int64_t now);
void tcp_send_reset(struct station *s, struct tcp *c, int64_t now);
/* Answers a segment that belongs to nothing here (RFC 9293 3.10.7.1). */
void tcp_refuse(struct station *s, const struct ipv4 *ip, const struct segment *g, int64_t now);
void tcp_output(struct station *s, struct tcp *c, int64_t now); /* as much as the windows allow */
void tcp_retransmit(struct station *s, struct tcp *c,
		    int64_t now); /* the first that is not acknowledged */
void tcp_rearm(struct station *s, struct tcp *c, int64_t now); /* the timer anew, from now */
void tcp_timeout(struct station *s, struct tcp *c, int64_t now);

/* tcp_in.c */
void tcp_input(struct station *s, struct tcp *c, const struct ipv4 *ip, const struct segment *g,
	       int64_t now);

#endif
