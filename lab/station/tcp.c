/* SPDX-License-Identifier: MIT */
/* tcp.c - connections of a station: opened, found, ended; and the one place that moves their state.
 */
#include "lab/station/tcp.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "lib/base/units.h"

#define TIME_WAIT_NS (2 * NS_PER_SEC)   /* 2 MSL for wires of at most a second */
#define FIN_WAIT_2_NS (60 * NS_PER_SEC) /* RFC 9293 lets us wait for ever; a lab ends */

#define TO(state) (1u << (state))
static const unsigned may_move[TCPS_STATES] = {
	/* RFC 9293 figure 5; every state may close at once */
	[TCPS_CLOSED] = TO(TCPS_LISTEN) | TO(TCPS_SYN_SENT),
	[TCPS_LISTEN] = TO(TCPS_SYN_RCVD),
	[TCPS_SYN_SENT] = TO(TCPS_ESTABLISHED),
	[TCPS_SYN_RCVD] = TO(TCPS_ESTABLISHED) | TO(TCPS_LISTEN),
	[TCPS_ESTABLISHED] = TO(TCPS_FIN_WAIT_1) | TO(TCPS_CLOSE_WAIT),
	[TCPS_FIN_WAIT_1] = TO(TCPS_FIN_WAIT_2) | TO(TCPS_CLOSING),
	[TCPS_FIN_WAIT_2] = TO(TCPS_TIME_WAIT),
	[TCPS_CLOSING] = TO(TCPS_TIME_WAIT),
	[TCPS_TIME_WAIT] = 0,
	[TCPS_CLOSE_WAIT] = TO(TCPS_LAST_ACK),
	[TCPS_LAST_ACK] = 0,
};

void tcp_move(struct station *s, struct tcp *c, enum tcp_state to)
{
	assert(to == TCPS_CLOSED || may_move[c->state] & TO(to));
	c->state = to;
	s->generation++;
	if (to == TCPS_ESTABLISHED)
		c->advanced_ns = s->now;
	if (to != TCPS_CLOSED)
		return;
	alarm_set(s, &c->alarm, TIME_NEVER);
	alarm_set(s, &c->more, TIME_NEVER);
}

void tcp_advanced(struct station *s, struct tcp *c, uint64_t bytes)
{
	if (s->now - c->advanced_ns > c->result.stalled_ns)
		c->result.stalled_ns = s->now - c->advanced_ns;
	c->advanced_ns = s->now;
	c->result.bytes = bytes;
	s->generation++;
}

void tcp_finished(struct station *s, struct tcp *c, int error, int64_t now)
{
	if (c->result.done)
		return;
	c->result.done = true;
	c->result.error = error;
	c->result.ended_ns = now;
	s->generation++;
}

void tcp_abort(struct station *s, struct tcp *c, int error, int64_t now)
{
	tcp_finished(s, c, error, now);
	tcp_move(s, c, TCPS_CLOSED);
}

uint32_t tcp_draw_iss(struct station *s)
{
	return (uint32_t)draw(s->tcp_stream, s->tcp_draws++, 0);
}

static void free_conn(struct station *s, struct tcp *c)
{
	handles_take(&s->tcps, c->handle);
	alarm_fini(s, &c->alarm);
	alarm_fini(s, &c->more);
	free(c);
}

static void reap(struct station *s, struct tcp *c)
{
	if (c->detached && c->state == TCPS_CLOSED)
		free_conn(s, c);
}

static void conn_alarm(struct station *s, struct alarm *a, int64_t now)
{
	struct tcp *c = container_of(a, struct tcp, alarm);
	tcp_timeout(s, c, now);
	reap(s, c);
}

static void conn_more(struct station *s, struct alarm *a, int64_t now)
{
	tcp_output(s, container_of(a, struct tcp, more), now);
}

static struct tcp *find(const struct station *s, uint32_t ip, uint16_t port, uint16_t own_port)
{
	struct tcp *listener = NULL;
	for (unsigned i = 0; i < s->tcps.room; i++) {
		struct tcp *c = s->tcps.v[i];
		if (!c || c->state == TCPS_CLOSED || c->own_port != own_port)
			continue;
		if (c->state == TCPS_LISTEN)
			listener = c;
		else if (c->ip == ip && c->port == port)
			return c;
	}
	return listener;
}

/* A listener may share its port with connections that are saying their last words. */
static bool port_taken(const struct station *s, uint16_t own_port, bool to_listen)
{
	for (unsigned i = 0; i < s->tcps.room; i++) {
		const struct tcp *c = s->tcps.v[i];
		if (c && c->own_port == own_port && !(to_listen && c->detached))
			return true;
	}
	return false;
}

/* From the dynamic range (RFC 6335 6); more than STATION_HANDLES ports, so a free one is there. */
static uint16_t draw_port(struct station *s)
{
	uint64_t n = s->tcp_draws++;
	uint16_t port;
	uint32_t k = 0;
	do
		port = (uint16_t)(49152 + draw_below(s->tcp_stream, n, k++, 16384));
	while (port_taken(s, port, false));
	return port;
}

