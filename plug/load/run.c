/* SPDX-License-Identifier: MIT */
/* run.c - a load: plugs in, lets the far stations speak once so that their addresses are known,
 * sends, waits for the last frames. */
#include "plug/load/run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "lib/base/units.h"
#include "lib/io/ep.h"
#include "plug/load/check.h"
#include "plug/load/cpu.h"
#include "plug/load/frame.h"

static const int64_t QUIET_NS = 200 * NS_PER_MS; /* nothing came for so long: nothing will */
static const int64_t STALL_NS = 20 * NS_PER_MS;  /* what is under way for so long is lost */
static const uint64_t MAC_NEAR = UINT64_C(0x02a000000000), MAC_FAR = UINT64_C(0x02b000000000);
enum { ROUNDS = 4, /* batches from one endpoint before the others */ RECEIVER_GROUP = 8 };

enum phase { OPENING, LEARNING, SENDING, DRAINING, LISTENING };

struct end {
	struct load *l;
	struct ep *ep;
	struct check check;
};

struct load {
	const struct load_plan *plan;
	struct loop *loop;
	const struct load_host *host;
	void *ctx;
	struct load_result *r;
	const char *locator[2];
	enum phase phase;
	struct poller poller;
	struct timer limit; /* of listening */
	struct end *end;    /* the sender, if any, then the receivers */
	unsigned ends, up;
	uint32_t run;
	uint64_t hellos, heard;  /* sent by far stations, come back to us */
	uint64_t forgiven;       /* of a window: given up as lost */
	int64_t began, progress; /* progress: the last frame came or went */
	int64_t first_rx, last_rx;
	struct err err;
	/* A batch, made once: only what differs is written anew. */
	uint8_t *bytes;
	struct frame frame[BATCH_MAX];
	struct txv txv[BATCH_MAX];
};

static unsigned first_receiver(const struct load *l)
{
	return l->plan->generate ? 1 : 0;
}

static unsigned receivers(const struct load *l)
{
	return l->ends - first_receiver(l);
}

static void fail(struct load *l, int code, const char *who, const char *words)
{
	err_set(&l->err, code, "%s: %s", who, words);
	loop_stop(l->loop, code);
}

/* ---- receiving ---- */

static void take(struct end *n, const struct frame *f, int64_t now)
{
	struct load *l = n->l;
	struct load_frame g;
	bool whole;
	if (!load_frame_read(f->data, f->len, &g, &whole) ||
	    (l->plan->generate && g.run != l->run)) {
		l->r->other++;
		return;
	}
	if (g.kind == LOAD_HELLO) {
		l->heard += n == l->end && l->plan->generate;
		return;
	}
	if (n == l->end && l->plan->generate) {
		l->r->other++; /* our own come back */
		return;
	}
	if (!whole) {
		l->r->damaged++;
		return;
	}
	check_number(&n->check, g.number);
	histogram_add(&l->r->latency, now - g.sent_ns);
	l->first_rx = l->first_rx ? l->first_rx : now;
	l->last_rx = now;
	l->r->received++;
}

static void readable(void *ctx, struct ep *e)
{
	struct end *n = ctx;
	struct frame f[BATCH_MAX];
	unsigned count = BATCH_MAX;
	for (unsigned i = 0; i < ROUNDS && count == BATCH_MAX; i++) {
		count = ep_rx(e, f, BATCH_MAX);
		int64_t now = loop_clock(n->l->loop);
		for (unsigned k = 0; k < count; k++)
			take(n, &f[k], now);
		if (count) {
			ep_rx_done(e);
			n->l->progress = now;
		}
	}
	if (n->l->phase == LISTENING && n->l->plan->count && n->l->r->received >= n->l->plan->count)
		loop_stop(n->l->loop, 0);
}

/* ---- sending ---- */

static int make_batch(struct load *l)
{
	const struct load_plan *p = l->plan;
	struct load_frame f = { .kind = LOAD_DATA, .run = l->run };
	size_t stride = (p->size + 63u) / 64 * 64 + 64; /* an odd line more or less: not one set */
	l->bytes = calloc(BATCH_MAX, stride);
	if (!l->bytes)
		return -ENOMEM;
	for (unsigned i = 0; i < BATCH_MAX; i++) {
		load_frame_make(l->bytes + i * stride, p->size, p->vlan, &f);
		l->frame[i] = frame_over(l->bytes + i * stride, p->size, NULL);
		l->txv[i] = txv_plain(&l->frame[i]);
	}
	return 0;
}

static void address(struct load *l, unsigned i, uint64_t to, uint64_t from)
{
	uint8_t *mac = l->frame[i].mac;
	mac_from_u64(mac, to);
	mac_from_u64(mac + ETH_ALEN, from);
	memcpy(l->txv[i].hdr, mac, 2 * ETH_ALEN);
}

