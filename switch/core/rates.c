/* SPDX-License-Identifier: MIT */
/* rates.c - what crosses the ports in a second, and whose losses are more than they should be. */
#include "switch/core/rates.h"

#include <inttypes.h>
#include <stdio.h>

#include "lib/base/units.h"

enum { STEP = 1024 };                 /* ports a call */
#define STEP_PAUSE_NS (1 * NS_PER_MS) /* between them: frames get their turn */
static_assert(DROP_REASONS <= 64, "a bit for each in `alarmed`");

/* A second, or longer when the driver slept. */
static uint64_t per_second(uint64_t n, int64_t elapsed_ns)
{
	uint64_t ms = (uint64_t)(elapsed_ns / NS_PER_MS);
	return ms ? n * 1000 / ms : n;
}

static void alarm_event(struct bridge *b, const struct port *p, enum drop_reason why, uint64_t rate,
			int64_t now)
{
	char text[80];
	bool above = p->alarmed >> why & 1;
	if (!bridge_wants(b, EVENT_DROP))
		return;
	if (above)
		snprintf(text, sizeof text, "%s %" PRIu64 "/s, at least %" PRIu32 "/s",
			 drop_name(why), rate, b->cfg.drop_alarm);
	else
		snprintf(text, sizeof text, "%s below %" PRIu32 "/s", drop_name(why),
			 b->cfg.drop_alarm);
	bridge_event(b, &(struct event){ .kind = EVENT_DROP,
					 .at = now,
					 .port = p->no,
					 .name = p->cfg.name,
					 .text = text });
}

static void watch_losses(struct bridge *b, struct port *p, int64_t elapsed_ns, int64_t now)
{
	for (unsigned r = 0; r < DROP_REASONS; r++) {
		uint64_t rate = per_second(p->count.drops[r] - p->seen.drops[r], elapsed_ns);
		bool above = b->cfg.drop_alarm && rate >= b->cfg.drop_alarm;
		if (above == (p->alarmed >> r & 1))
			continue;
		p->alarmed ^= UINT64_C(1) << r;
		alarm_event(b, p, (enum drop_reason)r, rate, now);
	}
}

static bool measure(struct bridge *b, struct port *p, int64_t now) /* true: it was not all quiet */
{
	const struct counters *c = &p->count, *s = &p->seen;
	int64_t since = p->seen_ns > b->rates.started_ns ? p->seen_ns : b->rates.started_ns;
	int64_t elapsed = now - since;
	p->rate = (struct port_rate){
		.rx_frames = per_second(c->rx_frames - s->rx_frames, elapsed),
		.rx_bytes = per_second(c->rx_bytes - s->rx_bytes, elapsed),
		.tx_frames = per_second(c->tx_frames - s->tx_frames, elapsed),
		.tx_bytes = per_second(c->tx_bytes - s->tx_bytes, elapsed),
		.drops = per_second(c->in_drops + c->out_drops - s->in_drops - s->out_drops,
				    elapsed),
	};
	bool busy = p->rate.rx_frames || p->rate.tx_frames || p->rate.drops || p->alarmed;
	if (p->rate.drops || p->alarmed)
		watch_losses(b, p, elapsed, now);
	p->seen = *c;
	p->seen_ns = now;
	return busy;
}

static void run(struct bridge *b, int64_t now)
{
	unsigned p = portset_next(&b->exist, b->rates.next);
	for (unsigned n = 0; n < STEP && p != UINT_MAX; n++, p = portset_next(&b->exist, p + 1))
		b->rates.busy |= measure(b, b->port[p], now);
	b->rates.next = p;
	int64_t due = now + STEP_PAUSE_NS;
	if (p == UINT_MAX) { /* the round is over */
		b->rates.begun_ns += NS_PER_SEC;
		if (b->rates.begun_ns <= now)
			b->rates.begun_ns = now + NS_PER_SEC;
		due = b->rates.busy ? b->rates.begun_ns : TIME_NEVER;
		b->rates.next = 0;
		b->rates.runs = b->rates.busy;
		b->rates.busy = false;
	}
	heap_set(&b->heap, &b->rates.timer.d, due);
}

void rates_init(struct bridge *b)
{
	b->rates.timer.run = run;
	b->rates.timer.d.id = 2; /* after the spanning tree */
}

void rates_start(struct bridge *b, int64_t now)
{
	b->rates.runs = true;
	b->rates.started_ns = now;
	b->rates.begun_ns = now + NS_PER_SEC;
	heap_set(&b->heap, &b->rates.timer.d, b->rates.begun_ns);
}
