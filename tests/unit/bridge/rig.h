/* SPDX-License-Identifier: MIT */
/* rig.h - a bridge with a host that records: what left by which port, and how much a port takes. */
#ifndef DW_TESTS_UNIT_BRIDGE_RIG_H
#define DW_TESTS_UNIT_BRIDGE_RIG_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/units.h"
#include "switch/core/bridge.h"
#include "tests/unit/cmocka.h"

#define SEC(n) ((int64_t)(n)*NS_PER_SEC)

enum { RIG_PORTS = 8, RIG_SENT_MAX = 4096, RIG_EVENTS_MAX = 256 };

struct sent {
	unsigned port;
	uint32_t len;
	uint8_t bytes[128]; /* the first of them */
};

struct tapped { /* what a tap was told */
	unsigned port;
	enum bridge_dir dir;
	enum drop_reason why;
	uint32_t len;
	uint8_t bytes[128]; /* the first of them */
	int64_t at;
};

struct rig {
	struct pool *pool;
	struct bridge *b;
	struct sent sent[RIG_SENT_MAX];
	unsigned count, calls;
	unsigned takes[RIG_PORTS + 1]; /* frames the port takes before it is full */
	struct event event[RIG_EVENTS_MAX];
	char words[RIG_EVENTS_MAX][80]; /* their texts */
	unsigned events;
	struct tapped tap[RIG_EVENTS_MAX];
	unsigned taps;
	int carrier[RIG_PORTS + 1]; /* +1 for each "on", -1 for each "off" */
	int64_t now;
};

static unsigned rig_tx(void *ctx, unsigned port, const struct txv *v, unsigned n)
{
	struct rig *r = ctx;
	unsigned took = n < r->takes[port] ? n : r->takes[port];
	r->takes[port] -= took;
	r->calls++;
	for (unsigned i = 0; i < took; i++) {
		assert_true(r->count < RIG_SENT_MAX);
		struct sent *s = &r->sent[r->count++];
		uint8_t whole[ETH_FRAME_MAX + 8];
		s->port = port;
		s->len = txv_len(&v[i]);
		assert_true(s->len <= ETH_FRAME_MAX);
		txv_copy(&v[i], whole);
		memcpy(s->bytes, whole, s->len < sizeof s->bytes ? s->len : sizeof s->bytes);
	}
	return took;
}

static void rig_event(void *ctx, const struct event *ev)
{
	struct rig *r = ctx;
	assert_true(r->events < RIG_EVENTS_MAX);
	snprintf(r->words[r->events], sizeof *r->words, "%s", ev->text ? ev->text : "");
	r->event[r->events++] = *ev;
}

static void rig_carrier(void *ctx, unsigned port, bool on)
{
	struct rig *r = ctx;
	r->carrier[port] += on ? 1 : -1;
}

static void rig_tap(void *ctx, unsigned port, enum bridge_dir dir, const struct pieces *f,
		    enum drop_reason why, int64_t now)
{
	struct rig *r = ctx;
	assert_true(r->taps < RIG_EVENTS_MAX);
	struct tapped *t = &r->tap[r->taps++];
	*t = (struct tapped){
		.port = port, .dir = dir, .why = why, .len = pieces_len(f), .at = now
	};
	pieces_copy(f, t->bytes, t->len < sizeof t->bytes ? t->len : sizeof t->bytes);
}

/* Knows two expressions: "arp", as libpcap compiles it, and "none". */
static int rig_compile(struct bpf **out, const char *expression, struct err *e)
{
	static const struct bpf_op arp[] = {
		{ 0x28, 0, 0, 12 },     /* ldh [12] */
		{ 0x15, 0, 1, 0x0806 }, /* jeq #0x806 */
		{ 0x06, 0, 0, 262144 }, /* ret #262144 */
		{ 0x06, 0, 0, 0 },      /* ret #0 */
	};
	if (strcmp(expression, "arp") == 0)
		return bpf_new(out, arp, 4, e);
	if (strcmp(expression, "none") == 0)
		return bpf_new(out, arp + 3, 1, e);
	return err_set(e, -EINVAL, "filter '%s': syntax error", expression);
}

