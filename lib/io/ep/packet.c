/* SPDX-License-Identifier: MIT */
/* packet.c - "packet://INTERFACE": every frame of an interface, by packet socket. The kernel strips the outer
 * tag on its way in and may leave checksums to the hardware: both are put right here. */
#include "lib/io/ep/impl.h" /* before the kernel's: some of its macros are our constants' names */

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/io/ep/netns.h"

struct packet {
	struct ep ep;
	struct watch watch;
	struct ep_end end;
	bool paused, want_out;
	int ifindex;
};

enum { VNET_LEN = sizeof(struct virtio_net_hdr), TAG_LEN = 4 };
static_assert((int)TAG_LEN <= (int)RX_FRONT, "a restored tag goes in front of the frame");

static uint32_t wanted(const struct packet *p)
{
	return (p->paused ? 0u : EPOLLIN) | (p->want_out ? EPOLLOUT : 0u);
}

/* ---- receiving ---- */

struct arrival { /* one slot of recvmmsg() */
	struct virtio_net_hdr vnet;
	struct iovec iov[2];
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
};

/* RFC 1071, over [p, p+len) */
static uint16_t checksum(const uint8_t *p, size_t len)
{
	uint32_t sum = 0;
	for (; len > 1; p += 2, len -= 2)
		sum += (uint32_t)(p[0] << 8 | p[1]);
	if (len)
		sum += (uint32_t)p[0] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* The sender left the checksum to hardware that is not there. The field holds the pseudo header's sum. */
static void finish_checksum(const struct virtio_net_hdr *h, uint8_t *frame, size_t len)
{
	size_t start = h->csum_start, at = start + h->csum_offset;
	if (!(h->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) || at + 2 > len)
		return;
	uint16_t sum = checksum(frame + start, len - start);
	if (!sum && h->csum_offset == 6)
		sum = 0xffff; /* UDP: zero would mean "none" (RFC 768) */
	frame[at] = (uint8_t)(sum >> 8);
	frame[at + 1] = (uint8_t)sum;
}

static const struct tpacket_auxdata *auxdata(struct msghdr *m)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c))
		if (c->cmsg_level == SOL_PACKET && c->cmsg_type == PACKET_AUXDATA)
			return (const void *)CMSG_DATA(c);
	return NULL;
}

/* Puts the tag back that the kernel took off; the bytes begin TAG_LEN earlier then. */
static uint8_t *restore_tag(struct msghdr *m, uint8_t *frame, size_t *len)
{
	const struct tpacket_auxdata *a = auxdata(m);
	if (!a || !(a->tp_status & TP_STATUS_VLAN_VALID) || *len < 12)
		return frame;
	uint16_t tpid = a->tp_status & TP_STATUS_VLAN_TPID_VALID ? a->tp_vlan_tpid : ETHERTYPE_CVLAN;
	memmove(frame - TAG_LEN, frame, 12);
	frame -= TAG_LEN;
	frame[12] = (uint8_t)(tpid >> 8);
	frame[13] = (uint8_t)tpid;
	frame[14] = (uint8_t)(a->tp_vlan_tci >> 8);
	frame[15] = (uint8_t)a->tp_vlan_tci;
	*len += TAG_LEN;
	return frame;
}

/* ENETDOWN is said once when the interface goes down; frames flow again when it comes up. When it has gone
 * for good, its number has no name any more. */
static void lost(struct packet *p, int code)
{
	struct ifreq ifr = { .ifr_ifindex = p->ifindex };
	if (code == ENETDOWN && ioctl(p->watch.fd, SIOCGIFNAME, &ifr) == 0)
		return;
	loop_del(&p->watch);
	ep_end_say(&p->end, -code, "%s", code == ENETDOWN ? "the interface was removed" : strerrordesc_np(code));
}

static void prepare(struct rx_block *b, struct arrival *a, struct mmsghdr *m, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		a[i].iov[0] = (struct iovec){ &a[i].vnet, VNET_LEN };
		a[i].iov[1] = (struct iovec){ b->slot[i] + RX_FRONT, ETH_FRAME_MAX };
		m[i] = (struct mmsghdr){ .msg_hdr = { .msg_iov = a[i].iov,
						      .msg_iovlen = 2,
						      .msg_control = a[i].control,
						      .msg_controllen = sizeof a[i].control } };
	}
}

static unsigned packet_rx(struct ep *e, struct frame *f, unsigned max)
{
	struct packet *p = (struct packet *)e;
	struct rx_block *b = rx_block_take();
	struct arrival a[BATCH_MAX];
	struct mmsghdr m[BATCH_MAX];
	unsigned asked = max < BATCH_MAX ? max : BATCH_MAX, n = 0;
	prepare(b, a, m, asked);
	int r = recvmmsg(p->watch.fd, m, asked, MSG_DONTWAIT, NULL);
	if (r < 0 && errno != EAGAIN && errno != EINTR)
		lost(p, errno);
	for (int i = 0; i < r; i++) {
		uint8_t *bytes = b->slot[i] + RX_FRONT;
		size_t len = m[i].msg_len > VNET_LEN ? m[i].msg_len - VNET_LEN : 0;
		/* a segment bundle that the sender left to its hardware is longer than any frame, too */
		if ((m[i].msg_hdr.msg_flags & MSG_TRUNC) || a[i].vnet.gso_type != VIRTIO_NET_HDR_GSO_NONE) {
			e->rx_oversize++;
			continue;
		}
		finish_checksum(&a[i].vnet, bytes, len);
		bytes = restore_tag(&m[i].msg_hdr, bytes, &len);
		if (len > ETH_FRAME_MAX)
			e->rx_oversize++;
		else if (len)
			f[n++] = (struct frame){ .data = bytes, .len = (uint32_t)len, .rx_ns = loop_now(e->loop) };
	}
	if (!n)
		rx_block_give();
	return n;
}

