/* SPDX-License-Identifier: MIT */
/* packet.c - "packet://INTERFACE": every frame of an interface, by packet socket. The kernel strips
 * the outer tag on its way in: it is put back here. What a sender on this machine left to a card
 * that is not there passes as it is, or is finished here where the host does not take that. */
#include "lib/base/wire.h"
#include "lib/io/ep/netdev.h" /* before the kernel's: some of its macros are our constants' names */
#include "lib/io/ep/vnet.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/io/ep/netns.h"

enum { TAG_LEN = 4 };
static_assert((int)TAG_LEN <= (int)RX_FRONT, "a restored tag goes in front of the frame");

struct tag_off { /* what the kernel took off */
	bool there;
	uint16_t tpid, tci;
};

struct packet {
	struct device d;
	struct netdev netdev;
	struct timer kick; /* frames of a bundle wait: the socket will not say so */
	bool cutting;      /* `bundle` is being finished for a host that wants frames */
	struct frame f;
	struct txv v;
	struct gso cut;
	uint8_t bundle[RX_FRONT + VNET_ROOM];
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
static void restore_tag(struct frame *f, uint8_t *bytes, struct tag_off tag)
{
	if (!tag.there || f->len < 12)
		return;
	memmove(bytes - TAG_LEN, bytes, 12);
	struct wr w = wr_over(bytes - TAG_LEN + 12, TAG_LEN);
	wr_be16(&w, tag.tpid);
	wr_be16(&w, tag.tci);
	f->data = bytes - TAG_LEN;
	f->len += TAG_LEN;
	if (f->csum_start)
		f->csum_start = (uint16_t)(f->csum_start + TAG_LEN);
}

enum got { NOTHING, FRAME, LOST };

/* One message into to[VNET_ROOM], with RX_FRONT bytes free in front of it. */
static enum got receive(struct packet *p, uint8_t *to, struct frame *f)
{
	struct virtio_net_hdr vnet;
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
	struct iovec iov[2] = { { &vnet, VNET_LEN }, { to, VNET_ROOM } };
	struct msghdr m = { .msg_iov = iov,
			    .msg_iovlen = 2,
			    .msg_control = control,
			    .msg_controllen = sizeof control };
	ssize_t n = recvmsg(p->d.watch.fd, &m, MSG_DONTWAIT);
	if (n < 0) {
		if (errno != EAGAIN && errno != EINTR)
			device_failed(&p->d, errno);
		return NOTHING;
	}
	if (n <= (ssize_t)VNET_LEN)
		return LOST;
	*f = (struct frame){ .data = to,
			     .len = (uint32_t)n - VNET_LEN,
			     .rx_ns = loop_now(p->d.ep.loop) };
	vnet_read(&vnet, f);
	restore_tag(f, to, tag_off(&m));
	if (f->len <= ETH_FRAME_MAX || (f->gso_type && !(m.msg_flags & MSG_TRUNC)))
		return FRAME;
	p->d.ep.rx_oversize++;
	return LOST;
}

/* For a host that wants frames: the next of what lies in `bundle`, received there when all is out.
 */
static enum got finished(struct packet *p, uint8_t *to, struct frame *f)
{
	if (!p->cutting) {
		enum got got = receive(p, p->bundle + RX_FRONT, &p->f);
		if (got != FRAME)
			return got;
		frame_parse(&p->f);
		if (!gso_check(&p->f) || gso_longest(&p->f, p->f.len) > ETH_FRAME_MAX) {
			p->d.ep.rx_oversize++; /* cut in pieces that are longer than any frame */
			return LOST;
		}
		p->v = txv_plain(&p->f);
		gso_begin(&p->cut, &p->v);
	}
	*f = (struct frame){ .data = to, .rx_ns = p->f.rx_ns };
	f->len = gso_next(&p->cut, to);
	p->cutting = gso_more(&p->cut);
	return FRAME;
}

static unsigned packet_rx(struct ep *e, struct frame *f, unsigned max)
{
	struct packet *p = (struct packet *)e;
	struct rx_room room = rx_room_of(rx_block_take(e));
	unsigned n = 0;
	for (unsigned tries = 0; n < max && n < BATCH_MAX && tries < 2 * BATCH_MAX; tries++) {
		uint8_t *to = rx_room_next(&room, VNET_ROOM);
		enum got got = !to                   ? NOTHING
			       : e->host->unfinished ? receive(p, to, &f[n])
						     : finished(p, to, &f[n]);
		if (got == NOTHING)
			break;
		if (got == FRAME)
			rx_room_took(&room, f[n++].len);
	}
	if (p->cutting)
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
	unsigned done = 0;
	while (done < n) {
		struct virtio_net_hdr h;
		struct iovec iov[3] = { { &h, VNET_LEN } };
		vnet_write(&h, &v[done]);
		iov_of_txv(iov + 1, &v[done]);
		struct msghdr m = { .msg_iov = iov, .msg_iovlen = 3 };
		ssize_t r = sendmsg(p->d.watch.fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0 && errno == EAGAIN)
			break;
		if (r < 0) /* ENOBUFS: its queue is full; ENETDOWN; EMSGSIZE: longer than its MTU */
			e->tx_dropped += v[done].f->segs;
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
	if (!on && p->cutting)
		timer_set(&p->kick, loop_now(e->loop));
}

static void packet_close(struct ep *e)
{
	struct packet *p = (struct packet *)e;
	timer_fini(&p->kick);
	netdev_fini(&p->netdev);
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
	const char *netns = ep_key(keys, "netns");
	int changes = netns_open(netns, netdev_listen, NULL, err);
	if (changes < 0)
		return changes;
	int fd = netns_open(netns, open_packet, name, err);
	if (fd < 0) {
		close(changes);
		return fd;
	}
	struct packet *p = (struct packet *)ep_born(sizeof *p, &packet_ops, l, host, ctx);
	if (!p) {
		close(changes);
		close(fd);
		return err_set(err, -ENOMEM, "packet://%s: out of memory", name);
	}
	p->d.ep.caps.offloads = OFFLOAD_ALL; /* the kernel finishes what the interface cannot */
	timer_init(&p->kick, l, kicked);
	netdev_init(&p->netdev, &p->d, changes);
	int r = device_start(&p->d, fd, device_failed);
	if (r == 0 && (r = netdev_start(&p->netdev)) < 0)
		ep_close(&p->d.ep);
	if (r < 0)
		return err_set(err, r, "packet://%s: %s", name, strerror(-r));
	*e = &p->d.ep;
	return 0;
}
