/* SPDX-License-Identifier: MIT */
/* fuzz_rstp.c - anything that can be said to a spanning tree. The first byte chooses: a bridge of
 * three ports that hears whatever comes, whose machines must come to rest and whose roles and
 * states must fit each other; or two bridges with three links that are cut, deafened and lied to,
 * which must have one open link once they are left in peace. Then rows of steps: an operation byte
 * (low three bits what, next two which port) and what it needs. */
#include <assert.h>
#include <string.h>

#include "lib/base/wire.h"
#include "switch/core/rstp_bpdu.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/bridge/rstp_net.h"

enum { PORTS = 3, STEPS_MAX = 200, TICKS_PER_SECOND = 64 };

static const uint64_t bridges[8] = {
	UINT64_C(0x1000020000000011), UINT64_C(0x1000020000000012), UINT64_C(0x8000020000000001),
	UINT64_C(0x8000020000000002), UINT64_C(0x8000020000000080), UINT64_C(0xf000020000000013),
	UINT64_C(0x0000000000000000), UINT64_C(0xffffffffffffffff),
};

/* Any BPDU there is, mostly sensible: from 8 bytes. */
static uint32_t bpdu_from(struct rd *r, uint8_t frame[static RSTP_FRAME_MAX])
{
	static const enum bpdu_type type[4] = { BPDU_RST, BPDU_RST, BPDU_CONFIG, BPDU_TCN };
	static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 0x11 };
	uint8_t kind = rd_u8(r), flags = rd_u8(r), who = rd_u8(r), port = rd_u8(r);
	struct bpdu b = {
		.type = type[kind & 3],
		.tc = flags & 1,
		.proposal = flags & 2,
		.role = (enum bpdu_role)(flags >> 2 & 3),
		.learning = flags & 16,
		.forwarding = flags & 32,
		.agreement = flags & 64,
		.tc_ack = flags & 128,
		.v = { bridges[who & 7], rd_u8(r) * 10000u, bridges[who >> 3 & 7],
		       (uint16_t)(0x8000 | (port & 3)) },
		.times = { (uint16_t)(rd_u8(r) * 32), (uint16_t)((6 + (port >> 3)) * 256),
			   (uint16_t)(rd_u8(r) * 10), (uint16_t)((4 + (kind >> 4)) * 256) },
	};
	return bpdu_encode(&b, mac, frame);
}

static bool config_from(struct rd *r, struct rstp_config *c)
{
	uint8_t times = rd_u8(r), rest = rd_u8(r);
	c->priority = (uint16_t)((rest & 15) * 4096);
	c->version = rest & 16 ? 0 : 2;
	c->tx_hold = (uint8_t)(1 + (rest >> 5));
	c->hello = (uint16_t)((1 + (times & 3)) * 256);
	c->max_age = (uint16_t)((6 + (times >> 2 & 7) * 2) * 256);
	c->fwd_delay = (uint16_t)((4 + (times >> 5) * 3) * 256);
	return rstp_config_check(c, NULL) == 0;
}

/* ---- one bridge ---- */
struct lone {
	struct rstp *r;
	int64_t now;
	uint64_t sent; /* sum of bytes, so that a bad pointer shows */
};

static void lone_tx(void *ctx, unsigned port, const uint8_t *frame, uint32_t len)
{
	struct lone *w = ctx;
	struct bpdu b;
	assert(port >= 1 && port <= PORTS);
	assert(bpdu_decode(&b, frame, len) == 0); /* what we say, we would understand */
	w->sent += frame[len - 1];
}

static void lone_state(void *ctx, unsigned port, enum rstp_state s)
{
	(void)ctx, (void)s;
	assert(port >= 1 && port <= PORTS);
}

static void lone_role(void *ctx, unsigned port, enum rstp_role role)
{
	(void)ctx, (void)role;
	assert(port >= 1 && port <= PORTS);
}

static void lone_any(void *ctx, unsigned port)
{
	(void)ctx;
	assert(port >= 1 && port <= PORTS);
}

static const struct rstp_host lone_host = { .tx = lone_tx,
					    .state = lone_state,
					    .flush = lone_any,
					    .role = lone_role,
					    .change = lone_any,
					    .shut = lone_any };

static void lone_holds(const struct lone *w)
{
	struct rstp_port_view v;
	struct rstp_view b;
	unsigned roots = 0;
	rstp_view(w->r, &b);
	for (unsigned p = 1; p <= PORTS; p++) {
		assert(rstp_port_view(w->r, p, w->now, &v));
		roots += v.role == RSTP_ROOT;
		assert((v.role == RSTP_ROOT) == (b.root_port == p));
		assert(v.enabled == (v.role != RSTP_DISABLED));
		if (v.role != RSTP_ROOT && v.role != RSTP_DESIGNATED)
			assert(v.state == RSTP_DISCARDING);
	}
	assert(roots <= 1);
	assert(rstp_next(w->r) > w->now); /* at rest until then */
}

static void lone_run(struct lone *w, int64_t until)
{
	int64_t seconds = (until - w->now) / SEC(1) + 1;
	unsigned ticks = 0;
	for (int64_t at; (at = rstp_next(w->r)) <= until; ticks++) {
		assert(at > w->now);
		w->now = at;
		rstp_tick(w->r, at);
	}
	assert(ticks <= TICKS_PER_SECOND * seconds);
	w->now = until;
}

