/* SPDX-License-Identifier: MIT */
/* memif_client.c - the client of memif: makes the memory and offers it to who listens. Nothing here
 * blocks; a silent server is given up in time. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/units.h"
#include "lib/io/ep/memif.h"
#include "lib/io/memif_sock.h"
#include "lib/io/usock.h"

static const int64_t ANSWER_NS = 5 * NS_PER_SEC;
static const int64_t RETRY_NS = 20 * NS_PER_MS; /* while the server's queue is full */

enum step { AWAIT_HELLO, AWAIT_INIT, AWAIT_REGION, AWAIT_S2M, AWAIT_M2S, AWAIT_CONNECTED, JOINED };

struct client {
	struct memif m;
	struct timer timer;
	int64_t deadline;
	enum step step;
	int memory; /* memfd until it is passed; -1 */
	char server[MEMIF_NAME], path[4096];
	struct memif_msg init;
};

static void give_up(struct client *c, int why, const char *what, const char *words)
{
	timer_set(&c->timer, TIME_NEVER);
	loop_del(&c->m.sock);
	ep_end_say(&c->m.end, why, "%s%s", what, words);
}

static void close_memory(struct client *c)
{
	if (c->memory >= 0)
		close(c->memory);
	c->memory = -1;
	c->m.lost_words = "the switch ended the connection";
}

static void client_close(struct ep *e)
{
	struct client *c = (struct client *)e;
	timer_fini(&c->timer);
	close_memory(c);
	memif_close(e);
}

static const struct ep_ops client_ops = {
	.rx = memif_rx,
	.rx_done = memif_rx_done,
	.tx = memif_tx,
	.pause = memif_pause,
	.flushed = memif_flushed,
	.carrier = memif_carrier,
	.close = client_close,
};

/* ---- the conversation: each answer is followed by the next thing to say ---- */

static int say(struct client *c, const struct memif_msg *q, int fd, enum step next)
{
	c->step = next;
	return memif_send(c->m.sock.fd, q, fd);
}

static int take_hello(struct client *c, const struct memif_msg *q)
{
	if (q->u.hello.min_version > MEMIF_VERSION || q->u.hello.max_version < MEMIF_VERSION) {
		give_up(c, -EPROTO, "", "the server does not speak memif 2.0");
		return 0;
	}
	unsigned log2 = q->u.hello.max_log2 < RINGS_LOG2 ? q->u.hello.max_log2 : RINGS_LOG2;
	int r = rings_make(&c->m.rings, log2, &c->memory);
	if (r < 0)
		return r;
	memcpy(c->server, q->u.hello.name, sizeof c->server);
	return say(c, &c->init, -1, AWAIT_INIT);
}

static int say_ring(struct client *c, const struct ring *g, unsigned flags, enum step next)
{
	struct memif_msg q = { .type = MEMIF_ADD_RING,
			       .u.ring = { .flags = (uint16_t)flags,
					   .offset = rings_offset(&c->m.rings, g),
					   .log2 = (uint8_t)__builtin_ctz(g->size) } };
	return say(c, &q, g->bell, next);
}

static int take_ack(struct client *c)
{
	struct memif_msg q = { .type = MEMIF_CONNECT };
	switch (c->step) {
	case AWAIT_INIT:
		q.type = MEMIF_ADD_REGION;
		q.u.region.size = c->m.rings.region[0].size;
		return say(c, &q, c->memory, AWAIT_REGION);
	case AWAIT_REGION:
		close_memory(c);
		/* Who reads a ring is woken by its bell: the server by S2M's, we by M2S's. */
		return say_ring(c, &c->m.rings.out, MEMIF_RING_S2M, AWAIT_S2M);
	case AWAIT_S2M:
		return say_ring(c, &c->m.rings.in, 0, AWAIT_M2S);
	case AWAIT_M2S:
		snprintf(q.u.connect.name, sizeof q.u.connect.name, "%s", MEMIF_OURS_LINK);
		return say(c, &q, -1, AWAIT_CONNECTED);
	case AWAIT_HELLO:
	case AWAIT_CONNECTED:
	case JOINED:
		break;
	}
	return -EPROTO;
}

static int take_connected(struct client *c, const struct memif_msg *q)
{
	unsigned port;
	char rest;
	c->step = JOINED;
	timer_set(&c->timer, TIME_NEVER);
	if (sscanf(q->u.connect.name, "port %5u%c", &port, &rest) == 1)
		c->m.ep.port = (int)port;
	c->m.sock.ready = memif_sock_ready;
	int r = memif_start(&c->m, c->server);
	if (r == 0)
		ep_say_up(&c->m.ep);
	return r;
}

