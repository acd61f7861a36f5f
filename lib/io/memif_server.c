/* SPDX-License-Identifier: MIT */
/* memif_server.c - the listening side of memif: greets, takes the client's memory after a close
 * look, asks the switch. Until then a client is a half of a plug, and nothing it does reaches more
 * than itself. */
#include "lib/io/memif_server.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/units.h"
#include "lib/io/ep/memif.h"
#include "lib/io/memif_sock.h"
#include "lib/io/usock.h"

static const int64_t HANDSHAKE_NS = 10 * NS_PER_SEC;
static const int64_t BREATH_NS = 100 * NS_PER_MS; /* without descriptors */
enum { HALF_MAX = 64 };

struct half { /* a client in the handshake; once joined, its endpoint alone is left */
	struct memif m;
	struct memif_server *server; /* NULL: joined */
	struct timer timer;
	struct half *prev, *next; /* oldest first */
	bool greeted;             /* INIT was taken */
	struct vde_plug plug;
};

struct memif_server {
	struct loop *loop;
	const struct vde_server_host *host;
	void *ctx;
	char path[4096];
	struct watch listener;
	struct timer breath;
	struct half *oldest, *newest;
	unsigned halves;
	bool starved; /* said so already */
};

__attribute__((format(printf, 2, 3))) static void say(struct memif_server *s, const char *fmt, ...)
{
	char words[256];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(words, sizeof words, fmt, ap);
	va_end(ap);
	if (s->host->say)
		s->host->say(s->ctx, words);
}

/* ---- halves ---- */

static void half_leave(struct half *h) /* the handshake is over */
{
	struct memif_server *s = h->server;
	if (!s)
		return;
	*(h->prev ? &h->prev->next : &s->oldest) = h->next;
	*(h->next ? &h->next->prev : &s->newest) = h->prev;
	s->halves--;
	timer_fini(&h->timer);
	h->server = NULL;
}

static void half_close(struct ep *e)
{
	half_leave((struct half *)e);
	memif_close(e);
}

static const struct ep_ops server_ops = {
	.rx = memif_rx,
	.rx_done = memif_rx_done,
	.tx = memif_tx,
	.pause = memif_pause,
	.flushed = memif_flushed,
	.carrier = memif_carrier,
	.close = half_close,
};

static void refuse(struct half *h, const char *words)
{
	memif_refuse(h->m.sock.fd, words);
	ep_close(&h->m.ep);
}

static void half_late(struct timer *t, int64_t now)
{
	struct half *h = container_of(t, struct half, timer);
	(void)now;
	say(h->server, "a memif client did not finish its handshake in %d s: closed",
	    (int)(HANDSHAKE_NS / NS_PER_SEC));
	refuse(h, "too slow");
}

/* ---- the conversation ---- */

static int ack(const struct half *h)
{
	return memif_send(h->m.sock.fd, &(struct memif_msg){ .type = MEMIF_ACK }, -1);
}

static int take_init(struct half *h, const struct memif_msg *q, struct err *why)
{
	struct vde_request *want = &h->plug.request;
	if (h->greeted)
		return err_set(why, -EPROTO, "INIT twice");
	if (q->u.init.version != MEMIF_VERSION)
		return err_set(why, -EPROTO, "memif 2.0 is spoken here");
	if (q->u.init.mode != MEMIF_MODE_ETHERNET)
		return err_set(why, -EPROTO, "mode mismatch: Ethernet frames only");
	if (q->u.init.id > 65535)
		return err_set(why, -EINVAL, "port %u: no such port", q->u.init.id);
	want->version = 3;
	want->port = q->u.init.id ? (int)q->u.init.id : VDE_PORT_ANY;
	const char *name = q->u.init.name, *ssh = strstr(name, " SSH=");
	snprintf(want->descr, sizeof want->descr, "%.*s user=%s pid=%d%s",
		 (int)(ssh ? (size_t)(ssh - name) : strlen(name)), name, h->plug.user, h->plug.pid,
		 ssh ? ssh : "");
	int port = h->server->host->admit(h->server->ctx, &h->plug, why);
	if (port < 0)
		return port;
	h->greeted = true;
	return ack(h);
}

