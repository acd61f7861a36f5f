/* SPDX-License-Identifier: MIT */
/* tap.c - "tap://NAME": a tap interface of the kernel, one frame or bundle a read or write. What
 * the kernel left to the network card passes as it is, where the host takes that. */
#include "lib/io/ep/device.h" /* before the kernel's: some of its macros are our constants' names */
#include "lib/io/ep/vnet.h"

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
	struct rx_room room = rx_room_of(rx_block_take(e));
	unsigned n = 0;
	for (unsigned tries = 0; n < max && n < BATCH_MAX && tries < 2 * BATCH_MAX; tries++) {
		struct virtio_net_hdr h;
		uint8_t *to = rx_room_next(&room, VNET_ROOM);
		struct iovec iov[2] = { { &h, VNET_LEN }, { to, VNET_ROOM } };
		if (!to)
			break;
		ssize_t got = readv(d->watch.fd, iov, 2);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= (ssize_t)VNET_LEN) {
			if (got < 0 && errno != EAGAIN)
				lost(d, errno);
			break;
		}
		uint32_t len = (uint32_t)got - VNET_LEN;
		if (len > ETH_FRAME_MAX && !h.gso_type) {
			e->rx_oversize++;
			continue;
		}
		f[n] = (struct frame){ .data = to, .len = len, .rx_ns = loop_now(e->loop) };
		vnet_read(&h, &f[n++]);
		rx_room_took(&room, len);
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
		struct virtio_net_hdr h;
		struct iovec iov[3] = { { &h, VNET_LEN } };
		vnet_write(&h, &v[done]);
		iov_of_txv(iov + 1, &v[done]);
		ssize_t r = writev(d->watch.fd, iov, 3);
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0 && errno == EAGAIN)
			break;
		if (r < 0) { /* EIO: the interface is down; lost like on a pulled plug */
			e->tx_dropped += v[done].f->segs;
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

/* What the kernel may leave to us, and so what it can finish: the same. An interface that was there
 * before remembers what its last user said. */
static unsigned set_offloads(int fd, bool any)
{
	enum { USO4 = 0x20, USO6 = 0x40 }; /* TUN_F_USO4, TUN_F_USO6: newer than some headers */
	static const struct {
		unsigned kernel, ours;
	} rows[] = {
		{ TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN | USO4 | USO6, OFFLOAD_ALL },
		{ TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN,
		  OFFLOAD_ALL & ~OFFLOAD_UDP },
		{ 0, 0 },
	};
	for (size_t i = any ? 0 : 2; i < sizeof rows / sizeof *rows; i++)
		if (ioctl(fd, TUNSETOFFLOAD, rows[i].kernel) == 0)
			return rows[i].ours;
	return 0;
}

static int open_tap(void *arg, struct err *err)
{
	const char *name = arg;
	struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR };
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
	d->ep.caps.offloads = set_offloads(fd, host->unfinished);
	int r = device_start(d, fd, failed);
	if (r < 0)
		return err_set(err, r, "tap://%s: %s", name, strerror(-r));
	*e = &d->ep;
	return 0;
}
