/* SPDX-License-Identifier: MIT */
/* fuzz_bridge.c - anything that can happen to a bridge of four ports, as a row of steps: an
 * operation byte and what it needs. Low three bits: 0 frame (port, length, bytes; kept for a
 * batch), 1 the batch so far comes in, 2 plug or unplug, 3 how much a port takes, 4 a command
 * (length, text), 5 time, 6 room at a port again, 7 up or down. Whatever comes, the law of
 * conservation holds. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/units.h"
#include "lib/base/wire.h"
#include "switch/core/bridge.h"
#include "tests/fuzz/fuzz.h"

enum { PORTS = 4 };

struct world {
	struct bridge *b;
	struct pool *pool;
	unsigned takes[PORTS + 1];
	uint64_t bytes; /* read, so that a bad pointer shows */
	int64_t now;
	struct frame batch[BATCH_MAX];
	unsigned n, in;
};

static unsigned take(void *ctx, unsigned port, const struct txv *v, unsigned n)
{
	struct world *w = ctx;
	assert(port <= PORTS && n && n <= BATCH_MAX);
	unsigned took = n < w->takes[port] ? n : w->takes[port];
	w->takes[port] -= took;
	for (unsigned i = 0; i < n; i++) {
		uint8_t out[ETH_FRAME_MAX];
		assert(txv_len(&v[i]) <= sizeof out);
		txv_copy(&v[i], out);
		w->bytes += out[txv_len(&v[i]) - 1];
	}
	return took;
}

static void see(void *ctx, const struct event *ev)
{
	struct world *w = ctx;
	w->bytes += ev->name ? strlen(ev->name) : 0;
}

static const struct bridge_host host = { .tx = take, .event = see };

static void deliver(struct world *w)
{
	if (w->n && bridge_port_config(w->b, w->in))
		bridge_rx(w->b, w->in, w->batch, w->n, w->now);
	for (unsigned i = 0; i < w->n; i++) {
		union {
			const void *given;
			void *ours;
		} p = { .given = w->batch[i].data };
		free(p.ours);
	}
	w->n = 0;
}

static void put_frame(struct world *w, struct rd *r)
{
	unsigned port = rd_u8(r) % (PORTS + 1);
	size_t len = rd_u8(r);
	len = len < rd_left(r) ? len : rd_left(r);
	if (w->n == BATCH_MAX || (w->n && port != w->in))
		deliver(w);
	uint8_t *copy = malloc(len ? len : 1); /* exact, so that reading past it shows */
	assert(copy);
	rd_bytes(r, copy, len);
	w->in = port;
	w->batch[w->n++] = (struct frame){ .data = copy, .len = (uint32_t)len, .rx_ns = w->now };
}

static void command(struct world *w, struct rd *r)
{
	char line[256] = "";
	size_t len = rd_u8(r);
	len = len < rd_left(r) ? len : rd_left(r);
	rd_bytes(r, line, len < sizeof line ? len : sizeof line - 1);
	struct cmd_table t = { .rows = bridge_commands, .ctx = w->b };
	struct out o;
	out_init(&o, false);
	cmd_run(&(struct cmd_set){ &t, 1 }, line, w->now, &o);
	out_fini(&o);
}

static void step(struct world *w, struct rd *r)
{
	uint8_t op = rd_u8(r);
	unsigned port = (op >> 3) % (PORTS + 1);
	struct port_config c;
	switch (op & 7) {
	case 0:
		put_frame(w, r);
		return;
	case 1:
		deliver(w);
		return;
	case 2:
		if (bridge_port_config(w->b, port))
			bridge_link(w->b, port, !bridge_port_present(w->b, port), NULL, w->now);
		return;
	case 3:
		w->takes[port] = rd_u8(r);
		return;
	case 4:
		command(w, r);
		return;
	case 5:
		w->now += (int64_t)rd_u8(r) * NS_PER_SEC;
		for (unsigned i = 0; i < 1000 && bridge_next(w->b) <= w->now; i++)
			bridge_tick(w->b, w->now);
		return;
	case 6:
		bridge_writable(w->b, port, w->now);
		pool_grow(w->pool);
		return;
	default:
		if (!bridge_port_config(w->b, port))
			return;
		c = *bridge_port_config(w->b, port);
		c.up = !c.up;
		bridge_port_apply(w->b, port, &c, w->now, NULL);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct world w = { .pool = pool_new(1 << 20) };
	struct bridge_config c;
	struct port_config pc;
	struct err e;
	bridge_config_default(&c);
	port_config_default(&pc);
	c.numports = PORTS;
	w.b = bridge_new(&c, &host, &w, w.pool, 0);
	assert(w.b);
	bridge_want_events(w.b, ~UINT64_C(0));
	for (unsigned p = 1; p <= PORTS; p++) {
		w.takes[p] = 4;
		bridge_port_apply(w.b, p, &pc, 0, NULL);
		bridge_link(w.b, p, true, NULL, 0);
	}
	for (struct rd r = rd_over(data, size); rd_left(&r) && !r.bad;) {
		step(&w, &r);
		assert(bridge_conserves(w.b, &e));
	}
	deliver(&w);
	assert(bridge_conserves(w.b, &e));
	bridge_free(w.b);
	assert(pool_in_use(w.pool) == 0);
	pool_free(w.pool);
	return 0;
}