static int take_region(struct half *h, const struct memif_msg *q, int fd, struct err *why)
{
	const char *words;
	if (!h->greeted || fd < 0 || q->u.region.index != h->m.rings.regions)
		return err_set(why, -EPROTO, "a region out of turn");
	if (rings_map(&h->m.rings, fd, q->u.region.size, &words) < 0)
		return err_set(why, -EPROTO, "%s", words);
	return ack(h);
}

static int take_ring(struct half *h, const struct memif_msg *q, int *fd, struct err *why)
{
	const char *words;
	if (!h->greeted || *fd < 0)
		return err_set(why, -EPROTO, "a ring out of turn");
	if (rings_attach(&h->m.rings, q, *fd, &words) < 0)
		return err_set(why, -EPROTO, "%s", words);
	*fd = -1;
	return ack(h);
}

/* Everything is there: the switch says which port it is. After that the half is an endpoint. */
static int take_connect(struct half *h, const struct memif_msg *q, struct err *why)
{
	struct memif_server *s = h->server;
	if (!h->m.rings.in.mem || !h->m.rings.out.mem)
		return err_set(why, -EPROTO, "CONNECT without a ring each way");
	int port = s->host->admit(s->ctx, &h->plug, why);
	if (port < 0)
		return port;
	struct memif_msg yes = { .type = MEMIF_CONNECTED };
	snprintf(yes.u.connect.name, sizeof yes.u.connect.name, "port %d", port);
	int r = memif_send(h->m.sock.fd, &yes, -1);
	if (r < 0)
		return r;
	half_leave(h);
	snprintf(h->m.ep.descr, sizeof h->m.ep.descr, "%.127s", h->plug.request.descr);
	snprintf(h->m.ep.locator, sizeof h->m.ep.locator, "memif");
	h->m.ep.uid = h->plug.uid;
	h->m.sock.ready = memif_sock_ready;
	h->m.ep.is_up = true;
	r = memif_start(&h->m, q->u.connect.name);
	bool gone = false;
	h->m.ep.gone = &gone;
	s->host->plugged(s->ctx, (unsigned)port, &h->m.ep, &h->plug);
	if (gone)
		return 0;
	h->m.ep.gone = NULL;
	assert(h->m.ep.host);
	if (r < 0)
		ep_end_say(&h->m.end, r, "%s", strerror(-r));
	return 0;
}

static int answer(struct half *h, const struct memif_msg *q, int *fd, struct err *why)
{
	switch (q->type) {
	case MEMIF_INIT:
		return take_init(h, q, why);
	case MEMIF_ADD_REGION:
		return take_region(h, q, *fd, why);
	case MEMIF_ADD_RING:
		return take_ring(h, q, fd, why);
	case MEMIF_CONNECT:
		return take_connect(h, q, why);
	case MEMIF_DISCONNECT:
		return -EPIPE;
	case MEMIF_HELLO:
	case MEMIF_ACK:
	case MEMIF_CONNECTED:
	case MEMIF_LINK:
		break;
	}
	return err_set(why, -EPROTO, "a message out of turn");
}

static void half_ready(struct watch *w, uint32_t events)
{
	struct half *h = container_of(w, struct half, m.sock);
	struct memif_server *s = h->server;
	struct memif_msg q;
	struct err why = { "" };
	int fd;
	(void)events;
	int r = memif_recv(w->fd, &q, &fd);
	if (r == -EAGAIN)
		return;
	r = r < 0 ? r : answer(h, &q, &fd, &why);
	if (fd >= 0)
		close(fd);
	if (r == 0)
		return;
	if (r == -EPROTO)
		say(s, "a memif client: %s: closed",
		    why.text[0] ? why.text : "what it says is no memif");
	if (r == -EPIPE)
		ep_close(&h->m.ep);
	else
		refuse(h, why.text[0] ? why.text : strerror(-r));
}