static int answer(struct client *c, const struct memif_msg *q)
{
	if (q->type == MEMIF_HELLO && c->step == AWAIT_HELLO)
		return take_hello(c, q);
	if (q->type == MEMIF_ACK)
		return take_ack(c);
	if (q->type == MEMIF_CONNECTED && c->step == AWAIT_CONNECTED)
		return take_connected(c, q);
	if (q->type != MEMIF_DISCONNECT)
		return -EPROTO;
	give_up(c, -EACCES, "the switch refused the plug: ", q->u.disconnect.text);
	return 0;
}

static void sock_ready(struct watch *w, uint32_t events)
{
	struct client *c = container_of(w, struct client, m.sock);
	struct memif_msg q;
	int fd;
	(void)events;
	int r = memif_recv(w->fd, &q, &fd);
	if (fd >= 0)
		close(fd); /* a server passes none */
	if (r == -EAGAIN)
		return;
	if (r == 0)
		r = answer(c, &q);
	if (r == -EPIPE)
		give_up(c, -EACCES, "", "the switch refused the plug");
	else if (r < 0)
		give_up(c, r, "the memif handshake: ", strerror(-r));
}

/* ---- beginning ---- */

static int reach(struct client *c)
{
	int fd = usock_connect(c->path, SOCK_SEQPACKET);
	if (fd < 0)
		return fd;
	timer_set(&c->timer, c->deadline);
	int r = loop_add(c->m.ep.loop, &c->m.sock, fd, EPOLLIN, sock_ready);
	if (r < 0)
		close(fd);
	return r;
}

static void timer_fire(struct timer *t, int64_t now)
{
	struct client *c = container_of(t, struct client, timer);
	if (now >= c->deadline) {
		give_up(c, -ETIMEDOUT, "", "the server does not answer");
		return;
	}
	int r = reach(c);
	if (r == -EAGAIN)
		timer_set(t, now + RETRY_NS);
	else if (r < 0)
		give_up(c, r, "", strerror(-r));
}

static void ask_for(struct client *c, uint32_t id, const char *descr, const char *secret)
{
	c->init = (struct memif_msg){ .type = MEMIF_INIT,
				      .u.init = { .version = MEMIF_VERSION, .id = id } };
	if (descr)
		snprintf(c->init.u.init.name, MEMIF_NAME, "%s", descr);
	else
		snprintf(c->init.u.init.name, MEMIF_NAME, "%.30s:", program_invocation_short_name);
	snprintf(c->init.u.init.secret, sizeof c->init.u.init.secret, "%s", secret ? secret : "");
}

int memif_client_open(struct ep **e, struct loop *l, const char *path, uint32_t id,
		      const char *descr, const char *secret, const struct ep_host *host, void *ctx,
		      struct err *err)
{
	*e = NULL;
	struct client *c = (struct client *)memif_born(sizeof *c, true, &client_ops, l, host, ctx);
	if (!c)
		return err_set(err, -ENOMEM, "%s: out of memory", path);
	c->memory = -1;
	c->m.lost_words = "the switch ended the connection";
	timer_init(&c->timer, l, timer_fire);
	c->deadline = loop_clock(l) + ANSWER_NS;
	ask_for(c, id, descr, secret);
	int r = snprintf(c->path, sizeof c->path, "%s", path) < (int)sizeof c->path ? reach(c)
										    : -ENAMETOOLONG;
	if (r == -EAGAIN) {
		timer_set(&c->timer, loop_now(l) + RETRY_NS);
	} else if (r < 0) {
		ep_close(&c->m.ep);
		return err_set(err, r, "%s: %s", path,
			       r == -ECONNREFUSED ? "nobody serves this socket" : strerror(-r));
	}
	snprintf(c->m.ep.descr, sizeof c->m.ep.descr, "memif://%.100s", path);
	*e = &c->m.ep;
	return 0;
}

EP_OPEN(ep_memif_open)
{
	const char *secret = ep_key(keys, "secret");
	uint64_t id = 0;
	*e = NULL;
	int r = ep_key_number(keys, "port", 0, UINT32_MAX, &id, err);
	if (r == 0 && secret && strlen(secret) > MEMIF_SECRET)
		r = err_set(err, -EINVAL, "secret: %d characters at most", MEMIF_SECRET);
	return r < 0 ? r
		     : memif_client_open(e, l, rest, (uint32_t)id, ep_key(keys, "descr"), secret,
					 host, ctx, err);
}

EP_OPEN(ep_dw_open)
{
	char path[4096];
	int n = snprintf(path, sizeof path, "%s/memif", rest);
	*e = NULL;
	if (n >= (int)sizeof path)
		return err_set(err, -ENAMETOOLONG, "%s: too long", rest);
	int r = ep_memif_open(e, l, path, keys, host, ctx, err);
	if (r == -ENOENT || r == -ECONNREFUSED)
		return err_set(err, r, "%s: no switch there that offers rings", rest);
	return r;
}
