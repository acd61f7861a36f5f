/* SPDX-License-Identifier: MIT */
/* tap.c - "tap://NAME": a tap interface of the kernel, one frame a read or write. */
#include "lib/io/ep/impl.h" /* before the kernel's: some of its macros are our constants' names */

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "lib/io/ep/netns.h"

struct tap {
	struct ep ep;
	struct watch watch;
	struct ep_end end;
	bool paused, want_out;
};

static uint32_t wanted(const struct tap *t)
{
	return (t->paused ? 0u : EPOLLIN) | (t->want_out ? EPOLLOUT : 0u);
}

static void lost(struct tap *t, int code)
{
	loop_del(&t->watch);
	/* the interface was deleted under us: EBADFD from the tun driver */
	ep_end_say(&t->end, -code, "%s",
		   code == EBADFD ? "the interface was removed" : strerrordesc_np(code));
}

static unsigned tap_rx(struct ep *e, struct frame *f, unsigned max)
{
	struct tap *t = (struct tap *)e;
	struct rx_block *b = rx_block_take();
	unsigned n = 0;
	for (unsigned tries = 0; n < max && n < BATCH_MAX && tries < 2 * BATCH_MAX; tries++) {
		uint8_t *to = b->slot[n] + RX_FRONT;
		ssize_t len = read(t->watch.fd, to,
				   RX_STRIDE - RX_FRONT); /* longer than a frame: seen as such */
		if (len < 0 && errno == EINTR)
			continue;
		if (len <= 0) {
			if (len < 0 && errno != EAGAIN)
				lost(t, errno);
			break;
		}
		if (len > ETH_FRAME_MAX)
			e->rx_oversize++;
		else
			f[n++] = (struct frame){ .data = to,
						 .len = (uint32_t)len,
						 .rx_ns = loop_now(e->loop) };
	}
	if (!n)
		rx_block_give();
	return n;
}

static void tap_rx_done(struct ep *e)
{
	(void)e;
	rx_block_give();
}

static unsigned tap_tx(struct ep *e, const struct txv *v, unsigned n)
{
	struct tap *t = (struct tap *)e;
	unsigned done = 0;
	while (done < n) {
		uint8_t head[sizeof v->hdr];
		memcpy(head, v[done].hdr, v[done].hlen);
		uint32_t len;
		union { /* an iovec is not const, writev() only reads */
			const void *in;
			void *out;
		} body = { txv_body(&v[done], &len) };
		struct iovec iov[2] = { { head, v[done].hlen }, { body.out, len } };
		ssize_t r = writev(t->watch.fd, iov, 2);
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0 && errno == EAGAIN)
			break;
		if (r <
		    0) { /* EIO: the interface is down; this frame is lost like on a pulled plug */
			e->tx_dropped++;
			if (errno == EBADFD)
				lost(t, errno);
		}
		done++;
	}
	if (done < n && !t->want_out) {
		t->want_out = true;
		loop_want(&t->watch, wanted(t));
	}
	return done;
}

static void tap_pause(struct ep *e, bool on)
{
	struct tap *t = (struct tap *)e;
	t->paused = on;
	loop_want(&t->watch, wanted(t));
}

static void tap_carrier(struct ep *e, bool on)
{
	struct tap *t = (struct tap *)e;
	int value = on;
	ioctl(t->watch.fd, TUNSETCARRIER, &value); /* kernels before 5.0 have none: nothing lost */
}

static void ready(struct watch *w, uint32_t events)
{
	struct tap *t = container_of(w, struct tap, watch);
	if (t->want_out && (events & (EPOLLOUT | EPOLLERR))) {
		t->want_out = false;
		loop_want(w, wanted(t));
		if (!ep_say_writable(&t->ep))
			return;
	}
	if ((events & EPOLLERR) && t->paused)
		lost(t, EBADFD);
	else if ((events & (EPOLLIN | EPOLLERR)) && !t->paused)
		ep_say_readable(&t->ep);
}

static void tap_close(struct ep *e)
{
	struct tap *t = (struct tap *)e;
	int fd = t->watch.fd;
	loop_del(&t->watch);
	if (fd >= 0)
		close(fd);
	timer_fini(&t->end.timer);
	ep_dead(e);
}

static const struct ep_ops tap_ops = {
	.rx = tap_rx,
	.rx_done = tap_rx_done,
	.tx = tap_tx,
	.pause = tap_pause,
	.carrier = tap_carrier,
	.close = tap_close,
};

static int open_tap(void *arg, struct err *err)
{
	const char *name = arg;
	struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI };
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return err_set(err, -errno, "tap://%s: /dev/net/tun: %s", name, strerror(errno));
	strcpy(ifr.ifr_name, name);
	if (ioctl(fd, TUNSETIFF, &ifr) == 0)
		return fd;
	int code = errno;
	close(fd);
	if (code == EPERM)
		return err_set(err, -code,
			       "tap://%s: not permitted (root, or an interface made for you: "
			       "ip tuntap add %s mode tap user NAME)",
			       name, name);
	if (code == EBUSY)
		return err_set(err, -code, "tap://%s: another program has it", name);
	return err_set(err, -code, "tap://%s: %s", name,
		       code == EINVAL ? "exists and is no tap" : strerror(code));
}

EP_OPEN(ep_tap_open)
{
	char name[IFNAMSIZ];
	*e = NULL;
	if (!*rest || strlen(rest) >= sizeof name || strpbrk(rest, "/ %") ||
	    strcmp(rest, ".") == 0 || strcmp(rest, "..") == 0)
		return err_set(err, -EINVAL,
			       "tap://%.40s: not the name of an interface (1 to %d letters)", rest,
			       IFNAMSIZ - 1);
	strcpy(name, rest);
	int fd = netns_open(ep_key(keys, "netns"), open_tap, name, err);
	if (fd < 0)
		return fd;
	struct tap *t = (struct tap *)ep_born(sizeof *t, &tap_ops, l, host, ctx);
	if (!t) {
		close(fd);
		return err_set(err, -ENOMEM, "tap://%s: out of memory", name);
	}
	t->watch.fd = fd;
	t->ep.caps.carrier = true;
	ep_end_init(&t->end, &t->ep);
	int r = loop_add(l, &t->watch, fd, EPOLLIN, ready);
	if (r < 0) {
		tap_close(&t->ep);
		return err_set(err, r, "tap://%s: %s", name, strerror(-r));
	}
	t->ep.is_up = true;
	*e = &t->ep;
	return 0;
}
