/* SPDX-License-Identifier: MIT */
/* pump.c - frames between two endpoints, both ways. */
#include "plug/pump.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/units.h"

static const int64_t FLUSH_NS = 5 * NS_PER_SEC; /* for the last frames, once one side has ended */
static const int64_t RETRY_FIRST_NS = 50 * NS_PER_MS;
static const int64_t RETRY_LOCAL_NS = 100 * NS_PER_MS; /* to look whether a socket is there again */
enum { BATCHES = 4 }; /* from one side before the loop looks at others */

struct side {
	struct pump *p;
	const struct pump_end *end;
	struct ep *ep; /* NULL: away */
	struct timer retry;
	int64_t wait_ns; /* of the last try */
	struct pump_counts counts;
	uint64_t returns;
	bool was_up, finishing; /* finishing: its closed() is waited for */
	/* Frames for this side that it had no room for. */
	uint8_t (*bytes)[ETH_FRAME_MAX];
	uint32_t len[BATCH_MAX];
	unsigned first, kept;
};

struct pump {
	struct loop *loop;
	const struct pump_host *host;
	void *ctx;
	struct pump_end end[2];
	struct side side[2];
	int64_t reconnect_ns;
	struct timer flush;
	bool told_ready, ending, tapped;
	int why;
	char words[512];
};

static struct side *other(struct side *s)
{
	return s == &s->p->side[0] ? &s->p->side[1] : &s->p->side[0];
}

static bool usable(const struct side *s)
{
	return s->ep && s->ep->is_up;
}

/* A side that is not there yet makes the other one wait, one that was lost does not. */
static bool must_wait(const struct side *to)
{
	return to->first < to->kept ||
	       (!usable(to) && !to->was_up && !to->p->reconnect_ns && !to->p->ending);
}

static void settle(struct side *from) /* read from it or not, by the state of the other */
{
	if (from->ep)
		ep_pause(from->ep, must_wait(other(from)));
}

/* ---- the end ---- */

static void over(struct pump *p)
{
	p->host->over(p->ctx, p->why, p->words);
}

static bool all_out(struct pump *p)
{
	for (int i = 0; i < 2; i++) {
		struct side *s = &p->side[i];
		if (usable(s) && (s->first < s->kept || !ep_flushed(s->ep) || s->finishing))
			return false;
	}
	return true;
}

static void flush_late(struct timer *t, int64_t now)
{
	(void)now;
	over(container_of(t, struct pump, flush));
}

static void because(struct side *s, int why, const char *words)
{
	s->p->why = why;
	snprintf(s->p->words, sizeof s->p->words, "%s: %s", pump_side(s->p, s == &s->p->side[1]),
		 words);
}

/* One side has ended: the other gets what was still meant for it. */
static void finish(struct side *s, int why, const char *words)
{
	struct pump *p = s->p;
	if (p->ending)
		return;
	p->ending = true;
	because(s, why, words);
	struct side *to = other(s);
	to->finishing = usable(to) && to->first == to->kept && ep_finish(to->ep);
	timer_set(&p->flush, loop_now(p->loop) + (all_out(p) ? 0 : FLUSH_NS));
}

/* ---- frames ---- */

static void keep(struct side *to, const struct txv *v, unsigned n)
{
	to->first = to->kept = 0;
	for (unsigned i = 0; i < n; i++) {
		txv_copy(&v[i], to->bytes[i]);
		to->len[i] = txv_len(&v[i]);
	}
	to->kept = n;
}

/* Frames for `to`: what became of them. */
static void tell(struct side *to, const struct txv *v, unsigned n, enum drop_reason why)
{
	struct pump *p = to->p;
	for (unsigned i = 0; i < n && p->tapped; i++) {
		struct pieces f = pieces_of_txv(&v[i]);
		p->host->tap(p->ctx, to == &p->side[0], &f, why, loop_now(p->loop));
	}
}

static void tell_runt(struct side *from, const struct frame *f)
{
	struct pump *p = from->p;
	struct pieces bytes = pieces_of_frame(f);
	from->counts.runts++;
	if (p->tapped)
		p->host->tap(p->ctx, from == &p->side[1], &bytes, DROP_RUNT, loop_now(p->loop));
}