static uint64_t station(const struct load *l, uint64_t side, uint64_t i)
{
	return side | (uint64_t)(l->run & 0xff) << 24 | i;
}

/* Which station's turn it is: all alike, in no order that a cache could guess. */
static uint64_t pick(const struct load *l, uint64_t number)
{
	uint64_t mixed = (number * UINT64_C(0x9e3779b97f4a7c15)) >> 32;
	return mixed * l->plan->addresses >> 32;
}

static uint64_t in_flight(const struct load *l)
{
	uint64_t accounted = l->r->received + l->forgiven;
	return l->r->expected > accounted ? l->r->expected - accounted : 0;
}

/* Frames that may go now. */
static unsigned allowance(const struct load *l, int64_t now)
{
	const struct load_plan *p = l->plan;
	uint64_t n = BATCH_MAX;
	if (p->count && p->count - l->r->sent < n)
		n = p->count - l->r->sent;
	if (p->window) {
		uint64_t under_way = in_flight(l) / (p->has_to ? receivers(l) : 1);
		n = under_way >= p->window      ? 0
		    : p->window - under_way < n ? p->window - under_way
						: n;
	}
	if (p->rate_mpps) {
		uint64_t s = (uint64_t)(now - l->began) / NS_PER_SEC,
			 us = (uint64_t)(now - l->began) % NS_PER_SEC / NS_PER_US,
			 due = 1 + s * p->rate_mpps / 1000 + us * p->rate_mpps / 1000000000;
		n = due <= l->r->sent ? 0 : due - l->r->sent < n ? due - l->r->sent : n;
	}
	return (unsigned)n;
}

static void send_data(struct load *l, int64_t now)
{
	const struct load_plan *p = l->plan;
	unsigned n = allowance(l, now);
	for (unsigned i = 0; i < n; i++) {
		uint64_t number = l->r->sent + i, s = pick(l, number);
		address(l, i, p->has_to ? mac_to_u64(p->to) : station(l, MAC_FAR, s),
			station(l, MAC_NEAR, s));
		load_frame_stamp(l->bytes + (l->frame[i].data - l->bytes), p->size, p->vlan, number,
				 now);
	}
	unsigned taken = n ? ep_tx(l->end[0].ep, l->txv, n) : 0;
	l->r->sent += taken;
	l->r->expected += (uint64_t)taken * (p->has_to ? receivers(l) : receivers(l) > 0);
	if (taken)
		l->progress = now;
}

/* So that `from`, a station behind that end, is known. */
static bool send_hello(struct load *l, unsigned end, uint64_t to, uint64_t from)
{
	struct load_frame f = { .kind = LOAD_HELLO, .run = l->run };
	uint8_t bytes[LOAD_SIZE_MIN + 4];
	uint32_t len = l->plan->vlan == LOAD_NO_TAG ? LOAD_SIZE_MIN : sizeof bytes;
	load_frame_make(bytes, len, l->plan->vlan, &f);
	mac_from_u64(bytes, to);
	mac_from_u64(bytes + ETH_ALEN, from);
	struct frame hello = frame_over(bytes, len, NULL);
	struct txv v = txv_plain(&hello);
	return ep_tx(l->end[end].ep, &v, 1);
}

/* ---- phases ---- */

static void begin(struct load *l, int64_t now)
{
	l->phase = l->plan->generate ? SENDING : LISTENING;
	l->began = l->progress = now;
	l->r->cpu_ns = l->plan->pid ? cpu_of(l->plan->pid) : -1;
	if (l->host->ready)
		l->host->ready(l->ctx);
	if (l->plan->generate)
		l->began = l->progress = loop_clock(l->loop);
	else if (l->plan->time_ns)
		timer_set(&l->limit, now + l->plan->time_ns);
}

static void all_up(struct load *l)
{
	int64_t now = loop_now(l->loop);
	if (!l->plan->generate || l->plan->has_to || !receivers(l)) {
		begin(l, now);
		return;
	}
	l->phase = LEARNING;
	l->progress = now;
	send_hello(l, 0, UINT64_C(0xffffffffffff), station(l, MAC_NEAR, 0));
}

/* The far stations speak, to the first near one. */
static bool learned(struct load *l, int64_t now)
{
	for (unsigned i = 0; i < BATCH_MAX && l->hellos < l->plan->addresses; i++) {
		unsigned end = 1 + (unsigned)(l->hellos % receivers(l));
		if (!send_hello(l, end, station(l, MAC_NEAR, 0), station(l, MAC_FAR, l->hellos)))
			break;
		l->hellos++;
		l->progress = now;
	}
	return l->hellos == l->plan->addresses &&
	       (l->heard >= l->hellos || now - l->progress > QUIET_NS);
}

static bool is_sent(const struct load *l, int64_t now)
{
	const struct load_plan *p = l->plan;
	return (p->count && l->r->sent >= p->count) || (p->time_ns && now - l->began >= p->time_ns);
}

