/* SPDX-License-Identifier: MIT */
/* vxlan.c - "vxlan://": RFC 7348. To one host, or to a group: then frames go to the host that their
 * destination was last heard from, and to the whole group while that is not known. Sent from a port
 * of our own (RFC 7348, 5: the source port is not the destination's), by which our own datagrams
 * are known when the group brings them back. Inner tags are passed on, as Linux does. */
#include "lib/io/ep/vxlan.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/ether.h"
#include "lib/base/hash.h"
#include "lib/base/units.h"
#include "lib/io/ep/dgram.h"
#include "lib/proto/vxlan.h"

enum { STATIONS = 1024 }; /* a power of two */

static const int64_t AGE_NS = 300 * NS_PER_SEC; /* as bridges forget */
static const int64_t FULL_NS = NS_PER_MS;       /* until a full socket is tried again */

struct station { /* where a MAC was heard: one that is pushed out is flooded again, no more */
	uint8_t mac[6];
	int64_t seen;
	struct inet host; /* len 0: none */
};

struct vxlan {
	struct dgram d; /* its socket receives */
	struct vxlan_way way;
	struct timer room;
	struct station station[STATIONS];
};

/* ---- stations behind a group ---- */

static struct station *place_of(struct vxlan *x, const uint8_t mac[static 6])
{
	uint64_t key = 0;
	memcpy(&key, mac, 6);
	return &x->station[mix64(key) & (STATIONS - 1)];
}

/* Those on our own machine share its address: what is sent there reaches only one of them. */
static void learn(struct vxlan *x, const uint8_t mac[static 6], const struct inet *from,
		  int64_t now)
{
	struct station *s = place_of(x, mac);
	if (mac_is_group(mac) || inet_same_host(from, &x->way.self))
		return;
	memcpy(s->mac, mac, 6);
	s->seen = now;
	s->host = *from;
	inet_set_port(&s->host, inet_port(&x->way.to));
}

static const struct inet *where(struct vxlan *x, const uint8_t mac[static 6], int64_t now)
{
	const struct station *s = x->way.group ? place_of(x, mac) : NULL;
	bool known = s && s->host.len && memcmp(s->mac, mac, 6) == 0 && now - s->seen < AGE_NS;
	return known ? &s->host : &x->way.to;
}

/* ---- receiving ---- */

/* From whom frames are taken: the one host; in a group, all but ourselves. */
static bool welcome(const struct vxlan *x, const struct inet *from)
{
	if (!x->way.group)
		return inet_same_host(from, &x->way.to);
	return inet_port(from) != x->way.self_port || !inet_same_host(from, &x->way.self);
}

static bool take(struct vxlan *x, const uint8_t *bytes, size_t len, const struct inet *from,
		 struct frame *f)
{
	int64_t now = loop_now(x->d.ep.loop);
	struct rd r = rd_over(bytes, len);
	uint32_t vni;
	if (!welcome(x, from) || !vxlan_read(&r, &vni) || vni != x->way.vni)
		return false;
	*f = (struct frame){ .data = r.p, .len = (uint32_t)rd_left(&r), .rx_ns = now };
	if (x->way.group && f->len >= ETH_HLEN)
		learn(x, f->data + 6, from, now);
	return f->len > 0;
}

static unsigned vxlan_rx(struct ep *e, struct frame *f, unsigned max)
{
	struct vxlan *x = (struct vxlan *)e;
	struct rx_block *b = rx_block_take(e);
	struct mmsghdr msg[BATCH_MAX];
	struct iovec iov[BATCH_MAX];
	struct inet from[BATCH_MAX];
	unsigned k = 0, want = max < BATCH_MAX ? max : BATCH_MAX;
	for (unsigned i = 0; i < want; i++) { /* the frame lands where frames land */
		iov[i] = (struct iovec){ b->slot[i] + RX_FRONT - VXLAN_LEN,
					 VXLAN_LEN + ETH_FRAME_MAX };
		msg[i] = (struct mmsghdr){ .msg_hdr = { .msg_iov = &iov[i],
							.msg_iovlen = 1,
							.msg_name = &from[i].room,
							.msg_namelen = sizeof from[i].room } };
	}
	int n;
	do
		n = recvmmsg(x->d.data.fd, msg, want, MSG_DONTWAIT, NULL);
	while (n < 0 && errno == EINTR);
	for (int i = 0; i < n; i++) {
		from[i].len = msg[i].msg_hdr.msg_namelen;
		if (msg[i].msg_hdr.msg_flags & MSG_TRUNC)
			e->rx_oversize++;
		else if (take(x, b->slot[i] + RX_FRONT - VXLAN_LEN, msg[i].msg_len, &from[i],
			      &f[k]))
			k++;
		else
			e->rx_stray++;
	}
	if (!k)
		rx_block_give();
	return k;
}

/* ---- sending ---- */

static unsigned vxlan_tx(struct ep *e, const struct txv *v, unsigned n)
{
	struct vxlan *x = (struct vxlan *)e;
	uint8_t head[VXLAN_LEN];
	struct wr w = wr_over(head, sizeof head);
	unsigned done = 0;
	vxlan_write(&w, x->way.vni);
	while (done < n) {
		struct iovec iov[3] = { iov_over(head, sizeof head) };
		iov_of_txv(iov + 1, &v[done]);
		struct inet to = *where(x, v[done].hdr, loop_now(e->loop));
		struct msghdr m = {
			.msg_iov = iov, .msg_iovlen = 3, .msg_name = &to.room, .msg_namelen = to.len
		};
		ssize_t r = sendmsg(x->way.out, &m, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0 && errno == EAGAIN)
			break;
		e->tx_dropped += r < 0; /* no route, EMSGSIZE where pieces are not allowed, ... */
		done++;
	}
	if (done < n)
		timer_set(&x->room, loop_now(e->loop) + FULL_NS);
	return done;
}

static void room(struct timer *t, int64_t now)
{
	(void)now;
	ep_say_writable(&container_of(t, struct vxlan, room)->d.ep);
}

static void vxlan_close(struct ep *e)
{
	struct vxlan *x = (struct vxlan *)e;
	timer_fini(&x->room);
	close(x->way.out);
	dgram_close(e);
}

static const struct ep_ops vxlan_ops = {
	.rx = vxlan_rx,
	.rx_done = rx_block_done,
	.tx = vxlan_tx,
	.pause = dgram_pause,
	.close = vxlan_close,
};

EP_OPEN(ep_vxlan_open)
{
	struct vxlan_way way;
	*e = NULL;
	int r = vxlan_find_way(&way, rest, keys, err);
	if (r < 0)
		return err_prefix(err, r, "vxlan://");
	struct vxlan *x = (struct vxlan *)dgram_born(sizeof *x, &vxlan_ops, l, host, ctx);
	if (!x) {
		close(way.in);
		close(way.out);
		return err_set(err, -ENOMEM, "vxlan://: out of memory");
	}
	timer_init(&x->room, l, room);
	x->way = way;
	x->d.data.fd = way.in;
	x->d.ep.caps.shared = way.group;
	r = dgram_start(&x->d);
	if (r < 0) {
		ep_close(&x->d.ep);
		return err_set(err, r, "vxlan://: %s", strerror(-r));
	}
	*e = &x->d.ep;
	return 0;
}
