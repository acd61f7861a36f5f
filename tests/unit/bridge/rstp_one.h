/* SPDX-License-Identifier: MIT */
/* rstp_one.h - one spanning tree with a stopped clock for the tests: what it sends is kept, what it
 * hears is made by hand. */
#ifndef DW_TESTS_RSTP_ONE_H
#define DW_TESTS_RSTP_ONE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "switch/core/rstp.h"
#include "switch/core/rstp_bpdu.h"
#include "tests/unit/bridge/rstp_net.h"

enum { PORTS = 4, LOG = 512 };

static struct {
	struct rstp *r;
	int64_t now;
	struct sent {
		int64_t at;
		unsigned port;
		uint32_t len;
		uint8_t frame[RSTP_FRAME_MAX];
	} sent[LOG];
	unsigned count;
	enum rstp_state state[PORTS + 1];
	unsigned flushed[PORTS + 1];
	int64_t state_at[PORTS + 1];
} t;

static inline void on_tx(void *ctx, unsigned port, const uint8_t *frame, uint32_t len)
{
	(void)ctx;
	assert_true(t.count < LOG);
	struct sent *s = &t.sent[t.count++];
	*s = (struct sent){ .at = t.now, .port = port, .len = len };
	memcpy(s->frame, frame, len);
}

static inline void on_state(void *ctx, unsigned port, enum rstp_state s)
{
	(void)ctx;
	t.state[port] = s;
	t.state_at[port] = t.now;
}

static inline void on_flush(void *ctx, unsigned port)
{
	(void)ctx;
	t.flushed[port]++;
}

static inline void on_role(void *ctx, unsigned port, enum rstp_role r)
{
	(void)ctx, (void)port, (void)r;
}

static inline void on_nothing(void *ctx, unsigned port)
{
	(void)ctx, (void)port;
}

static struct rstp_host host = { .tx = on_tx, /* a test may ask for moves as well */
				 .state = on_state,
				 .flush = on_flush,
				 .role = on_role,
				 .change = on_nothing,
				 .shut = on_nothing };
static const uint8_t own_mac[6] = { 2, 0, 0, 0, 0, 0x80 };
#define OWN (UINT64_C(0x8000) << 48 | UINT64_C(0x020000000080))
#define PEER(n) (UINT64_C(0x1000) << 48 | UINT64_C(0x020000000000) | (n)) /* a better bridge */
#define WORSE(n) (UINT64_C(0xf000) << 48 | UINT64_C(0x020000000000) | (n))

static inline void begin(unsigned ports, const struct rstp_config *c)
{
	struct rstp_config own;
	struct rstp_port_config pc;
	rstp_config_default(&own);
	rstp_port_config_default(&pc);
	memset(&t, 0, sizeof t);
	t.now = SEC(100);
	t.r = rstp_new(c ? c : &own, own_mac, &host, NULL, t.now);
	for (unsigned p = 1; p <= ports; p++) {
		pc.cost = 20000;
		assert_int_equal(rstp_port_apply(t.r, p, &pc, t.now), 0);
		rstp_port_link(t.r, p, true, false, 0, t.now);
	}
}

static inline int teardown(void **state)
{
	(void)state;
	rstp_free(t.r);
	t.r = NULL;
	return 0;
}

static inline void run_to(int64_t until)
{
	while (rstp_next(t.r) <= until) {
		t.now = rstp_next(t.r);
		rstp_tick(t.r, t.now);
	}
	t.now = until;
}

static inline void run_for(int64_t d)
{
	run_to(t.now + d);
}

static inline void forget(void)
{
	t.count = 0;
}

static inline struct bpdu decoded(const struct sent *s)
{
	struct bpdu b;
	assert_int_equal(bpdu_decode(&b, s->frame, s->len), 0);
	return b;
}

/* The i-th BPDU sent on a port since forget(); from the end when negative. */
static inline const struct sent *sent_on(unsigned port, int i)
{
	const struct sent *found = NULL;
	if (i >= 0) {
		for (unsigned k = 0; k < t.count; k++)
			if (t.sent[k].port == port && i-- == 0)
				found = &t.sent[k];
	} else {
		for (unsigned k = t.count; k-- > 0;)
			if (t.sent[k].port == port && ++i == 0)
				found = &t.sent[k];
	}
	assert_non_null(found);
	return found;
}

static inline unsigned count_on(unsigned port)
{
	unsigned n = 0;
	for (unsigned k = 0; k < t.count; k++)
		n += t.sent[k].port == port;
	return n;
}

/* A Designated RST BPDU of a neighbour that names `root`. */
static inline struct bpdu rst(uint64_t root, uint32_t cost, uint64_t bridge, uint16_t port)
{
	return (struct bpdu){ .type = BPDU_RST,
			      .role = BPDU_ROLE_DESIGNATED,
			      .v = { root, cost, bridge, port },
			      .times = { 0, 20 * 256, 2 * 256, 15 * 256 } };
}

static inline void hear(unsigned port, const struct bpdu *b)
{
	static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 0x11 };
	uint8_t frame[RSTP_FRAME_MAX];
	uint32_t len = bpdu_encode(b, mac, frame);
	rstp_rx(t.r, port, frame, len, t.now);
}

static inline struct rstp_port_view view(unsigned port)
{
	struct rstp_port_view v;
	assert_true(rstp_port_view(t.r, port, t.now, &v));
	return v;
}

static inline uint64_t root_now(void)
{
	struct rstp_view v;
	rstp_view(t.r, &v);
	return v.root.root;
}

/* Settles ports 1 (root, by a better bridge) and 2 (designated, agreed to). */
static inline struct bpdu settled(void)
{
	begin(2, NULL);
	struct bpdu b = rst(PEER(1), 0, PEER(1), 0x8001);
	b.proposal = true;
	hear(1, &b);
	struct bpdu a = rst(PEER(1), 40000, WORSE(2), 0x8001);
	a.role = BPDU_ROLE_ROOT;
	a.agreement = true;
	hear(2, &a);
	assert_int_equal(view(1).state, RSTP_FORWARDING);
	assert_int_equal(view(2).state, RSTP_FORWARDING);
	forget();
	b.proposal = false;
	return b;
}

/* So that nothing is held back any more; what was heard still counts. */
static inline void rest(void)
{
	run_for(SEC(3));
	forget();
}

#endif
