/* SPDX-License-Identifier: MIT */
/* impl.c - what the schemes share: birth, notices, the end of an endpoint, the receive block. */
#include "lib/io/ep/impl.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Thread_local struct rx_block *block;

static bool block_ref(void)
{
	if (!block) {
		block = aligned_alloc(64, (sizeof *block + 63) / 64 * 64);
		if (!block)
			return false;
		block->lent_to = NULL;
		block->users = 0;
		for (unsigned i = 0; i < BATCH_MAX; i++) {
			block->iov[i] = (struct iovec){ .iov_base = block->slot[i] + RX_FRONT,
							.iov_len = ETH_FRAME_MAX };
			block->msg[i] = (struct mmsghdr){ .msg_hdr = { .msg_iov = &block->iov[i],
								       .msg_iovlen = 1 } };
		}
	}
	block->users++;
	return true;
}

static void block_unref(void)
{
	if (--block->users)
		return;
	free(block);
	block = NULL;
}

struct rx_block *rx_block_take(struct ep *e)
{
	assert(block && !block->lent_to);
	block->lent_to = e;
	return block;
}

uint8_t *tx_room(void)
{
	return block->tx;
}

void rx_block_give(void)
{
	if (block)
		block->lent_to = NULL;
}

void rx_block_done(struct ep *e)
{
	(void)e;
	rx_block_give();
}

struct ep *ep_born(size_t size, const struct ep_ops *ops, struct loop *l,
		   const struct ep_host *host, void *ctx)
{
	struct ep *e = calloc(1, size);
	if (!e || !block_ref()) {
		free(e);
		return NULL;
	}
	e->ops = ops;
	e->host = host;
	e->ctx = ctx;
	e->loop = l;
	e->caps.longest = ETH_FRAME_MAX;
	e->uid = -1;
	e->port = -1;
	return e;
}

void ep_dead(struct ep *e)
{
	if (e->gone)
		*e->gone = true;
	if (block->lent_to == e) /* closed between rx and rx_done */
		block->lent_to = NULL;
	block_unref();
	ep_tail_free(e);
	free(e);
}

static bool say(struct ep *e, void (*notice)(void *ctx, struct ep *e))
{
	bool gone = false, *outer = e->gone;
	e->gone = &gone;
	if (notice)
		notice(e->ctx, e);
	if (!gone)
		e->gone = outer;
	else if (outer)
		*outer = true;
	return !gone;
}

bool ep_say_readable(struct ep *e)
{
	return say(e, e->host->readable);
}

bool ep_say_writable(struct ep *e)
{
	if (!ep_tail_send(e))
		return true; /* no room for others yet */
	return say(e, e->host->writable);
}

bool ep_say_up(struct ep *e)
{
	e->is_up = true;
	return say(e, e->host->up);
}

bool ep_say_down(struct ep *e)
{
	e->is_up = false;
	return say(e, e->host->down);
}

bool ep_say_changed(struct ep *e)
{
	return say(e, e->host->changed);
}

static void end_fire(struct timer *t, int64_t now)
{
	struct ep_end *end = (struct ep_end *)t;
	struct ep *e = end->ep;
	int64_t again = end->wait ? end->wait(e, now) : 0;
	if (again) {
		timer_set(t, again);
		return;
	}
	char reason[sizeof end->reason]; /* the host may free the endpoint while it reads this */
	memcpy(reason, end->reason, sizeof reason);
	e->is_up = false;
	if (e->host->closed)
		e->host->closed(e->ctx, e, reason);
}

void ep_end_init(struct ep_end *end, struct ep *e)
{
	timer_init(&end->timer, e->loop, end_fire);
	end->ep = e;
}

void ep_end_say(struct ep_end *end, int why, const char *fmt, ...)
{
	if (ep_over(end))
		return;
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(end->reason, sizeof end->reason, fmt, ap);
	va_end(ap);
	end->ep->why = why;
	timer_set(&end->timer, loop_now(end->ep->loop));
}