static void give(struct side *to, const struct txv *v, unsigned n)
{
	if (!usable(to)) {
		to->counts.away += n;
		tell(to, v, n, DROP_DOWN);
		return;
	}
	unsigned taken = ep_tx(to->ep, v, n);
	to->counts.out += taken;
	tell(to, v, taken, DROP_REASONS);
	if (taken < n)
		keep(to, v + taken, n - taken);
}

static struct txv take(struct side *from, const struct frame *f)
{
	struct pump *p = from->p;
	if (p->host->seen)
		p->host->seen(p->ctx, from == &p->side[1], f);
	return txv_plain(f);
}

static void readable(void *ctx, struct ep *e)
{
	struct side *from = ctx, *to = other(from);
	struct frame f[BATCH_MAX];
	struct txv v[BATCH_MAX];
	unsigned n = BATCH_MAX;
	for (int i = 0; i < BATCHES && n == BATCH_MAX && !must_wait(to); i++) {
		n = ep_rx(e, f, BATCH_MAX);
		unsigned k = 0;
		for (unsigned j = 0; j < n; j++) {
			if (frame_parse(&f[j]))
				v[k++] = take(from, &f[j]);
			else
				tell_runt(from, &f[j]);
		}
		from->counts.in += n;
		if (k)
			give(to, v, k);
		if (n)
			ep_rx_done(e);
	}
	settle(from);
}

static void writable(void *ctx, struct ep *e)
{
	struct side *to = ctx;
	while (to->first < to->kept) {
		struct frame f = frame_over(to->bytes[to->first], to->len[to->first], NULL);
		struct txv v = txv_plain(&f);
		if (!ep_tx(e, &v, 1))
			return;
		tell(to, &v, 1, DROP_REASONS);
		to->counts.out++;
		to->first++;
	}
	if (to->p->ending && !to->finishing)
		to->finishing = ep_finish(e);
	if (to->p->ending && all_out(to->p))
		timer_set(&to->p->flush, loop_now(to->p->loop));
	settle(other(to));
}

/* ---- coming and going ---- */

/* A try that opens no more than a socket of this machine: it disturbs nobody. */
static bool is_local(const char *locator)
{
	return !strstr(locator, "://") || strncmp(locator, "vde://", 6) == 0 ||
	       strncmp(locator, "dw://", 5) == 0 || strncmp(locator, "memif://", 8) == 0 ||
	       strncmp(locator, "stream+unix://", 14) == 0;
}

static void try_later(struct side *s)
{
	int64_t max = s->p->reconnect_ns;
	if (max > RETRY_LOCAL_NS && is_local(s->end->locator))
		max = RETRY_LOCAL_NS;
	s->wait_ns = s->wait_ns ? s->wait_ns * 2 : RETRY_FIRST_NS;
	if (s->wait_ns > max)
		s->wait_ns = max;
	timer_set(&s->retry, loop_now(s->p->loop) + s->wait_ns);
}

static bool reconnects(const struct side *s)
{
	return s->p->reconnect_ns && s->end->locator && strcmp(s->end->locator, "-") != 0;
}

static void say(struct side *s, const char *words)
{
	char line[512];
	snprintf(line, sizeof line, "%s: %s", pump_side(s->p, s == &s->p->side[1]), words);
	s->p->host->say(s->p->ctx, line);
}

static void moved(struct side *s, bool there, const char *words)
{
	struct pump *p = s->p;
	if (p->host->moved)
		p->host->moved(p->ctx, s == &p->side[1], there, words);
}

static void arrived(struct side *s)
{
	struct pump *p = s->p;
	if (p->told_ready)
		say(s, "is back");
	s->returns += s->was_up;
	moved(s, true, s->ep->descr);
	s->was_up = true;
	s->wait_ns = 0;
	settle(other(s));
	if (!p->told_ready && usable(&p->side[0]) && usable(&p->side[1])) {
		p->told_ready = true;
		p->host->ready(p->ctx);
	}
}

static void up(void *ctx, struct ep *e)
{
	(void)e;
	arrived(ctx);
}

static void lose_kept(struct side *to)
{
	for (; to->first < to->kept; to->first++) {
		struct frame f = frame_over(to->bytes[to->first], to->len[to->first], NULL);
		struct txv v = txv_plain(&f);
		to->counts.away++;
		tell(to, &v, 1, DROP_DOWN);
	}
	to->first = to->kept = 0;
}

static void down(void *ctx, struct ep *e)
{
	struct side *s = ctx;
	if (e)
		moved(s, false, "link down");
	lose_kept(s);
	settle(other(s));
}

