/* SPDX-License-Identifier: MIT */
/* dgram_unix.c - "dgram+unix://": a frame a datagram on a Unix socket, as QEMU's dgram netdev has
 * it. Nobody is connected to anybody: either side may come, go and come back as it likes, and
 * frames for one that is not there are lost and counted. With listen=yes PATH is ours and whoever
 * sent last is answered; else PATH is the peer's and local=PATH ours. */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/base/units.h"
#include "lib/io/ep/dgram.h"
#include "lib/io/usock.h"

/* The kernel tells only connected sockets when a receiver has room again. */
static const int64_t FULL_NS = NS_PER_MS;

struct dgram_unix {
	struct dgram d;
	struct sockaddr_un peer;
	struct timer room;
	bool listening;
};

static void learn_peer(struct dgram_unix *x)
{
	struct sockaddr_un from;
	socklen_t len = sizeof from;
	char byte;
	ssize_t n = recvfrom(x->d.data.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT,
			     (struct sockaddr *)&from, &len);
	if (n < 0 || len <= offsetof(struct sockaddr_un, sun_path))
		return; /* it has no name to answer to */
	x->peer = from;
	x->d.to = (const struct sockaddr *)&x->peer;
	x->d.to_len = len;
}

static unsigned unix_rx(struct ep *e, struct frame *f, unsigned max)
{
	struct dgram_unix *x = (struct dgram_unix *)e;
	if (x->listening)
		learn_peer(x);
	return dgram_rx(e, f, max);
}

static unsigned unix_tx(struct ep *e, const struct txv *v, unsigned n)
{
	struct dgram_unix *x = (struct dgram_unix *)e;
	bool full;
	unsigned done = dgram_send(&x->d, v, n, &full);
	if (full)
		timer_set(&x->room, loop_now(e->loop) + FULL_NS);
	return done;
}

static void room(struct timer *t, int64_t now)
{
	(void)now;
	ep_say_writable(&container_of(t, struct dgram_unix, room)->d.ep);
}

static void unix_close(struct ep *e)
{
	timer_fini(&((struct dgram_unix *)e)->room);
	dgram_close(e);
}

static const struct ep_ops unix_ops = {
	.rx = unix_rx,
	.rx_done = rx_block_done,
	.tx = unix_tx,
	.pause = dgram_pause,
	.close = unix_close,
};

/* `path` "": any name that nobody has. */
static int bind_to(struct dgram_unix *x, const char *path)
{
	if (strlen(path) >= sizeof x->d.own_path)
		return -ENAMETOOLONG;
	int fd = *path ? usock_bind(path, SOCK_DGRAM, 0600, -1, NULL)
		       : socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return *path ? fd : -errno;
	x->d.data.fd = fd;
	snprintf(x->d.own_path, sizeof x->d.own_path, "%s", path);
	const struct sockaddr_un any = { .sun_family = AF_UNIX }; /* unix(7): autobind */
	if (!*path && bind(fd, (const struct sockaddr *)&any, sizeof any.sun_family) < 0)
		return -errno;
	return 0;
}

static int send_to(struct dgram_unix *x, const char *path)
{
	if (strlen(path) >= sizeof x->peer.sun_path)
		return -ENAMETOOLONG;
	x->peer.sun_family = AF_UNIX;
	memcpy(x->peer.sun_path, path, strlen(path) + 1);
	x->d.to = (const struct sockaddr *)&x->peer;
	x->d.to_len = sizeof x->peer;
	return 0;
}

EP_OPEN(ep_dgram_unix_open)
{
	char path[EP_TEXT_MAX];
	const char *local = ep_key(keys, "local");
	bool listening = false;
	*e = NULL;
	int r = ep_key_bool(keys, "listen", &listening, err);
	if (r < 0)
		return r;
	snprintf(path, sizeof path, "%s", rest);
	ep_unquote(path);
	if (!*path)
		return err_set(err, -EINVAL, "dgram+unix://: no path");
	if (listening && local)
		return err_set(
			err, -EINVAL,
			"dgram+unix://%s: with listen=yes it is itself ours; no local=", path);
	struct dgram_unix *x = (struct dgram_unix *)dgram_born(sizeof *x, &unix_ops, l, host, ctx);
	if (!x)
		return err_set(err, -ENOMEM, "dgram+unix://%s: out of memory", path);
	timer_init(&x->room, l, room);
	x->listening = listening;
	const char *own = listening ? path : local ? local : "";
	r = bind_to(x, own);
	if (r == 0 && !listening) {
		own = path;
		r = send_to(x, path);
	}
	if (r == 0)
		r = dgram_start(&x->d);
	if (r < 0) {
		ep_close(&x->d.ep);
		return err_set(err, r, "dgram+unix://%s: %s", own,
			       r == -EEXIST ? "is no socket" : strerror(-r));
	}
	*e = &x->d.ep;
	return 0;
}
