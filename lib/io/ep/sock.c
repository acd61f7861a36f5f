/* SPDX-License-Identifier: MIT */
/* sock.c - "stream+unix://" and "stream+tcp://": the stream framing on a socket, as QEMU's stream
 * netdev has it. With listen=yes one peer at a time is served, one after the other. */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/units.h"
#include "lib/io/ep/inet.h"
#include "lib/io/ep/streamep.h"
#include "lib/io/usock.h"

static const int64_t CONNECT_NS = 10 * NS_PER_SEC;
static const int64_t RETRY_NS = 20 * NS_PER_MS; /* while the listener's queue is full */
static const int64_t BREATH_NS =
	100 * NS_PER_MS; /* without descriptors: until accept() is tried again */

struct sock {
	struct stream s;
	struct watch accept, connect; /* one of them is in use */
	struct timer timer; /* connecting: deadline or retry; listening: see timer_fired() */
	int64_t deadline;
	char path[256]; /* of a Unix socket */
};

static void sock_close(struct ep *e)
{
	struct sock *k = (struct sock *)e;
	int fds[2] = { k->accept.fd, k->connect.fd };
	loop_del(&k->accept);
	loop_del(&k->connect);
	for (int i = 0; i < 2; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	if (fds[0] >= 0 && k->path[0])
		unlink(k->path);
	timer_fini(&k->timer);
	stream_close(e);
}

static const struct ep_ops sock_ops = {
	.rx = stream_rx,
	.tx = stream_tx,
	.pause = stream_pause,
	.flushed = stream_flushed,
	.close = sock_close,
};

static void no_delay(int fd) /* a frame shall not wait for the next one; no harm on a Unix socket */
{
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
}

static void start(struct sock *k, int fd)
{
	no_delay(fd);
	int r = stream_start(&k->s, fd, fd);
	if (r < 0)
		ep_end_say(&k->s.end, r, "%s", strerror(-r));
}

/* ---- listening ---- */

static void peer_left(struct stream *s, int why,
		      const char *reason) /* perhaps inside rx or tx: later */
{
	struct sock *k = (struct sock *)s;
	(void)why;
	(void)reason;
	timer_set(&k->timer, loop_now(s->ep.loop));
}

static bool wait_for_next(struct sock *k) /* false: closed meanwhile */
{
	stream_stop(&k->s);
	k->s.is_over = false;
	return ep_say_down(&k->s.ep);
}

static void accept_ready(struct watch *w, uint32_t events)
{
	struct sock *k = container_of(w, struct sock, accept);
	(void)events;
	if (k->s.is_over && !wait_for_next(k))
		return;
	int fd = accept4(w->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0) { /* no descriptors, perhaps: not again at once */
		if (errno != EAGAIN && errno != ECONNABORTED) {
			loop_want(w, 0);
			timer_set(&k->timer, loop_now(k->s.ep.loop) + BREATH_NS);
		}
		return;
	}
	if (k->s.in.fd >= 0) { /* one at a time: the second sees end of file at once */
		close(fd);
		return;
	}
	start(k, fd);
	if (k->s.ep.is_up)
		ep_say_up(&k->s.ep);
}

static int serve(struct sock *k, int fd)
{
	k->s.over = peer_left;
	int r = loop_add(k->s.ep.loop, &k->accept, fd, EPOLLIN, accept_ready);
	k->accept.fd = fd;
	return r;
}

/* ---- connecting ---- */

static void connected(struct watch *w, uint32_t events)
{
	struct sock *k = container_of(w, struct sock, connect);
	int code = 0, fd = w->fd;
	(void)events;
	getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &(socklen_t){ sizeof code });
	loop_del(w);
	w->fd = -1;
	timer_set(&k->timer, TIME_NEVER);
	if (code) {
		close(fd);
		ep_end_say(&k->s.end, -code, "%s", strerror(code));
		return;
	}
	start(k, fd);
	if (k->s.ep.is_up)
		ep_say_up(&k->s.ep);
}

static void connect_again(struct sock *k, int64_t now)
{
	int fd = -ETIMEDOUT;
	if (now < k->deadline && k->path[0])
		fd = usock_connect(k->path, SOCK_STREAM);
	if (fd == -EAGAIN) {
		timer_set(&k->timer, now + RETRY_NS);
	} else if (fd < 0) {
		loop_del(&k->connect);
		ep_end_say(&k->s.end, fd, "%s", strerror(-fd));
	} else {
		start(k, fd);
		if (k->s.ep.is_up)
			ep_say_up(&k->s.ep);
	}
}

