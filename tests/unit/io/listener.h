/* SPDX-License-Identifier: MIT */
/* listener.h - a host for endpoints that notes what it is told and keeps the frames, and a loop
 * that turns until something is so, with a deadline. */
#ifndef DW_TESTS_UNIT_IO_LISTENER_H
#define DW_TESTS_UNIT_IO_LISTENER_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/io/ep.h"
#include "tests/unit/cmocka.h"

enum { HEARD_MAX = 4096 };

struct listener {
	struct ep *ep;
	unsigned readable, writable, ups, downs, closes;
	char reason[200];
	int why;
	bool close_when_read, deaf; /* ep_close() inside the notice; read nothing */
	unsigned count;
	uint32_t len[HEARD_MAX];
	uint8_t first[HEARD_MAX]; /* byte 14 of each: the number that frames() put there */
	bool wrong;               /* a frame's bytes were not its own */
};

static inline void heard_frame(struct listener *h, const struct frame *f)
{
	if (h->count == HEARD_MAX)
		return;
	h->len[h->count] = f->len;
	h->first[h->count++] = f->len > 14 ? f->data[14] : 0;
	for (uint32_t i = 15; i < f->len; i++)
		if (f->data[i] != (uint8_t)(f->data[14] + i))
			h->wrong = true;
}

static inline void heard_readable(void *ctx, struct ep *e)
{
	struct listener *h = ctx;
	struct frame f[BATCH_MAX];
	unsigned n = BATCH_MAX;
	h->readable++;
	while (n == BATCH_MAX && !h->deaf) {
		n = ep_rx(e, f, BATCH_MAX);
		for (unsigned i = 0; i < n; i++)
			heard_frame(h, &f[i]);
		if (n)
			ep_rx_done(e);
	}
	if (h->close_when_read) {
		h->ep = NULL;
		ep_close(e);
	}
}

static inline void heard_writable(void *ctx, struct ep *e)
{
	(void)e;
	((struct listener *)ctx)->writable++;
}

static inline void heard_up(void *ctx, struct ep *e)
{
	assert_true(e->is_up);
	((struct listener *)ctx)->ups++;
}

static inline void heard_down(void *ctx, struct ep *e)
{
	assert_false(e->is_up);
	((struct listener *)ctx)->downs++;
}

static inline void heard_closed(void *ctx, struct ep *e, const char *reason)
{
	struct listener *h = ctx;
	h->closes++;
	h->why = e->why;
	snprintf(h->reason, sizeof h->reason, "%s", reason);
	h->ep = NULL;
	ep_close(e);
}

static const struct ep_host listener_host = {
	.readable = heard_readable,
	.writable = heard_writable,
	.up = heard_up,
	.down = heard_down,
	.closed = heard_closed,
};

/* Turns the loop until `cond` holds; false: it did not within 10 s. */
#define UNTIL(loop, cond)                                                                          \
	do {                                                                                       \
		int64_t until_end_ = loop_clock(loop) + INT64_C(10000000000);                      \
		bool until_over_ = false;                                                          \
		while (!(cond) && loop_clock(loop) < until_end_ && !until_over_)                   \
			assert_int_equal(loop_turn(loop, until_end_, &until_over_), 0);            \
		assert_true(cond);                                                                 \
	} while (0)

/* Turns it while there is work, which is not long. */
static inline void quiet(struct loop *l)
{
	bool ended;
	for (int i = 0; i < 20; i++)
		loop_turn(l, loop_clock(l), &ended);
}

/* One frame of `len` bytes that carries `number`, sent by `e`; 1 when it was taken. */
static inline unsigned send_frame(struct ep *e, uint32_t len, uint8_t number)
{
	uint8_t bytes[ETH_FRAME_MAX + 8] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2,
					     0,    0,    0,    0,    1,    0x88, 0xb5 };
	assert_true(len <= sizeof bytes);
	if (len > 14)
		bytes[14] = number;
	for (uint32_t i = 15; i < len; i++)
		bytes[i] = (uint8_t)(number + i);
	bool ok;
	struct frame f = frame_over(bytes, len, &ok);
	assert_true(ok);
	struct txv v = txv_plain(&f);
	return ep_tx(e, &v, 1);
}

struct folder { /* of a test's own */
	char path[64];
};

static inline struct folder folder_new(void)
{
	struct folder d = { "/tmp/dw-test-XXXXXX" };
	assert_non_null(mkdtemp(d.path));
	return d;
}

#endif
