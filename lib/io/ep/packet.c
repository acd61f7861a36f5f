/* SPDX-License-Identifier: MIT */
/* packet.c - "packet://INTERFACE": every frame of an interface, by packet socket. The kernel strips
 * the outer tag on its way in, and a sender on this machine leaves checksums and cutting to a card
 * that is not there: all of it is put right here. */
#include "lib/base/wire.h"
#include "lib/io/ep/device.h" /* before the kernel's: some of its macros are our constants' names */
#include "lib/io/ep/gso.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/io/ep/netns.h"

enum {
	VNET_LEN = sizeof(struct virtio_net_hdr),
	TAG_LEN = 4,
	BUNDLE_MAX = 65536 + 64, /* bytes of what a sender left to its card to cut */
};
static_assert((int)TAG_LEN <= (int)RX_FRONT, "a restored tag goes in front of the frame");

struct tag_off { /* what the kernel took off */
	bool there;
	uint16_t tpid, tci;
};

struct packet {
	struct device d;
	struct timer kick; /* frames of a bundle wait: the socket will not say so */
	struct gso gso;    /* the bundle being cut, in `bundle` */
	struct tag_off gso_tag;
	uint8_t bundle[BUNDLE_MAX];
};

/* ---- receiving ---- */

static struct tag_off tag_off(struct msghdr *m)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		const struct tpacket_auxdata *a = (const void *)CMSG_DATA(c);
		if (c->cmsg_level != SOL_PACKET || c->cmsg_type != PACKET_AUXDATA ||
		    !(a->tp_status & TP_STATUS_VLAN_VALID))
			continue;
		return (struct tag_off){ .there = true,
					 .tpid = a->tp_status & TP_STATUS_VLAN_TPID_VALID
							 ? a->tp_vlan_tpid
							 : ETHERTYPE_CVLAN,
					 .tci = a->tp_vlan_tci };
	}
	return (struct tag_off){ .there = false };
}

/* Puts the tag back; the bytes begin TAG_LEN earlier then. */
static struct frame with_tag(const struct packet *p, uint8_t *bytes, size_t len, struct tag_off tag)
{
	if (tag.there && len >= 12) {
		memmove(bytes - TAG_LEN, bytes, 12);
		bytes -= TAG_LEN;
		len += TAG_LEN;
		struct wr w = wr_over(bytes + 12, TAG_LEN);
		wr_be16(&w, tag.tpid);
		wr_be16(&w, tag.tci);
	}
	return (struct frame){ .data = bytes,
			       .len = (uint32_t)len,
			       .rx_ns = loop_now(p->d.ep.loop) };
}

/* One message: a frame to `slot`, or a bundle begun. Bytes of the frame, 0: none; negative: nothing
 * waits. */
static ssize_t receive(struct packet *p, uint8_t *slot, struct tag_off *tag)
{
	struct virtio_net_hdr vnet;
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
	struct iovec iov[3] = { { &vnet, VNET_LEN },
				{ slot, ETH_FRAME_MAX },
				{ p->bundle + ETH_FRAME_MAX, BUNDLE_MAX - ETH_FRAME_MAX } };
	struct msghdr m = { .msg_iov = iov,
			    .msg_iovlen = 3,
			    .msg_control = control,
			    .msg_controllen = sizeof control };
	ssize_t n = recvmsg(p->d.watch.fd, &m, MSG_DONTWAIT);
	if (n < 0)
		return -errno;
	size_t len = n > (ssize_t)VNET_LEN ? (size_t)n - VNET_LEN : 0;
	*tag = tag_off(&m);
	if (vnet.gso_type != VIRTIO_NET_HDR_GSO_NONE && !(m.msg_flags & MSG_TRUNC)) {
		memcpy(p->bundle, slot, len < ETH_FRAME_MAX ? len : ETH_FRAME_MAX);
		p->gso_tag = *tag;
		if (gso_begin(&p->gso, p->bundle, len, &vnet))
			return 0;
		p->gso = (struct gso){ .len = 0 };
		len = SIZE_MAX;
	}
	if (len + (tag->there ? TAG_LEN : 0) > ETH_FRAME_MAX) {
		p->d.ep.rx_oversize++;
		return 0;
	}
	checksum_finish(&vnet, slot, len);
	return (ssize_t)len;
}

/* A message, or the next frame of the bundle. False: nothing waits. */
static bool next_frame(struct packet *p, uint8_t *slot, struct frame *f)
{
	struct tag_off tag = p->gso_tag;
	ssize_t len;
	f->len = 0;
	if (gso_more(&p->gso)) {
		len = (ssize_t)gso_next(&p->gso, slot, ETH_FRAME_MAX - TAG_LEN);
		if (!len) { /* cut in pieces that are longer than any frame */
			p->gso.len = 0;
			p->d.ep.rx_oversize++;
		}
	} else {
		len = receive(p, slot, &tag);
		if (len < 0 && len != -EAGAIN && len != -EINTR)
			device_failed(&p->d, (int)-len);
	}
	if (len > 0)
		*f = with_tag(p, slot, (size_t)len, tag);
	return len >= 0;
}

