/* SPDX-License-Identifier: MIT */
/* rig.h - a wire on a bench: numbered frames go in, what comes out is written down. */
#ifndef DW_TEST_WIRE_RIG_H
#define DW_TEST_WIRE_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/heap.h"
#include "lib/base/stream.h"
#include "wire/core/wire.h"

#define MS(n) ((int64_t)(n)*NS_PER_MS)
#define SEC(n) ((int64_t)(n)*NS_PER_SEC)
#define SEED UINT64_C(20261121) /* of every test here, unless it says another */

struct seen {        /* one frame that left */
	uint32_t id; /* its number, from its bytes */
	uint32_t len;
	int64_t at;    /* when tx was called */
	int64_t stamp; /* frame.rx_ns */
};

enum { RIG_TOLD_MAX = 32768 };

struct told {                 /* what a tap was told */
	struct wire_tapped t; /* without its bytes */
	uint32_t id;
	int64_t at;
};

struct rig {
	struct wire_config c;
	struct wire *w;
	struct pool *pool;
	int64_t now;
	uint32_t next_id[WIRE_DIRS];
	struct seen *out[WIRE_DIRS];
	size_t count[WIRE_DIRS], room[WIRE_DIRS];
	unsigned take;  /* tx takes at most that many in one call */
	unsigned calls; /* of tx */
	bool carrier[2];
	unsigned events[EVENT_KINDS];
	uint8_t sent[9000]; /* the last frame that went in */
	uint8_t got[9000];  /* the last one that came out */
	struct told *told;  /* NULL: nobody taps */
	unsigned tells;
};

static inline unsigned rig_tx(void *ctx, enum wire_dir dir, const struct txv *v, unsigned n)
{
	struct rig *g = ctx;
	g->calls++;
	if (n > g->take)
		n = g->take;
	for (unsigned i = 0; i < n; i++) {
		if (g->count[dir] == g->room[dir]) {
			g->room[dir] = g->room[dir] ? 2 * g->room[dir] : 1024;
			g->out[dir] = realloc(g->out[dir], g->room[dir] * sizeof *g->out[dir]);
			assert_non_null(g->out[dir]);
		}
		assert_true(txv_len(&v[i]) <= sizeof g->got);
		txv_copy(&v[i], g->got);
		struct seen *s = &g->out[dir][g->count[dir]++];
		*s = (struct seen){ .len = txv_len(&v[i]), .at = g->now, .stamp = v[i].f->rx_ns };
		memcpy(&s->id, g->got + 14, sizeof s->id);
	}
	return n;
}

static inline void rig_carrier(void *ctx, unsigned end, bool on)
{
	struct rig *g = ctx;
	g->carrier[end] = on;
}

static inline void rig_event(void *ctx, const struct event *ev)
{
	struct rig *g = ctx;
	g->events[ev->kind]++;
}

static inline void rig_tap(void *ctx, const struct wire_tapped *t, int64_t now)
{
	struct rig *g = ctx;
	assert_true(g->tells < RIG_TOLD_MAX);
	struct told *n = &g->told[g->tells++];
	*n = (struct told){ .t = *t, .at = now };
	if (pieces_len(&t->frame) >= 18) {
		uint8_t head[18];
		pieces_copy(&t->frame, head, sizeof head);
		memcpy(&n->id, head + 14, sizeof n->id);
	}
}

static inline void rig_watch(struct rig *g)
{
	g->told = calloc(RIG_TOLD_MAX, sizeof *g->told);
	assert_non_null(g->told);
	wire_want_tap(g->w, true);
}

/* Keys and values in turn, NULL at the end. */
static inline void rig_keys(struct rig *g, ...)
{
	va_list ap;
	va_start(ap, g);
	for (const char *k; (k = va_arg(ap, const char *)) != NULL;) {
		const char *v = va_arg(ap, const char *);
		struct err e = { "" };
		if (wire_set_key(&g->c, k, v, &e) < 0)
			fail_msg("%s=%s: %s", k, v, e.text);
	}
	va_end(ap);
	struct err e = { "" };
	if (wire_check(&g->c, &e) < 0)
		fail_msg("%s", e.text);
	if (g->w)
		assert_int_equal(wire_apply(g->w, &g->c, g->now), 0);
}