static void leave(struct side *s)
{
	if (!s->ep)
		return;
	s->counts.lost += s->ep->tx_dropped;
	s->counts.oversize += s->ep->rx_oversize;
	s->counts.stray += s->ep->rx_stray;
	ep_close(s->ep);
	s->ep = NULL;
}

static void closed(void *ctx, struct ep *e, const char *reason)
{
	struct side *s = ctx;
	int why = e->why;
	if (s->wait_ns == 0)
		moved(s, false, reason);
	bool first = s->wait_ns == 0; /* a try that fails is no news */
	leave(s);
	down(ctx, NULL);
	if (s->p->ending) { /* the second one: its trouble is news, its natural end is not */
		if (!s->p->why && why)
			because(s, why, reason);
		timer_set(&s->p->flush, loop_now(s->p->loop));
		return;
	}
	if (!reconnects(s)) {
		finish(s, why, reason);
		return;
	}
	if (first)
		say(s, reason);
	try_later(s);
}

static const struct ep_host ep_host = {
	.readable = readable, .writable = writable, .up = up, .down = down, .closed = closed
};

static int open_side(struct side *s, struct err *err)
{
	int r = s->end->command
			? ep_open_command(&s->ep, s->p->loop, s->end->command, &ep_host, s, err)
			: ep_open(&s->ep, s->p->loop, s->end->locator, &ep_host, s, NULL, err);
	if (r < 0)
		return r;
	settle(s);
	if (s->ep->is_up)
		arrived(s);
	return 0;
}

static void retry(struct timer *t, int64_t now)
{
	struct side *s = container_of(t, struct side, retry);
	(void)now;
	if (open_side(s, NULL) < 0)
		try_later(s);
}

static int begin(struct side *s, struct err *err)
{
	int r = open_side(s, err);
	if (r < 0 && r != -EINVAL && reconnects(s)) {
		say(s, err->text);
		try_later(s);
		return 0;
	}
	return r;
}

struct pump *pump_open(struct loop *l, const struct pump_end end[static 2], int64_t reconnect_ns,
		       const struct pump_host *host, void *ctx, int *code, struct err *err)
{
	struct pump *p = calloc(1, sizeof *p);
	if (!p) {
		*code = err_set(err, -ENOMEM, "out of memory");
		return NULL;
	}
	p->loop = l;
	p->host = host;
	p->ctx = ctx;
	p->reconnect_ns = reconnect_ns;
	timer_init(&p->flush, l, flush_late);
	*code = 0;
	for (int i = 0; i < 2; i++) {
		struct side *s = &p->side[i];
		p->end[i] = end[i];
		s->p = p;
		s->end = &p->end[i];
		timer_init(&s->retry, l, retry);
		s->bytes = calloc(BATCH_MAX, sizeof *s->bytes);
		if (!s->bytes)
			*code = err_set(err, -ENOMEM, "out of memory");
	}
	for (int i = 0; i < 2 && *code == 0; i++)
		*code = begin(&p->side[i], err);
	if (*code < 0) {
		pump_close(p);
		return NULL;
	}
	return p;
}

void pump_close(struct pump *p)
{
	if (!p)
		return;
	for (int i = 0; i < 2; i++) {
		leave(&p->side[i]);
		timer_fini(&p->side[i].retry);
		free(p->side[i].bytes);
	}
	timer_fini(&p->flush);
	free(p);
}

void pump_want_tap(struct pump *p, bool on)
{
	p->tapped = on && p->host->tap;
}

const char *pump_side(const struct pump *p, unsigned side)
{
	const struct pump_end *e = &p->end[side];
	return e->command ? e->command[0] : e->locator;
}

void pump_look(const struct pump *p, unsigned side, struct pump_state *s)
{
	const struct side *from = &p->side[side];
	*s = (struct pump_state){ .port = -1, .up = usable(from), .returns = from->returns };
	if (!s->up)
		return;
	s->descr = from->ep->descr[0] ? from->ep->descr : NULL;
	s->port = from->ep->port;
}

void pump_count(const struct pump *p, unsigned side, struct pump_counts *c)
{
	const struct side *s = &p->side[side];
	*c = s->counts;
	if (s->ep) {
		c->lost += s->ep->tx_dropped;
		c->oversize += s->ep->rx_oversize;
		c->stray += s->ep->rx_stray;
	}
}
