/* SPDX-License-Identifier: MIT */
/* memif_talk.c - the client's part of the memif handshake. */
#include "lib/io/memif_talk.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/io/memif_sock.h"

void memif_talk_init(struct memif_talk *t, struct rings *r, const char *name, uint32_t id,
		     const char *descr, const char *secret)
{
	*t = (struct memif_talk){ .rings = r, .memory = -1, .name = name, .port = -1 };
	t->init = (struct memif_msg){ .type = MEMIF_INIT,
				      .u.init = { .version = MEMIF_VERSION, .id = id } };
	snprintf(t->init.u.init.name, MEMIF_NAME, "%s", descr);
	snprintf(t->init.u.init.secret, sizeof t->init.u.init.secret, "%s", secret ? secret : "");
}

static void close_memory(struct memif_talk *t)
{
	if (t->memory >= 0)
		close(t->memory);
	t->memory = -1;
}

void memif_talk_fini(struct memif_talk *t)
{
	close_memory(t);
}

static int say(struct memif_talk *t, int sock, const struct memif_msg *q, int fd,
	       enum memif_step next)
{
	t->step = next;
	return memif_send(sock, q, fd);
}

static int take_hello(struct memif_talk *t, int sock, const struct memif_msg *q, struct err *err)
{
	if (q->u.hello.min_version > MEMIF_VERSION || q->u.hello.max_version < MEMIF_VERSION)
		return err_set(err, -EPROTO, "the server does not speak memif 2.0");
	unsigned log2 = q->u.hello.max_log2 < RINGS_LOG2 ? q->u.hello.max_log2 : RINGS_LOG2;
	int r = rings_make(t->rings, log2, &t->memory);
	if (r < 0)
		return err_set(err, r, "no shared memory: %s", strerror(-r));
	memcpy(t->server, q->u.hello.name, sizeof t->server);
	return say(t, sock, &t->init, -1, MEMIF_AWAIT_INIT);
}

static int say_ring(struct memif_talk *t, int sock, const struct ring *g, unsigned flags,
		    enum memif_step next)
{
	struct memif_msg q = { .type = MEMIF_ADD_RING,
			       .u.ring = { .flags = (uint16_t)flags,
					   .offset = rings_offset(t->rings, g),
					   .log2 = (uint8_t)__builtin_ctz(g->size) } };
	return say(t, sock, &q, g->bell, next);
}

static int take_ack(struct memif_talk *t, int sock)
{
	struct memif_msg q = { .type = MEMIF_CONNECT };
	switch (t->step) {
	case MEMIF_AWAIT_INIT:
		q.type = MEMIF_ADD_REGION;
		q.u.region.size = t->rings->region[0].size;
		return say(t, sock, &q, t->memory, MEMIF_AWAIT_REGION);
	case MEMIF_AWAIT_REGION:
		close_memory(t);
		/* Who reads a ring is woken by its bell: the server by S2M's, we by M2S's. */
		return say_ring(t, sock, &t->rings->out, MEMIF_RING_S2M, MEMIF_AWAIT_S2M);
	case MEMIF_AWAIT_S2M:
		return say_ring(t, sock, &t->rings->in, 0, MEMIF_AWAIT_M2S);
	case MEMIF_AWAIT_M2S:
		snprintf(q.u.connect.name, sizeof q.u.connect.name, "%s", t->name);
		return say(t, sock, &q, -1, MEMIF_AWAIT_CONNECTED);
	case MEMIF_AWAIT_HELLO:
	case MEMIF_AWAIT_CONNECTED:
	case MEMIF_JOINED:
		break;
	}
	return -EPROTO;
}

static int take_connected(struct memif_talk *t, const struct memif_msg *q)
{
	unsigned port;
	char rest;
	if (sscanf(q->u.connect.name, "port %5u%c", &port, &rest) == 1)
		t->port = (int)port;
	t->step = MEMIF_JOINED;
	return 1;
}

int memif_talk_answer(struct memif_talk *t, int sock, const struct memif_msg *q, struct err *err)
{
	int r = -EPROTO;
	if (q->type == MEMIF_DISCONNECT)
		return err_set(err, -EACCES, "the switch refused the plug: %s",
			       q->u.disconnect.text);
	if (q->type == MEMIF_HELLO && t->step == MEMIF_AWAIT_HELLO)
		r = take_hello(t, sock, q, err);
	else if (q->type == MEMIF_ACK)
		r = take_ack(t, sock);
	else if (q->type == MEMIF_CONNECTED && t->step == MEMIF_AWAIT_CONNECTED)
		r = take_connected(t, q);
	if (r == -EPROTO && err && !err->text[0])
		return err_set(err, r, "the server says what makes no sense in a memif handshake");
	return r < 0 && err && !err->text[0] ? err_set(err, r, "memif: %s", strerror(-r)) : r;
}
