/* SPDX-License-Identifier: MIT */
/* fuzz_wire.c - anything that can happen to a wire, as a row of steps: an operation byte and what
 * it needs. Low three bits: 0 frames (how many, direction, length), 1 a command (length, text), 2
 * time, 3 how much the far ends take, 4 room again, 5 cut, mend, hold, release, link, 6 frames to a
 * reserved address, 7 a script for a scratch wire is all that is left. Whatever comes, no frame is
 * made or vanishes uncounted, a tick leaves nothing due, and all buffers come back. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/heap.h"
#include "lib/base/units.h"
#include "lib/base/wire.h"
#include "tests/fuzz/fuzz.h"
#include "wire/core/wire.h"

enum { LONGEST = 2000 };

struct world {
	struct wire *w;
	struct pool *pool;
	struct wire_files *files;
	unsigned takes;
	uint64_t out[WIRE_DIRS], bytes;
	int64_t now;
};

static unsigned take(void *ctx, enum wire_dir dir, const struct txv *v, unsigned n)
{
	struct world *w = ctx;
	assert(n && n <= BATCH_MAX);
	unsigned took = n < w->takes ? n : w->takes;
	w->takes -= took;
	for (unsigned i = 0; i < took; i++) {
		uint8_t bytes[LONGEST + 8];
		assert(txv_len(&v[i]) <= LONGEST);
		assert(v[i].f->rx_ns <= w->now);
		txv_copy(&v[i], bytes);
		w->bytes += bytes[txv_len(&v[i]) - 1];
	}
	w->out[dir] += took;
	return took;
}

static void see(void *ctx, const struct event *ev)
{
	struct world *w = ctx;
	w->bytes += ev->text ? strlen(ev->text) : 0;
}

/* "file:1,2,5" holds the lines 1, 2 and 5. */
static int read_file(void *ctx, const char *path, char **text, size_t *len, struct err *e)
{
	(void)ctx;
	(void)e;
	*len = strlen(path);
	*text = malloc(*len + 1);
	assert(*text);
	memcpy(*text, path, *len + 1);
	for (char *p = *text; *p; p++)
		if (*p == ',')
			*p = '\n';
	return 0;
}

static void frames(struct world *w, unsigned op, struct rd *r, bool reserved)
{
	static uint8_t bytes[BATCH_MAX][LONGEST];
	struct frame f[BATCH_MAX];
	unsigned n = 1 + rd_u8(r) % BATCH_MAX;
	uint32_t len = rd_be16(r) % LONGEST;
	for (unsigned i = 0; i < n; i++) {
		memset(bytes[i], (int)i, LONGEST);
		memcpy(bytes[i], (const uint8_t[]){ 1, 0x80, 0xc2, 0, 0, reserved ? 0 : 0x55 }, 6);
		rd_bytes(r, bytes[i] + 12, rd_left(r) < 8 ? 0 : 8); /* tags and types of any kind */
		f[i] = (struct frame){ .data = bytes[i], .len = len };
	}
	wire_rx(w->w, op >> 3 & 1 ? WIRE_BA : WIRE_AB, f, n, w->now);
	pool_grow(w->pool);
}

static void command(struct world *w, struct rd *r)
{
	const struct cmd_table table = { wire_commands, w->w };
	const struct cmd_set set = { &table, 1 };
	char line[512];
	struct err e;
	struct out o;
	size_t n = rd_be16(r) % sizeof line;
	if (n > rd_left(r))
		n = rd_left(r);
	rd_bytes(r, line, n);
	line[n] = '\0';
	if (memchr(line, '\n', n))
		return;
	out_init(&o, n & 1);
	cmd_call(&set, line, n & 1, w->now, &o, &e);
	out_fini(&o);
}

static void whole(struct world *w, unsigned what)
{
	switch (what % 8) {
	case 0:
	case 1:
		wire_cut(w->w, what & 1, w->now);
		break;
	case 2:
		wire_mend(w->w, w->now);
		break;
	case 3:
	case 4:
		wire_hold(w->w, what == 3, w->now);
		break;
	default:
		wire_link(w->w, what & 1, what & 2, w->now);
	}
}

static void pass_time(struct world *w, struct rd *r)
{
	static const int64_t scale[] = { 1, NS_PER_US, NS_PER_MS, 10 * NS_PER_MS };
	unsigned how = rd_u8(r);
	w->now += rd_be16(r) * scale[how & 3];
	int64_t next = wire_next(w->w);
	if (how & 4 && next != TIME_NEVER && next > w->now && next < w->now + 10 * NS_PER_SEC)
		w->now = next;
	wire_tick(w->w, w->now);
	assert(wire_next(w->w) > w->now);
	pool_grow(w->pool);
}

static void check(const struct world *w)
{
	for (unsigned d = 0; d < WIRE_DIRS; d++) {
		struct wire_stats s;
		wire_stats(w->w, d, &s);
		uint64_t drops = 0;
		for (unsigned i = 0; i < DROP_REASONS; i++)
			drops += s.drops[i];
		assert(s.rx_frames + s.duplicates == s.tx_frames + drops + s.held);
		assert(s.tx_frames == w->out[d]);
		assert(s.late_max_ns >= 0 && s.delay_min_ns >= 0);
	}
}

static void step(struct world *w, struct rd *r)
{
	unsigned op = rd_u8(r);
	switch (op & 7) {
	case 0:
	case 6:
		frames(w, op, r, (op & 7) == 6);
		break;
	case 1:
	case 7:
		command(w, r);
		break;
	case 2:
		pass_time(w, r);
		break;
	case 3:
		w->takes = rd_be16(r);
		break;
	case 4:
		wire_writable(w->w, op >> 3 & 1 ? WIRE_BA : WIRE_AB, w->now);
		break;
	case 5:
		whole(w, rd_u8(r));
		break;
	}
	check(w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct wire_host host = { .tx = take, .event = see };
	struct world w = { .takes = UINT32_MAX };
	struct wire_config c;
	struct rd r = rd_over(data, size);
	w.pool = pool_new((size_t)64 << 20);
	w.files = wire_files_new(read_file, NULL);
	wire_config_default(&c);
	c.seed = 1;
	c.files = w.files;
	w.w = wire_new(&c, &host, &w, w.pool, 0);
	assert(w.pool && w.files && w.w);
	wire_want_events(w.w, UINT64_MAX);
	for (unsigned steps = 0; rd_left(&r) && steps < 300; steps++)
		step(&w, &r);
	wire_free(w.w);
	wire_files_free(w.files);
	assert(pool_in_use(w.pool) == 0);
	pool_free(w.pool);
	return 0;
}