static void half_begin(struct memif_server *s, int fd)
{
	struct half *h =
		(struct half *)memif_born(sizeof *h, false, &server_ops, s->loop, NULL, NULL);
	if (!h) {
		close(fd);
		return;
	}
	if (s->halves == HALF_MAX) {
		say(s, "%d memif clients do not go on: the oldest is closed", HALF_MAX);
		refuse(s->oldest, "too slow");
	}
	h->server = s;
	h->prev = s->newest;
	*(s->newest ? &s->newest->next : &s->oldest) = h;
	s->newest = h;
	s->halves++;
	vde_plug_of(&h->plug, fd);
	timer_init(&h->timer, s->loop, half_late);
	timer_set(&h->timer, loop_now(s->loop) + HANDSHAKE_NS);
	int r = loop_add(s->loop, &h->m.sock, fd, EPOLLIN, half_ready);
	h->m.sock.fd = fd;
	struct memif_msg hello = { .type = MEMIF_HELLO,
				   .u.hello = { .name = MEMIF_OURS_LINK,
						.min_version = MEMIF_VERSION,
						.max_version = MEMIF_VERSION,
						.max_region = RINGS_REGIONS - 1,
						.max_log2 = MEMIF_LOG2_MAX } };
	if (r == 0)
		r = memif_send(fd, &hello, -1);
	if (r < 0)
		ep_close(&h->m.ep);
}

static void accept_ready(struct watch *w, uint32_t events)
{
	struct memif_server *s = container_of(w, struct memif_server, listener);
	(void)events;
	for (int i = 0; i < HALF_MAX; i++) { /* bounded: others have work, too */
		int fd = accept4(w->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0) {
			s->starved = false;
			half_begin(s, fd);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
			if (!s->starved)
				say(s, "new memif clients must wait: %s", strerror(errno));
			s->starved = true;
			loop_want(w, 0);
			timer_set(&s->breath, loop_now(s->loop) + BREATH_NS);
		}
		return;
	}
}

static void breath_over(struct timer *t, int64_t now)
{
	(void)now;
	loop_want(&container_of(t, struct memif_server, breath)->listener, EPOLLIN);
}

/* ---- birth and death ---- */

int memif_server_open(struct memif_server **server, struct loop *l, const char *path, int mode,
		      int gid, const struct vde_server_host *host, void *ctx, struct err *err)
{
	struct memif_server *s = calloc(1, sizeof *s);
	*server = NULL;
	if (!s)
		return err_set(err, -ENOMEM, "out of memory");
	s->loop = l;
	s->host = host;
	s->ctx = ctx;
	s->listener.fd = -1;
	timer_init(&s->breath, l, breath_over);
	snprintf(s->path, sizeof s->path, "%s", path);
	int fd = usock_bind(path, SOCK_SEQPACKET, mode, gid, NULL);
	int r = fd < 0 ? fd : loop_add(l, &s->listener, fd, EPOLLIN, accept_ready);
	if (r < 0 && fd >= 0)
		close(fd);
	if (r < 0) {
		s->path[0] = '\0'; /* not ours to remove */
		memif_server_close(s);
		return err_set(err, r, "%s: %s", path, strerror(-r));
	}
	*server = s;
	return 0;
}

void memif_server_close(struct memif_server *s)
{
	if (!s)
		return;
	while (s->oldest)
		ep_close(&s->oldest->m.ep);
	int fd = s->listener.fd;
	loop_del(&s->listener);
	if (fd >= 0)
		close(fd);
	if (s->path[0] && usock_is_stale(s->path, SOCK_SEQPACKET))
		unlink(s->path);
	timer_fini(&s->breath);
	free(s);
}