static void timer_fired(struct timer *t, int64_t now)
{
	struct sock *k = container_of(t, struct sock, timer);
	if (k->accept.fd < 0) {
		connect_again(k, now);
		return;
	}
	loop_want(&k->accept, EPOLLIN);
	if (k->s.is_over)
		wait_for_next(k);
}

/* ---- opening ---- */

static struct sock *born(const struct ep_keys *keys, bool *listening, struct loop *l,
			 const struct ep_host *host, void *ctx, int *r, struct err *err)
{
	uint64_t framing = 2;
	*listening = false;
	*r = ep_key_bool(keys, "listen", listening, err);
	const char *f = ep_key(keys, "framing");
	if (*r == 0 && f && strcmp(f, "2") != 0 && strcmp(f, "4") != 0)
		*r = err_set(err, -EINVAL, "framing=%s: 2 (VDE) or 4 (QEMU) length bytes", f);
	if (*r < 0)
		return NULL;
	if (f)
		framing = (uint64_t)(*f - '0');
	struct sock *k =
		(struct sock *)stream_born(sizeof *k, &sock_ops, (unsigned)framing, l, host, ctx);
	if (!k) {
		*r = err_set(err, -ENOMEM, "out of memory");
		return NULL;
	}
	k->accept.fd = k->connect.fd = -1;
	k->deadline = loop_clock(l) + CONNECT_NS;
	timer_init(&k->timer, l, timer_fired);
	return k;
}

EP_OPEN(ep_stream_unix_open)
{
	bool listening;
	int r;
	*e = NULL;
	struct sock *k = born(keys, &listening, l, host, ctx, &r, err);
	if (!k)
		return r;
	if (snprintf(k->path, sizeof k->path, "%s", rest) >= (int)sizeof k->path || !*rest)
		r = -ENAMETOOLONG;
	ep_unquote(k->path);
	if (r == 0 && listening) {
		r = usock_bind(k->path, SOCK_STREAM, 0600, -1, NULL);
		if (r >= 0)
			r = serve(k, r);
	} else if (r == 0) {
		r = usock_connect(k->path, SOCK_STREAM);
		if (r == -EAGAIN) {
			timer_set(&k->timer, loop_now(l) + RETRY_NS);
			r = 0;
		} else if (r >= 0) {
			start(k, r);
			r = 0;
		}
	}
	if (r < 0) {
		ep_close(&k->s.ep);
		return err_set(err, r, "stream+unix://%s: %s", rest,
			       r == -ECONNREFUSED ? "nobody listens there"
			       : r == -EEXIST     ? "is no socket"
						  : strerror(-r));
	}
	*e = &k->s.ep;
	return 0;
}

/* ---- TCP ---- */

static int tcp_socket(struct sock *k, const struct addrinfo *a, bool listening)
{
	int fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int));
	int r = listening ? (bind(fd, a->ai_addr, a->ai_addrlen) < 0 || listen(fd, 4) < 0 ? -errno
											  : 0)
			  : (connect(fd, a->ai_addr, a->ai_addrlen) < 0 ? -errno : 0);
	if (r < 0 && r != -EINPROGRESS) {
		close(fd);
		return r;
	}
	if (listening)
		return serve(k, fd);
	timer_set(&k->timer, k->deadline);
	r = loop_add(k->s.ep.loop, &k->connect, fd, EPOLLOUT, connected);
	if (r < 0)
		close(fd);
	return r;
}

EP_OPEN(ep_stream_tcp_open)
{
	char name[INET_HOST_LEN], port[INET_PORT_LEN];
	bool listening;
	int r;
	*e = NULL;
	if (inet_split(rest, name, port) < 0)
		return err_set(err, -EINVAL, "stream+tcp://%.80s: not HOST:PORT", rest);
	struct sock *k = born(keys, &listening, l, host, ctx, &r, err);
	if (!k)
		return r;
	struct addrinfo hint = { .ai_socktype = SOCK_STREAM,
				 .ai_flags = listening ? AI_PASSIVE : 0 },
			*list = NULL;
	int g = getaddrinfo(*name ? name : NULL, port, &hint,
			    &list); /* the one thing here that may wait: a name */
	r = g ? err_set(err, -EINVAL, "stream+tcp://%s: %s", rest, gai_strerror(g))
	      : -EADDRNOTAVAIL;
	for (struct addrinfo *a = list; a && r < 0; a = a->ai_next) {
		r = tcp_socket(k, a, listening);
		if (r < 0)
			err_set(err, r, "stream+tcp://%s: %s", rest, strerror(-r));
	}
	if (list)
		freeaddrinfo(list);
	if (r < 0) {
		ep_close(&k->s.ep);
		return r;
	}
	*e = &k->s.ep;
	return 0;
}