static unsigned packet_rx(struct ep *e, struct frame *f, unsigned max)
{
	struct packet *p = (struct packet *)e;
	struct rx_block *b = rx_block_take(e);
	unsigned n = 0;
	for (unsigned tries = 0; n < max && n < BATCH_MAX && tries < 2 * BATCH_MAX; tries++) {
		if (!next_frame(p, b->slot[n] + RX_FRONT, &f[n]))
			break;
		n += f[n].len > 0;
	}
	if (gso_more(&p->gso))
		timer_set(&p->kick, loop_now(e->loop));
	if (!n)
		rx_block_give();
	return n;
}

static void kicked(struct timer *t, int64_t now)
{
	struct packet *p = container_of(t, struct packet, kick);
	(void)now;
	if (!p->d.paused && p->d.watch.loop)
		ep_say_readable(&p->d.ep);
}

/* ---- sending ---- */

static unsigned packet_tx(struct ep *e, const struct txv *v, unsigned n)
{
	struct packet *p = (struct packet *)e;
	static const struct virtio_net_hdr plain; /* complete frames, nothing left to hardware */
	unsigned done = 0;
	while (done < n) {
		struct iovec iov[3] = { iov_over(&plain, VNET_LEN) };
		iov_of_txv(iov + 1, &v[done]);
		struct msghdr m = { .msg_iov = iov, .msg_iovlen = 3 };
		ssize_t r = sendmsg(p->d.watch.fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0 && errno == EAGAIN)
			break;
		if (r < 0) /* ENOBUFS: its queue is full; ENETDOWN; EMSGSIZE: longer than its MTU */
			e->tx_dropped++;
		done++;
	}
	if (done < n)
		device_full(&p->d);
	return done;
}

static void packet_pause(struct ep *e, bool on)
{
	struct packet *p = (struct packet *)e;
	device_pause(e, on);
	if (!on && gso_more(&p->gso))
		timer_set(&p->kick, loop_now(e->loop));
}

static void packet_close(struct ep *e)
{
	timer_fini(&((struct packet *)e)->kick);
	device_close(e);
}

static const struct ep_ops packet_ops = {
	.rx = packet_rx,
	.rx_done = rx_block_done,
	.tx = packet_tx,
	.pause = packet_pause,
	.close = packet_close,
};

/* ---- opening ---- */

static int set(int fd, int option, const void *value, socklen_t len)
{
	return setsockopt(fd, SOL_PACKET, option, value, len);
}

static int open_packet(void *arg, struct err *err)
{
	const char *name = arg;
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC,
			0); /* deaf until bound */
	if (fd < 0)
		return err_set(err, -errno, "packet://%s: %s", name,
			       errno == EPERM ? "not permitted (root, or CAP_NET_RAW)"
					      : strerror(errno));
	struct ifreq ifr = { .ifr_name = "" };
	snprintf(ifr.ifr_name, sizeof ifr.ifr_name, "%s", name);
	int one = 1, r = ioctl(fd, SIOCGIFINDEX, &ifr);
	struct packet_mreq promisc = { .mr_ifindex = ifr.ifr_ifindex,
				       .mr_type = PACKET_MR_PROMISC };
	struct sockaddr_ll ll = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(ETH_P_ALL),
				  .sll_ifindex = ifr.ifr_ifindex };
	if (r < 0 || set(fd, PACKET_VNET_HDR, &one, sizeof one) < 0 ||
	    set(fd, PACKET_AUXDATA, &one, sizeof one) < 0 ||
	    set(fd, PACKET_IGNORE_OUTGOING, &one, sizeof one) < 0 ||
	    set(fd, PACKET_ADD_MEMBERSHIP, &promisc, sizeof promisc) < 0 ||
	    bind(fd, (struct sockaddr *)&ll, sizeof ll) < 0) {
		r = err_set(err, -errno, "packet://%s: %s", name,
			    errno == ENODEV ? "no such interface" : strerror(errno));
		close(fd);
		return r;
	}
	return fd;
}

EP_OPEN(ep_packet_open)
{
	char name[IFNAMSIZ];
	*e = NULL;
	if (!*rest || strlen(rest) >= sizeof name)
		return err_set(err, -EINVAL, "packet://%.40s: not the name of an interface", rest);
	snprintf(name, sizeof name, "%s", rest);
	int fd = netns_open(ep_key(keys, "netns"), open_packet, name, err);
	if (fd < 0)
		return fd;
	struct packet *p = (struct packet *)ep_born(sizeof *p, &packet_ops, l, host, ctx);
	if (!p) {
		close(fd);
		return err_set(err, -ENOMEM, "packet://%s: out of memory", name);
	}
	p->d.ep.caps.shared = true; /* whatever the interface leads to */
	timer_init(&p->kick, l, kicked);
	int r = device_start(&p->d, fd, device_failed);
	if (r < 0)
		return err_set(err, r, "packet://%s: %s", name, strerror(-r));
	*e = &p->d.ep;
	return 0;
}