static struct tcp *make(struct station *s, int *error)
{
	struct tcp *c = calloc(1, sizeof *c);
	if (!c) {
		*error = -ENOMEM;
		return NULL;
	}
	rto_init(&c->rto);
	int r = alarm_init(s, &c->alarm, conn_alarm);
	if (r == 0)
		r = alarm_init(s, &c->more, conn_more);
	if (r == 0)
		r = handles_put(&s->tcps, c);
	if (r < 0) {
		alarm_fini(s, &c->alarm);
		alarm_fini(s, &c->more);
		free(c);
		*error = r;
		return NULL;
	}
	c->handle = r;
	return c;
}

int station_tcp_listen(struct station *s, uint16_t port, int64_t now)
{
	int r = 0;
	if (!port)
		return -EINVAL;
	if (port_taken(s, port, true))
		return -EADDRINUSE;
	struct tcp *c = make(s, &r);
	if (!c)
		return r;
	c->own_port = port;
	c->mss = TCP_MSS;
	c->result.started_ns = now;
	tcp_move(s, c, TCPS_LISTEN);
	return c->handle;
}

int station_tcp(struct station *s, const struct tcp_args *a, int64_t now)
{
	int r = station_reaches(s, a->ip);
	if (r < 0)
		return r;
	if (!a->port || a->bytes > UINT64_MAX / 2)
		return -EINVAL;
	if (a->mss > ETH_FRAME_MAX - ether_head_len(s) - IPV4_HLEN - TCP_HLEN)
		return -EMSGSIZE;
	struct tcp *c = make(s, &r);
	if (!c)
		return r;
	c->sends = true;
	c->ip = a->ip;
	c->port = a->port;
	c->own_port = draw_port(s);
	c->iss = tcp_draw_iss(s);
	c->bytes = a->bytes;
	c->mss = a->mss ? a->mss : TCP_MSS;
	c->window = a->window ? a->window : TCP_FLIGHT;
	c->result.started_ns = now;
	tcp_move(s, c, TCPS_SYN_SENT);
	tcp_send_syn(s, c, now);
	tcp_rearm(s, c, now);
	return c->handle;
}

const struct tcp_result *station_tcp_result(const struct station *s, int handle)
{
	const struct tcp *c = handles_get(&s->tcps, handle);
	return c && !c->detached ? &c->result : NULL;
}

/* One that is done says its last words by itself; one in the middle is reset. */
void station_tcp_end(struct station *s, int handle)
{
	struct tcp *c = handles_get(&s->tcps, handle);
	if (!c || c->detached)
		return;
	c->detached = true;
	bool closing = c->result.done && c->state != TCPS_ESTABLISHED;
	if (!closing) {
		if (c->state != TCPS_LISTEN && c->state != TCPS_SYN_SENT && c->state != TCPS_CLOSED)
			tcp_send_reset(s, c, s->now);
		tcp_move(s, c, TCPS_CLOSED);
	}
	reap(s, c);
}

void tcp_fini(struct station *s)
{
	for (unsigned i = 0; i < s->tcps.room; i++)
		if (s->tcps.v[i])
			free_conn(s, s->tcps.v[i]);
	handles_fini(&s->tcps);
}

void tcp_unreachable(struct station *s, uint32_t ip, int64_t now)
{
	for (unsigned i = 0; i < s->tcps.room; i++) {
		struct tcp *c = s->tcps.v[i];
		if (c && c->state == TCPS_SYN_SENT && c->ip == ip)
			tcp_abort(s, c, EHOSTUNREACH, now);
	}
}

/* States that only time ends are left by the alarm; see tcp_timeout(). */
void tcp_rearm(struct station *s, struct tcp *c, int64_t now)
{
	int64_t due = TIME_NEVER;
	if (c->state == TCPS_TIME_WAIT)
		due = now + TIME_WAIT_NS;
	else if (tcp_in_flight(c) || (tcp_may_send(c) && c->nxt < c->bytes))
		due = now + c->rto.rto_ns;
	else if (c->state == TCPS_FIN_WAIT_2)
		due = now + FIN_WAIT_2_NS;
	alarm_set(s, &c->alarm, due);
}

void tcp_rx(struct station *s, const struct ipv4 *ip, int64_t now)
{
	struct segment g;
	switch (segment_read(&g, ip)) {
	case SEGMENT_MALFORMED:
		count_drop(s, STATION_MALFORMED);
		return;
	case SEGMENT_CHECKSUM:
		count_drop(s, STATION_CHECKSUM);
		return;
	case SEGMENT_GOOD:
		break;
	}
	struct tcp *c = find(s, ip->src, g.src, g.dst);
	if (!c) {
		count_drop(s, STATION_UNCLAIMED);
		tcp_refuse(s, ip, &g, now);
		return;
	}
	tcp_input(s, c, ip, &g, now);
	reap(s, c);
}