static inline void rig_begin(struct rig *g)
{
	static const struct wire_host host = {
		.tx = rig_tx, .carrier = rig_carrier, .event = rig_event, .tap = rig_tap
	};
	*g = (struct rig){ .take = UINT32_MAX, .carrier = { true, true } };
	g->pool = pool_new((size_t)1 << 30);
	assert_non_null(g->pool);
	wire_config_default(&g->c);
	snprintf(g->c.name, sizeof g->c.name, "a--b");
	g->c.seed = SEED;
	g->w = wire_new(&g->c, &host, g, g->pool, 0);
	assert_non_null(g->w);
	wire_want_events(g->w, UINT64_MAX);
}

static inline void rig_end(struct rig *g)
{
	wire_free(g->w);
	assert_int_equal(pool_in_use(g->pool), 0);
	pool_free(g->pool);
	for (unsigned d = 0; d < WIRE_DIRS; d++)
		free(g->out[d]);
	free(g->told);
}

/* `n` frames of `len` bytes at once, now; the caller's bytes are gone when the call returns. */
static inline void rig_send_to(struct rig *g, enum wire_dir dir, unsigned n, uint32_t len,
			       uint8_t last)
{
	static uint8_t bytes[BATCH_MAX][9000];
	struct frame f[BATCH_MAX];
	for (unsigned i = 0; i < n; i++) {
		memset(bytes[i], 0, len);
		memcpy(bytes[i], (const uint8_t[]){ 0x01, 0x80, 0xc2, 0, 0, last }, 6);
		bytes[i][6] = 2;
		bytes[i][12] = 0x88;
		bytes[i][13] = 0xb5;
		memcpy(bytes[i] + 14, &g->next_id[dir], sizeof g->next_id[dir]);
		g->next_id[dir]++;
		bool ok;
		f[i] = frame_over(bytes[i], len, &ok);
		assert_true(ok);
	}
	memcpy(g->sent, bytes[n - 1], len);
	wire_rx(g->w, dir, f, n, g->now);
	for (unsigned i = 0; i < n; i++)
		memset(bytes[i], 0xee, len);
	pool_grow(g->pool);
}

static inline void rig_send(struct rig *g, enum wire_dir dir, unsigned n, uint32_t len)
{
	rig_send_to(g, dir, n, len, 0x77); /* 01:80:c2:00:00:77 is an ordinary group address */
}

/* Time goes on to `until`, each deadline kept to the ns. */
static inline void rig_run(struct rig *g, int64_t until)
{
	for (int64_t t; (t = wire_next(g->w)) <= until;) {
		assert_true(t >= g->now);
		g->now = t;
		wire_tick(g->w, g->now);
		pool_grow(g->pool);
	}
	g->now = until;
}

static inline void rig_conserves(struct rig *g)
{
	for (unsigned d = 0; d < WIRE_DIRS; d++) {
		struct wire_stats s;
		wire_stats(g->w, d, &s);
		uint64_t drops = 0;
		for (unsigned i = 0; i < DROP_REASONS; i++)
			drops += s.drops[i];
		assert_int_equal(s.rx_frames + s.duplicates, s.tx_frames + drops + s.held);
		assert_int_equal(s.tx_frames, g->count[d]);
	}
}

static inline uint64_t rig_drops(struct rig *g, enum wire_dir dir, enum drop_reason why)
{
	struct wire_stats s;
	wire_stats(g->w, dir, &s);
	return s.drops[why];
}

/* n frames in batches of 64, each batch gone `gap` ns later, before the next comes. */
static inline void rig_pour(struct rig *g, enum wire_dir dir, unsigned n, int64_t gap)
{
	for (unsigned i = 0; i < n; i += BATCH_MAX) {
		unsigned k = n - i < BATCH_MAX ? n - i : BATCH_MAX;
		rig_send(g, dir, k, 60);
		rig_run(g, g->now + gap);
	}
}

/* The fate of each frame that rig_pour() sent, by its number: how long it took, or -1. The caller
 * frees. */
static inline int64_t *rig_fates(const struct rig *g, enum wire_dir dir, unsigned n, int64_t gap)
{
	int64_t *f = malloc(n * sizeof *f);
	assert_non_null(f);
	for (unsigned i = 0; i < n; i++)
		f[i] = -1;
	for (size_t i = 0; i < g->count[dir]; i++) {
		const struct seen *s = &g->out[dir][i];
		assert_true(s->id < n);
		f[s->id] = s->stamp - s->id / BATCH_MAX * gap;
	}
	return f;
}

#endif
