/* SPDX-License-Identifier: MIT */
/* tap.c - "tap://NAME": a tap interface of the kernel, one frame a read or write. */
#include "lib/io/ep/device.h" /* before the kernel's: some of its macros are our constants' names */

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "lib/io/ep/netns.h"

static void lost(struct device *d, int code)
{
	/* EBADFD is the tun driver's word for an interface that was deleted under us */
	device_lost(d, code, code == EBADFD ? "the interface was removed" : strerrordesc_np(code));
}

static void failed(struct device *d, int code)
{
	lost(d, code ? code : EBADFD); /* the driver has no other error to tell */
}

static unsigned tap_rx(struct ep *e, struct frame *f, unsigned max)
{
	struct device *d = (struct device *)e;
	struct rx_block *b = rx_block_take(e);
	unsigned n = 0;
	for (unsigned tries = 0; n < max && n < BATCH_MAX && tries < 2 * BATCH_MAX; tries++) {
		uint8_t *to = b->slot[n] + RX_FRONT;
		ssize_t len = read(d->watch.fd, to,
				   RX_STRIDE - RX_FRONT); /* longer than a frame: seen as such */
		if (len < 0 && errno == EINTR)
			continue;
		if (len <= 0) {
			if (len < 0 && errno != EAGAIN)
				lost(d, errno);
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

static unsigned tap_tx(struct ep *e, const struct txv *v, unsigned n)
{
	struct device *d = (struct device *)e;
	unsigned done = 0;
	while (done < n) {
		struct iovec iov[2];
		iov_of_txv(iov, &v[done]);
		ssize_t r = writev(d->watch.fd, iov, 2);
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0 && errno == EAGAIN)
			break;
		if (r <
		    0) { /* EIO: the interface is down; this frame is lost like on a pulled plug */
			e->tx_dropped++;
			if (errno == EBADFD)
				lost(d, errno);
		}
		done++;
	}
	if (done < n)
		device_full(d);
	return done;
}

static void tap_carrier(struct ep *e, bool on)
{
	struct device *d = (struct device *)e;
	int value = on;
	ioctl(d->watch.fd, TUNSETCARRIER, &value); /* kernels before 5.0 have none: nothing lost */
}

static const struct ep_ops tap_ops = {
	.rx = tap_rx,
	.rx_done = rx_block_done,
	.tx = tap_tx,
	.pause = device_pause,
	.carrier = tap_carrier,
	.close = device_close,
};

static int open_tap(void *arg, struct err *err)
{
	const char *name = arg;
	struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI };
	int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return err_set(err, -errno, "tap://%s: /dev/net/tun: %s", name, strerror(errno));
	snprintf(ifr.ifr_name, sizeof ifr.ifr_name, "%s", name);
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
	snprintf(name, sizeof name, "%s", rest);
	int fd = netns_open(ep_key(keys, "netns"), open_tap, name, err);
	if (fd < 0)
		return fd;
	struct device *d = (struct device *)ep_born(sizeof *d, &tap_ops, l, host, ctx);
	if (!d) {
		close(fd);
		return err_set(err, -ENOMEM, "tap://%s: out of memory", name);
	}
	d->ep.caps.carrier = true;
	int r = device_start(d, fd, failed);
	if (r < 0)
		return err_set(err, r, "tap://%s: %s", name, strerror(-r));
	*e = &d->ep;
	return 0;
}