static void packet_rx_done(struct ep *e)
{
	(void)e;
	rx_block_give();
}

/* ---- sending ---- */

static unsigned packet_tx(struct ep *e, const struct txv *v, unsigned n)
{
	struct packet *p = (struct packet *)e;
	static const struct virtio_net_hdr plain; /* complete frames, nothing left to hardware */
	unsigned done = 0;
	while (done < n) {
		uint32_t len;
		union { /* an iovec is not const, sendmsg() only reads */
			const void *in;
			void *out;
		} vnet = { &plain }, head = { v[done].hdr }, body = { txv_body(&v[done], &len) };
		struct iovec iov[3] = { { vnet.out, VNET_LEN }, { head.out, v[done].hlen }, { body.out, len } };
		struct msghdr m = { .msg_iov = iov, .msg_iovlen = 3 };
		ssize_t r = sendmsg(p->watch.fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0 && errno == EAGAIN)
			break;
		if (r < 0) /* ENOBUFS: its queue is full; ENETDOWN; EMSGSIZE: longer than its MTU */
			e->tx_dropped++;
		done++;
	}
	if (done < n && !p->want_out) {
		p->want_out = true;
		loop_want(&p->watch, wanted(p));
	}
	return done;
}

static void packet_pause(struct ep *e, bool on)
{
	struct packet *p = (struct packet *)e;
	p->paused = on;
	loop_want(&p->watch, wanted(p));
}

static void ready(struct watch *w, uint32_t events)
{
	struct packet *p = container_of(w, struct packet, watch);
	if (events & EPOLLERR) {
		int code = 0;
		getsockopt(w->fd, SOL_SOCKET, SO_ERROR, &code, &(socklen_t){ sizeof code });
		if (code)
			lost(p, code);
	}
	if (p->want_out && (events & (EPOLLOUT | EPOLLERR))) {
		p->want_out = false;
		loop_want(w, wanted(p));
		if (!ep_say_writable(&p->ep))
			return;
	}
	if ((events & EPOLLIN) && !p->paused && w->loop)
		ep_say_readable(&p->ep);
}

static void packet_close(struct ep *e)
{
	struct packet *p = (struct packet *)e;
	int fd = p->watch.fd;
	loop_del(&p->watch);
	if (fd >= 0)
		close(fd);
	timer_fini(&p->end.timer);
	ep_dead(e);
}

static const struct ep_ops packet_ops = {
	.rx = packet_rx,
	.rx_done = packet_rx_done,
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
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0); /* deaf until bound */
	if (fd < 0)
		return err_set(err, -errno, "packet://%s: %s", name,
			       errno == EPERM ? "not permitted (root, or CAP_NET_RAW)" : strerror(errno));
	struct ifreq ifr = { .ifr_name = "" };
	strcpy(ifr.ifr_name, name);
	int one = 1, r = ioctl(fd, SIOCGIFINDEX, &ifr);
	struct packet_mreq promisc = { .mr_ifindex = ifr.ifr_ifindex, .mr_type = PACKET_MR_PROMISC };
	struct sockaddr_ll ll = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = ifr.ifr_ifindex };
	if (r < 0 || set(fd, PACKET_VNET_HDR, &one, sizeof one) < 0 || set(fd, PACKET_AUXDATA, &one, sizeof one) < 0 ||
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
	strcpy(name, rest);
	int fd = netns_open(ep_key(keys, "netns"), open_packet, name, err);
	if (fd < 0)
		return fd;
	struct packet *p = (struct packet *)ep_born(sizeof *p, &packet_ops, l, host, ctx);
	if (!p) {
		close(fd);
		return err_set(err, -ENOMEM, "packet://%s: out of memory", name);
	}
	struct sockaddr_ll ll = { .sll_family = AF_PACKET };
	getsockname(fd, (struct sockaddr *)&ll, &(socklen_t){ sizeof ll });
	p->ifindex = ll.sll_ifindex;
	p->watch.fd = fd;
	p->ep.caps.shared = true; /* whatever the interface leads to */
	ep_end_init(&p->end, &p->ep);
	int r = loop_add(l, &p->watch, fd, EPOLLIN, ready);
	if (r < 0) {
		packet_close(&p->ep);
		return err_set(err, r, "packet://%s: %s", name, strerror(-r));
	}
	p->ep.is_up = true;
	*e = &p->ep;
	return 0;
}
