/* SPDX-License-Identifier: MIT */
/* line.h - two stations back to back on a line with a delay, in virtual time: what the tests of a
 * station's protocols stand on. A test's `fate` may lose or delay single frames. */
#ifndef DW_TESTS_UNIT_STATION_LINE_H
#define DW_TESTS_UNIT_STATION_LINE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lab/station/station.h"
#include "lib/base/heap.h"
#include "lib/base/stream.h"
#include "lib/base/units.h"
#include "lib/base/wire.h"

#define MS(n) ((n)*NS_PER_MS)
#define SEC(n) ((n)*NS_PER_SEC)
#define IP_A UINT32_C(0x0a000001) /* 10.0.0.1 */
#define IP_B UINT32_C(0x0a000002)
#define LOST INT64_C(-1)
enum { LINE_SEED = 7, LINE_MAX = 4096, SEEN_MAX = 128 };

struct line;

struct crossing {
	int64_t due;
	unsigned to;
	struct frame f;
};

struct line_end {
	struct line *line;
	unsigned idx;
	struct station *station;
	bool full;     /* takes nothing */
	uint64_t sent; /* frames that left this end */
};

struct line {
	struct pool *pool;
	struct line_end end[2];
	int64_t now, delay;
	/* delay of the n-th frame from `from`, or LOST; NULL: `delay` for all */
	int64_t (*fate)(struct line *l, unsigned from, uint64_t n, const struct frame *f);
	struct crossing q[LINE_MAX]; /* by (due, order of leaving) */
	unsigned count;
	uint8_t seen[ETH_FRAME_MAX]; /* the last frame that left either end */
	uint32_t seen_len;
	struct stream chance;
	bool once; /* for fates that strike one time */
};

static unsigned line_tx(void *ctx, const struct txv *v, unsigned n)
{
	struct line_end *e = ctx;
	struct line *l = e->line;
	if (e->full)
		return 0;
	for (unsigned i = 0; i < n; i++) {
		struct crossing c = { .to = !e->idx };
		assert_int_equal(frame_keep_txv(&c.f, &v[i], l->pool), 0);
		memcpy(l->seen, c.f.data, c.f.len);
		l->seen_len = c.f.len;
		int64_t delay = l->fate ? l->fate(l, e->idx, e->sent, &c.f) : l->delay;
		e->sent++;
		if (delay == LOST) {
			buf_unref(c.f.buf);
			continue;
		}
		assert_true(l->count < LINE_MAX);
		c.due = l->now + delay;
		unsigned at = l->count++;
		for (; at && l->q[at - 1].due > c.due; at--)
			l->q[at] = l->q[at - 1];
		l->q[at] = c;
	}
	return n;
}

static void line_frame(void *ctx, const struct frame *f)
{
	(void)ctx;
	(void)f;
}

static const struct station_host line_host = { .tx = line_tx, .frame = line_frame };

static inline struct line *line_new(uint16_t tag_a, uint16_t tag_b)
{
	struct line *l = calloc(1, sizeof *l);
	assert_non_null(l);
	l->pool = pool_new(64 << 20);
	assert_non_null(l->pool);
	l->delay = MS(5);
	l->chance = stream_of(LINE_SEED, "line");
	for (unsigned i = 0; i < 2; i++) {
		struct station_config c = { .mac = { 2, 0, 0, 0, 0, (uint8_t)(i + 1) },
					    .ip = i ? IP_B : IP_A,
					    .prefix = 24,
					    .tag = i ? tag_b : tag_a,
					    .seed = LINE_SEED };
		c.name[0] = i ? 'b' : 'a';
		l->end[i] = (struct line_end){ .line = l, .idx = i };
		l->end[i].station = station_new(&c, &line_host, &l->end[i], l->pool, 0);
		assert_non_null(l->end[i].station);
	}
	return l;
}

static inline void line_up(struct line *l)
{
	station_link(l->end[0].station, true, l->now);
	station_link(l->end[1].station, true, l->now);
}

static inline void line_free(struct line *l)
{
	for (unsigned i = 0; i < l->count; i++)
		buf_unref(l->q[i].f.buf);
	station_free(l->end[0].station);
	station_free(l->end[1].station);
	assert_int_equal(pool_in_use(l->pool), 0);
	pool_free(l->pool);
	free(l);
}

static int64_t line_next(const struct line *l)
{
	int64_t due = l->count ? l->q[0].due : TIME_NEVER;
	for (unsigned i = 0; i < 2; i++)
		if (station_next(l->end[i].station) < due)
			due = station_next(l->end[i].station);
	return due;
}

/* Everything due up to and at `until`; time ends there. */
static inline void line_run(struct line *l, int64_t until)
{
	for (int64_t due; (due = line_next(l)) <= until;) {
		if (due > l->now)
			l->now = due;
		pool_grow(l->pool);
		if (l->count && l->q[0].due <= due) {
			struct crossing c = l->q[0];
			memmove(&l->q[0], &l->q[1], --l->count * sizeof l->q[0]);
			struct buf *buf = c.f.buf;
			station_rx(l->end[c.to].station, &c.f, 1, l->now);
			buf_unref(buf);
			continue;
		}
		for (unsigned i = 0; i < 2; i++)
			if (station_next(l->end[i].station) <= due)
				station_tick(l->end[i].station, l->now);
	}
	l->now = until;
}

static inline uint64_t line_drops(const struct line *l, unsigned end, enum station_drop why)
{
	struct station_stats st;
	station_stats(l->end[end].station, &st);
	return st.drops[why];
}

/* Hands bytes to one end as a frame from the other. */
static inline void line_inject(struct line *l, unsigned to, const void *bytes, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1); /* exact: reading past it shows */
	assert_non_null(copy);
	memcpy(copy, bytes, len);
	struct frame f = { .data = copy, .len = (uint32_t)len };
	station_rx(l->end[to].station, &f, 1, l->now);
	free(copy);
}

/* Up, 100 ms old, both know each other's address, frames are counted from here. */
static inline int line_setup(void **state)
{
	struct line *l = line_new(0, 0);
	struct ping_args a = { .ip = IP_B, .count = 1, .within_ns = MS(50) };
	line_up(l);
	int h = station_ping(l->end[0].station, &a, l->now);
	line_run(l, MS(100));
	assert_int_equal(station_ping_result(l->end[0].station, h)->received, 1);
	station_ping_end(l->end[0].station, h);
	l->end[0].sent = l->end[1].sent = 0;
	*state = l;
	return 0;
}

static inline int line_teardown(void **state)
{
	line_free(*state);
	return 0;
}

#endif