static void end_sending(struct load *l, int64_t now)
{
	l->r->time_ns = now - l->began;
	l->phase = DRAINING;
	l->progress = now;
}

static void time_is_over(struct timer *t, int64_t now)
{
	(void)now;
	loop_stop(container_of(t, struct load, limit)->loop, 0);
}

static bool step(struct poller *poller, int64_t t)
{
	struct load *l = container_of(poller, struct load, poller);
	(void)t;
	int64_t now = loop_clock(l->loop);
	switch (l->phase) {
	case OPENING:
	case LISTENING:
		return false;
	case LEARNING:
		if (learned(l, now))
			begin(l, now);
		break;
	case SENDING:
		if (now - l->progress > STALL_NS)
			l->forgiven = l->r->expected - l->r->received;
		send_data(l, now);
		if (is_sent(l, now))
			end_sending(l, now);
		break;
	case DRAINING:
		if ((l->r->received >= l->r->expected && ep_flushed(l->end[0].ep)) ||
		    now - l->progress > QUIET_NS)
			loop_stop(l->loop, 0);
		break;
	}
	return true;
}

/* ---- plugging in ---- */

static void up(void *ctx, struct ep *e)
{
	struct load *l = ((struct end *)ctx)->l;
	(void)e;
	if (++l->up == l->ends && l->phase == OPENING)
		all_up(l);
}

static void closed(void *ctx, struct ep *e, const char *reason)
{
	const struct end *n = ctx;
	if (n->l->phase == LISTENING && e->why == 0)
		loop_stop(n->l->loop, 0);
	else
		fail(n->l, e->why ? e->why : -ECONNRESET, e->locator, reason);
}

static const struct ep_host ep_host = { .readable = readable, .up = up, .closed = closed };

static int plug_in(struct load *l)
{
	struct rlimit files;
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	for (unsigned i = 0; i < l->ends; i++) {
		struct end *n = &l->end[i];
		n->l = l;
		int r = ep_open(&n->ep, l->loop, l->locator[i && l->plan->generate], &ep_host, n,
				NULL, &l->err);
		if (r < 0)
			return r;
		l->up += n->ep->is_up;
	}
	if (l->up == l->ends)
		all_up(l);
	return 0;
}

/* ---- the whole ---- */

static void finish(struct load *l)
{
	struct load_result *r = l->r;
	if (l->plan->pid) {
		int64_t after = cpu_of(l->plan->pid);
		r->cpu_ns = after < 0 || r->cpu_ns < 0 ? -1 : after - r->cpu_ns;
	}
	uint64_t highest = 0;
	for (unsigned i = first_receiver(l); i < l->ends; i++) {
		r->duplicated += l->end[i].check.duplicated;
		r->reordered += l->end[i].check.reordered;
		highest = l->end[i].check.next > highest ? l->end[i].check.next : highest;
	}
	r->received -= r->duplicated;
	if (l->plan->generate) {
		r->gone = l->end[0].ep ? l->end[0].ep->tx_dropped : 0;
		r->rx_time_ns = l->last_rx ? l->last_rx - l->began : 0;
		r->timed = r->sent > 0;
		if (l->phase == SENDING)
			r->time_ns = loop_now(l->loop) - l->began;
	} else {
		r->expected = highest * receivers(l);
		r->time_ns = r->rx_time_ns = l->last_rx - l->first_rx;
		r->timed = r->received > 0;
	}
}

int load_run(const struct load_plan *plan, struct loop *loop, const char *from, const char *to,
	     const struct load_host *host, void *ctx, struct load_result *result, struct err *e)
{
	struct load l = { .plan = plan,
			  .loop = loop,
			  .host = host,
			  .ctx = ctx,
			  .r = result,
			  .locator = { from, to },
			  .run = (uint32_t)getpid(),
			  .poller = { .poll = step } };
	*result = (struct load_result){ .cpu_ns = -1 };
	l.ends = plan->generate ? 1 + (to ? (unsigned)plan->sinks : 0) : (unsigned)plan->sinks;
	l.end = calloc(l.ends, sizeof *l.end);
	int r = l.end && make_batch(&l) == 0 ? 0 : err_set(&l.err, -ENOMEM, "out of memory");
	timer_init(&l.limit, loop, time_is_over);
	loop_add_poller(loop, &l.poller);
	if (!r)
		r = plug_in(&l);
	if (!r)
		r = loop_run(loop);
	if (r >= 0)
		finish(&l);
	loop_del_poller(loop, &l.poller);
	timer_fini(&l.limit);
	for (unsigned i = 0; l.end && i < l.ends; i++)
		ep_close(l.end[i].ep);
	free(l.end);
	free(l.bytes);
	*e = l.err;
	return r;
}