static const struct bridge_host rig_host = { .tx = rig_tx,
					     .event = rig_event,
					     .carrier = rig_carrier,
					     .tap = rig_tap,
					     .compile = rig_compile };

static inline void rig_plug(struct rig *r, unsigned port)
{
	struct port_config c;
	if (!bridge_port_config(r->b, port)) {
		port_config_default(&c);
		assert_int_equal(bridge_port_apply(r->b, port, &c, r->now, NULL), 0);
	}
	bridge_link(r->b, port, true, NULL, r->now);
}

/* `ports` of them plugged, 1..ports, each taking all it gets. */
static inline struct rig *rig_new(unsigned ports)
{
	struct rig *r = calloc(1, sizeof *r);
	struct bridge_config c;
	bridge_config_default(&c);
	c.numports = RIG_PORTS;
	c.seed = 99;
	r->pool = pool_new(64 << 20);
	for (unsigned p = 0; p <= RIG_PORTS; p++)
		r->takes[p] = UINT_MAX;
	r->b = bridge_new(&c, &rig_host, r, r->pool, 0);
	assert_non_null(r->b);
	for (unsigned p = 1; p <= ports; p++)
		rig_plug(r, p);
	return r;
}

static inline void rig_free(struct rig *r)
{
	struct err e = { "" };
	if (!bridge_conserves(r->b, &e))
		fail_msg("%s", e.text);
	bridge_free(r->b);
	assert_int_equal(pool_in_use(r->pool), 0);
	pool_free(r->pool);
	free(r);
}

static inline void rig_forget(struct rig *r) /* what was sent so far */
{
	r->count = r->calls = 0;
}

/* A frame of 60 bytes; tags are 8100 with this TCI, -1: none. The payload begins with `mark`. */
static inline uint32_t rig_build(uint8_t out[static 128], uint64_t dst, uint64_t src, int outer,
				 int inner, unsigned mark)
{
	uint8_t *p = out;
	memset(out, 0, 128);
	mac_from_u64(p, dst);
	mac_from_u64(p + 6, src);
	p += 12;
	int tci[2] = { outer, inner };
	for (unsigned i = 0; i < 2; i++)
		if (tci[i] >= 0) {
			*p++ = 0x81;
			*p++ = 0;
			*p++ = (uint8_t)(tci[i] >> 8);
			*p++ = (uint8_t)tci[i];
		}
	*p++ = 0x88;
	*p++ = 0xb5; /* local experimental, IEEE 802 */
	*p++ = (uint8_t)(mark >> 8);
	*p++ = (uint8_t)mark;
	return (uint32_t)(p - out) < 60 ? 60 : (uint32_t)(p - out);
}

static inline void rig_send_bytes(struct rig *r, unsigned port, const uint8_t *bytes, uint32_t len)
{
	struct frame f = { .data = bytes, .len = len };
	bridge_rx(r->b, port, &f, 1, r->now);
}

static inline void rig_send_tagged(struct rig *r, unsigned port, uint64_t dst, uint64_t src,
				   int outer, int inner)
{
	uint8_t bytes[128];
	rig_send_bytes(r, port, bytes, rig_build(bytes, dst, src, outer, inner, 0));
}

static inline void rig_send(struct rig *r, unsigned port, uint64_t dst, uint64_t src)
{
	rig_send_tagged(r, port, dst, src, -1, -1);
}

static inline unsigned rig_sent_to(const struct rig *r, unsigned port)
{
	unsigned n = 0;
	for (unsigned i = 0; i < r->count; i++)
		n += r->sent[i].port == port;
	return n;
}

static inline uint64_t rig_drops(const struct rig *r, unsigned port, enum drop_reason why)
{
	struct port_stats s;
	bridge_port_stats(r->b, port, &s);
	return s.drops[why];
}

static inline void rig_run(struct rig *r, int64_t until)
{
	for (int64_t at; (at = bridge_next(r->b)) <= until;)
		bridge_tick(r->b, r->now = at > r->now ? at : r->now);
	r->now = until;
}

#endif
