/* SPDX-License-Identifier: MIT */
/* udp.c - "udp://": a frame a datagram, bare. The peer is fixed and the kernel hands over nothing
 * from others; or, with listen=yes, it is whoever sent last. Nobody is connected: frames for a peer
 * that is not there are lost, and counted as far as the network tells. libvdeplug's way of writing
 * it, [ADDR:]PORT->HOST:PORT, is read too. */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/io/ep/dgram.h"
#include "lib/io/ep/inet.h"
#include "lib/io/ep/netns.h"

struct udp {
	struct dgram d;
	struct inet peer;
};

static void learn_peer(struct udp *u)
{
	struct inet from = { .len = sizeof from.room };
	char byte;
	if (recvfrom(u->d.data.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT, &from.any, &from.len) < 0)
		return;
	u->peer = from;
	u->d.to = &u->peer.any;
	u->d.to_len = from.len;
}

static unsigned listener_rx(struct ep *e, struct frame *f, unsigned max)
{
	learn_peer((struct udp *)e);
	return dgram_rx(e, f, max);
}

static unsigned listener_tx(struct ep *e, const struct txv *v, unsigned n)
{
	if (((struct udp *)e)->d.to)
		return dgram_tx(e, v, n);
	e->tx_dropped += n; /* nobody has sent yet */
	return n;
}

static const struct ep_ops listener_ops = {
	.rx = listener_rx,
	.rx_done = rx_block_done,
	.tx = listener_tx,
	.pause = dgram_pause,
	.close = dgram_close,
};

/* ---- opening ---- */

struct ends {                                     /* what a locator says */
	char own[EP_TEXT_MAX], peer[EP_TEXT_MAX]; /* "": none */
};

static int find(struct inet *a, const char *text, int family, struct err *err)
{
	char host[INET_HOST_LEN] = "", port[INET_PORT_LEN] = "", whole[EP_TEXT_MAX + 1];
	bool bare = !strchr(text, ':'); /* a port alone, of any address */
	snprintf(whole, sizeof whole, "%s%s", bare ? ":" : "", text);
	if (inet_split(whole, host, port) < 0)
		return err_set(err, -EINVAL, "%.80s: not HOST:PORT", text);
	return inet_find(a, host, port, family, err);
}

static int open_udp(void *arg, struct err *err)
{
	const struct ends *t = arg;
	struct inet own = { .len = 0 }, peer = { .len = 0 };
	int r = *t->peer ? find(&peer, t->peer, 0, err) : 0;
	if (!r && *t->own)
		r = find(&own, t->own, *t->peer ? peer.any.sa_family : 0, err);
	if (r < 0)
		return r;
	int fd = socket(*t->peer ? peer.any.sa_family : own.any.sa_family,
			SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_set(err, -errno, "%s", strerror(errno));
	const char *what = t->own;
	r = *t->own && bind(fd, &own.any, own.len) < 0 ? -errno : 0;
	if (!r && *t->peer) {
		what = t->peer;
		r = connect(fd, &peer.any, peer.len) < 0 ? -errno : 0;
	}
	if (r < 0) {
		close(fd);
		return err_set(err, r, "%s: %s", what, strerror(-r));
	}
	return fd;
}

static int read_ends(struct ends *t, const char *rest, const struct ep_keys *keys, bool *listening,
		     struct err *err)
{
	const char *local = ep_key(keys, "local"), *arrow = strstr(rest, "->");
	int r = ep_key_bool(keys, "listen", listening, err);
	if (r < 0)
		return r;
	if (*listening && (local || arrow))
		return err_set(err, -EINVAL,
			       "with listen=yes the address is ours; there is no other");
	if (local && arrow)
		return err_set(err, -EINVAL, "what is before -> is ours; no local= besides");
	size_t own = arrow ? (size_t)(arrow - rest) : 0;
	snprintf(t->own, sizeof t->own, "%.*s", (int)own, rest);
	if (*listening || local)
		snprintf(t->own, sizeof t->own, "%s", local ? local : rest);
	snprintf(t->peer, sizeof t->peer, "%s", *listening ? "" : arrow ? arrow + 2 : rest);
	if (!*t->peer && !*listening)
		return err_set(err, -EINVAL, "no peer; write udp://HOST:PORT");
	return 0;
}

EP_OPEN(ep_udp_open)
{
	char text[EP_TEXT_MAX];
	struct ends t = { .own = "" };
	bool listening = false;
	*e = NULL;
	snprintf(text, sizeof text, "%s", rest);
	ep_unquote(text);
	int fd = read_ends(&t, text, keys, &listening, err);
	if (!fd)
		fd = netns_open(ep_key(keys, "netns"), open_udp, &t, err);
	if (fd < 0)
		return err_prefix(err, fd, "udp://");
	struct udp *u = (struct udp *)dgram_born(sizeof *u, listening ? &listener_ops : &dgram_ops,
						 l, host, ctx);
	if (!u) {
		close(fd);
		return err_set(err, -ENOMEM, "udp://%s: out of memory", text);
	}
	u->d.data.fd = fd;
	int r = dgram_start(&u->d);
	if (r < 0) {
		ep_close(&u->d.ep);
		return err_set(err, r, "udp://%s: %s", text, strerror(-r));
	}
	*e = &u->d.ep;
	return 0;
}
