/* SPDX-License-Identifier: MIT */
/* memif_client.c - the client of memif: makes the memory and offers it to who listens. Nothing here
 * blocks; a silent server is given up in time. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/units.h"
#include "lib/io/ep/memif.h"
#include "lib/io/memif_sock.h"
#include "lib/io/memif_talk.h"
#include "lib/io/usock.h"

static const int64_t ANSWER_NS = 5 * NS_PER_SEC;
static const int64_t RETRY_NS = 20 * NS_PER_MS; /* while the server's queue is full */

struct client {
	struct memif m;
	struct timer timer;
	int64_t deadline;
	struct memif_talk talk;
	char path[4096];
};

static void give_up(struct client *c, int why, const char *words)
{
	timer_set(&c->timer, TIME_NEVER);
	loop_del(&c->m.sock);
	ep_end_say(&c->m.end, why, "%s", words);
}

static void client_close(struct ep *e)
{
	struct client *c = (struct client *)e;
	timer_fini(&c->timer);
	memif_talk_fini(&c->talk);
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

static void joined(struct client *c)
{
	timer_set(&c->timer, TIME_NEVER);
	c->m.ep.port = c->talk.port;
	c->m.sock.ready = memif_sock_ready;
	int r = memif_start(&c->m, c->talk.server);
	if (r < 0)
		give_up(c, r, strerror(-r));
	else
		ep_say_up(&c->m.ep);
}

static void sock_ready(struct watch *w, uint32_t events)
{
	struct client *c = container_of(w, struct client, m.sock);
	struct memif_msg q;
	struct err why = { "" };
	int fd;
	(void)events;
	int r = memif_recv(w->fd, &q, &fd);
	if (fd >= 0)
		close(fd); /* a server passes none */
	if (r == -EAGAIN)
		return;
	if (r == 0)
		r = memif_talk_answer(&c->talk, w->fd, &q, &why);
	if (r > 0)
		joined(c);
	else if (r == -EPIPE)
		give_up(c, -EACCES, "the switch refused the plug");
	else if (r < 0)
		give_up(c, r, why.text[0] ? why.text : strerror(-r));
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
		give_up(c, -ETIMEDOUT, "the server does not answer");
		return;
	}
	int r = reach(c);
	if (r == -EAGAIN)
		timer_set(t, now + RETRY_NS);
	else if (r < 0)
		give_up(c, r, strerror(-r));
}

/* As VDE's, but for user and pid, which the server knows better; cut to what INIT holds. */
static void describe(char name[static MEMIF_NAME], const char *descr)
{
	const char *ssh = getenv("SSH_CLIENT");
	size_t len = ssh ? strcspn(ssh, " ") + strlen(" SSH=") : 0;
	size_t room = len < MEMIF_NAME - 8 ? MEMIF_NAME - 1 - len : MEMIF_NAME - 1;
	int n = snprintf(name, room + 1, "%s%s", descr ? descr : program_invocation_short_name,
			 descr ? "" : ":");
	size_t at = (size_t)n < room ? (size_t)n : room;
	if (ssh && room < MEMIF_NAME - 1)
		snprintf(name + at, MEMIF_NAME - at, " SSH=%.*s", (int)strcspn(ssh, " "), ssh);
}

int memif_client_open(struct ep **e, struct loop *l, const char *path, uint32_t id,
		      const char *descr, const char *secret, const struct ep_host *host, void *ctx,
		      struct err *err)
{
	*e = NULL;
	struct client *c = (struct client *)memif_born(sizeof *c, true, &client_ops, l, host, ctx);
	if (!c)
		return err_set(err, -ENOMEM, "%s: out of memory", path);
	char name[MEMIF_NAME];
	describe(name, descr);
	memif_talk_init(&c->talk, &c->m.rings, MEMIF_OURS_LINK, id, name, secret);
	c->m.lost_words = "the switch ended the connection";
	timer_init(&c->timer, l, timer_fire);
	c->deadline = loop_clock(l) + ANSWER_NS;
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