static void lone_port_config(struct lone *w, unsigned port, unsigned bits)
{
	struct rstp_port_config c = { .cost = bits >> 8 & 0xff,
				      .priority = (bits & 3) * 16,
				      .p2p = (bits >> 2 & 3) % 3,
				      .edge = bits & 16,
				      .auto_edge = bits & 32,
				      .bpdu_guard = bits & 64,
				      .bpdu_filter = bits & 128,
				      .root_guard = bits & 256,
				      .loop_guard = bits & 512,
				      .restricted_role = bits & 1024,
				      .restricted_tcn = bits & 2048 };
	int r = rstp_port_apply(w->r, port, &c, w->now);
	assert(!r);
}

static void lone_hear(struct lone *w, struct rd *r, unsigned port, bool raw)
{
	uint8_t frame[255] = { 0 };
	uint32_t len;
	if (raw) {
		len = rd_u8(r);
		const uint8_t *bytes = rd_take(r, len);
		if (!bytes)
			return;
		memcpy(frame, bytes, len);
	} else {
		len = bpdu_from(r, frame);
	}
	rstp_rx(w->r, port, frame, len, w->now);
}

static void lone_step(struct lone *w, struct rd *r)
{
	uint8_t op = rd_u8(r);
	unsigned port = 1 + (op >> 3 & 3) % PORTS, bits;
	struct rstp_config c;
	switch (op & 7) {
	case 0:
	case 1:
		lone_hear(w, r, port, !(op & 7));
		break;
	case 2:
		rstp_port_link(w->r, port, op & 32, op & 64, op & 128 ? 10000000 : 0, w->now);
		break;
	case 3:
		lone_run(w, w->now + rd_u8(r) * MS(100));
		break;
	case 4:
		bits = rd_be16(r);
		lone_port_config(w, port, bits);
		break;
	case 5:
		if (config_from(r, &c))
			rstp_apply(w->r, &c, w->now);
		break;
	case 6:
		rstp_mcheck(w->r, port, w->now);
		break;
	case 7: /* the caller comes late */
		w->now += rd_u8(r) * MS(100);
		rstp_tick(w->r, w->now);
		break;
	}
	lone_holds(w);
}

static void alone(struct rd *r)
{
	static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 0x80 };
	struct lone w = { .now = SEC(1) };
	struct rstp_config c;
	rstp_config_default(&c);
	w.r = rstp_new(&c, mac, &lone_host, &w, w.now);
	assert(w.r);
	for (unsigned p = 1; p <= PORTS; p++)
		lone_port_config(&w, p, 32);
	for (unsigned i = 0; i < STEPS_MAX && rd_left(r); i++)
		lone_step(&w, r);
	rstp_free(w.r);
}

/* ---- two bridges ---- */
static void pair_lie(struct net *n, struct rd *r, int bridge, unsigned port)
{
	uint8_t frame[RSTP_FRAME_MAX];
	uint32_t len = bpdu_from(r, frame);
	if (n->peer[bridge][port].up)
		rstp_rx(n->b[bridge].r, port, frame, len, n->now);
}

static void pair_step(struct net *n, struct rd *r)
{
	uint8_t op = rd_u8(r);
	unsigned port = 1 + (op >> 3 & 3) % PORTS;
	int bridge = op >> 5 & 1;
	struct rstp_config c;
	struct rstp_port_config pc;
	switch (op & 7) {
	case 0:
		net_link_up(n, bridge, port, !n->peer[bridge][port].up);
		break;
	case 1:
		n->peer[bridge][port].deaf = op & 64;
		break;
	case 2:
		pair_lie(n, r, bridge, port);
		break;
	case 3:
		net_run(n, n->now + rd_u8(r) * MS(50));
		break;
	case 4: /* what keeps a port from hearing or from its role is not for links that close rings
		 */
		rstp_port_config_default(&pc);
		pc.cost = 1 + rd_u8(r) * 1000u;
		pc.priority = (op >> 6) * 16;
		pc.auto_edge = pc.cost & 1;
		pc.loop_guard = pc.cost & 2;
		net_port(n, bridge, port, &pc);
		break;
	case 5:
		if (config_from(r, &c))
			rstp_apply(n->b[bridge].r, &c, n->now);
		break;
	case 6:
		rstp_mcheck(n->b[bridge].r, port, n->now);
		break;
	case 7:
		n->delay = 1 + rd_u8(r) * MS(1);
		break;
	}
}

/* No lie lives longer than three of its hellos, and no listening lasts longer than two of its
 * forward delays. */
static void pair_in_peace(struct net *n)
{
	int parts;
	n->delay = 1000;
	for (unsigned p = 1; p <= PORTS; p++) {
		n->peer[0][p].deaf = n->peer[1][p].deaf = false;
		if (!n->peer[0][p].up)
			net_link_up(n, 0, p, true);
	}
	net_run(n, n->now + SEC(200));
	assert(net_loops(n, &parts) == 0);
	assert(parts == 1);
	int64_t looped = net_run(n, n->now + SEC(20));
	assert(looped == 0);
}

static void two(struct rd *r)
{
	struct net *n = net_new();
	net_add(n, 32768, NULL);
	net_add(n, 32768, NULL);
	for (unsigned p = 1; p <= PORTS; p++)
		net_join(n, 0, p, 1, p);
	for (unsigned i = 0; i < STEPS_MAX && rd_left(r); i++)
		pair_step(n, r);
	pair_in_peace(n);
	net_free(n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd r = rd_over(data, size);
	if (rd_u8(&r) & 1)
		two(&r);
	else
		alone(&r);
	return 0;
}
