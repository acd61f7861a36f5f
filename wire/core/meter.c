/* SPDX-License-Identifier: MIT */
/* meter.c - what a wire realized: delays, how late departures were, bits a second. */
#include "wire/core/side.h"

static const int64_t WINDOW_NS = NS_PER_SEC; /* over which the rate is measured */

/* Buckets of lateness: below 4 ns each its own, then four to an octave. */
static unsigned bucket_of(uint64_t late)
{
	unsigned octave = 0;
	while (late >> octave > 7)
		octave++;
	return octave * 4 + (unsigned)(late >> octave);
}

static int64_t bucket_top(unsigned bucket) /* the largest lateness in it */
{
	unsigned octave = bucket < 8 ? 0 : bucket / 4 - 1;
	uint64_t low = bucket < 8 ? bucket : 4 + bucket % 4;
	return (int64_t)(((low + 1) << octave) - 1);
}

static void measure_rate(struct meter *m, uint64_t bytes, int64_t now)
{
	if (now - m->window_ns >= WINDOW_NS) {
		bool whole = m->window_bytes && now - m->window_ns < 2 * WINDOW_NS;
		m->bps = whole ? (uint64_t)((u128)m->window_bytes * 8 * NS_PER_SEC /
					    (uint64_t)(now - m->window_ns))
			       : 0;
		m->window_ns = now;
		m->window_bytes = 0;
	}
	m->window_bytes += bytes;
}

void meter_delivered(struct side *s, const struct frame *f, int64_t in_ns, int64_t now)
{
	struct wire_stats *st = &s->stats;
	int64_t delay = now - in_ns, late = now - f->rx_ns;
	if (!st->tx_frames || delay < st->delay_min_ns)
		st->delay_min_ns = delay;
	if (delay > st->delay_max_ns)
		st->delay_max_ns = delay;
	if (late > st->late_max_ns)
		st->late_max_ns = late;
	st->delay_sum_ns += delay * f->segs;
	st->tx_frames += f->segs;
	st->tx_bytes += f->len;
	s->meter.late[bucket_of((uint64_t)late)] += f->segs;
	if (late > s->w->config.tolerance_ns)
		s->meter.too_late += f->segs;
	measure_rate(&s->meter, f->len, now);
}

/* The lateness that `part` in 10000 of the frames did not exceed. */
static int64_t quantile(const struct meter *m, uint64_t frames, uint64_t part)
{
	uint64_t below = 0, wanted = (frames * part + 9999) / 10000;
	for (unsigned i = 0; i < LATE_BUCKETS; i++) {
		below += m->late[i];
		if (below >= wanted && below)
			return bucket_top(i);
	}
	return 0;
}

void meter_read(const struct side *s, struct wire_stats *st)
{
	const struct meter *m = &s->meter;
	st->late_p50_ns = quantile(m, st->tx_frames, 5000);
	st->late_p99_ns = quantile(m, st->tx_frames, 9900);
	if (st->late_p99_ns > st->late_max_ns)
		st->late_p99_ns = st->late_max_ns;
	if (st->late_p50_ns > st->late_max_ns)
		st->late_p50_ns = st->late_max_ns;
	st->tx_bps = m->bps;
	st->unfaithful = m->too_late * 100 > st->tx_frames;
}
