/* SPDX-License-Identifier: MIT */
/* vhost_user.c - "vhost-user://PATH": the network card of a virtual machine, whose queues lie in
 * memory that it shares. We are the back-end. Without listen=no the socket is ours and machines
 * come and go; else it is the machine's, and we come again whenever it is there. */
#include "lib/io/ep/vnet.h" /* before the kernel's: some of its macros are our constants' names */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/units.h"
#include "lib/io/ep/vhost.h"
#include "lib/io/usock.h"

static const int64_t RETRY_NS = 200 * NS_PER_MS;
enum { TO_GUEST, FROM_GUEST, RINGS, FDS_MAX = VHOST_USER_REGIONS_MAX };

/* Bits of the features (VIRTIO 1.2, 5.1.3 and 6; vhost-user.rst). */
#define BIT(n) (UINT64_C(1) << (n))
#define F_CSUM BIT(0)
#define F_GUEST_CSUM BIT(1)
#define F_GUEST_TSO4 BIT(7)
#define F_GUEST_TSO6 BIT(8)
#define F_GUEST_ECN BIT(9)
#define F_HOST (BIT(11) | BIT(12) | BIT(13)) /* TSO4, TSO6, ECN */
#define F_MRG_RXBUF BIT(15)
#define F_INDIRECT BIT(28)
#define F_EVENT_IDX BIT(29)
#define F_PROTOCOL BIT(30)
#define F_VERSION_1 BIT(32)
#define PROTOCOL_REPLY_ACK BIT(3)

struct vhost_user {
	struct ep ep;
	struct ep_end end;
	struct watch listener, sock, kick[RINGS];
	struct timer retry;
	struct poller poller; /* asks the queues before each sleep */
	char path[4096];
	bool listening, paused, full;
	uint64_t features, protocol;
	struct vhost_mem mem;
	struct vhost_ring ring[RINGS];
	uint8_t in[VHOST_USER_HEAD + VHOST_USER_BODY_MAX]; /* a message that is coming in ... */
	size_t have;
	int fds[FDS_MAX]; /* ... and what came with it */
	unsigned nfds;
};

static void settle(struct vhost_user *u);

/* ---- the end of a machine, or of the port ---- */

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void watch_close(struct watch *w)
{
	int fd = w->fd;
	loop_del(w);
	close_fd(&fd);
	w->fd = -1;
}

static void drop_fds(struct vhost_user *u)
{
	for (unsigned i = 0; i < u->nfds; i++)
		close_fd(&u->fds[i]);
	u->nfds = 0;
}

static void forget_machine(struct vhost_user *u)
{
	watch_close(&u->sock);
	drop_fds(u);
	u->have = 0;
	for (unsigned i = 0; i < RINGS; i++) {
		watch_close(&u->kick[i]);
		close_fd(&u->ring[i].call);
		u->ring[i] = (struct vhost_ring){ .call = -1 };
	}
	vhost_mem_unmap(&u->mem);
	u->features = u->protocol = 0;
	u->full = false;
}

/* It went by itself: another one may come. */
static void gone(struct vhost_user *u)
{
	forget_machine(u);
	if (!u->listening)
		timer_set(&u->retry, loop_now(u->ep.loop) + RETRY_NS);
	settle(u);
}

/* It broke the rules, and loses the port. Told from the loop. */
static void expel(struct vhost_user *u, const char *words)
{
	forget_machine(u);
	watch_close(&u->listener);
	ep_end_say(&u->end, -EPROTO, "the guest broke the rules: %s", words);
}

static bool is_sound(struct vhost_user *u) /* false: expelled */
{
	const char *words =
		u->ring[TO_GUEST].broken ? u->ring[TO_GUEST].broken : u->ring[FROM_GUEST].broken;
	if (vhost_mem_shrunk(&u->mem))
		words = "its memory became shorter";
	if (words)
		expel(u, words);
	return !words;
}

/* ---- the link ---- */

static bool is_ready(const struct vhost_user *u)
{
	for (unsigned i = 0; i < RINGS; i++)
		if (u->kick[i].fd < 0 || !vhost_ring_ready(&u->ring[i]))
			return false;
	return true;
}

/* Up while both queues work; from the loop only. The endpoint may be gone afterwards. */
static void settle(struct vhost_user *u)
{
	bool ready = is_ready(u);
	if (ready == u->ep.is_up || ep_over(&u->end))
		return;
	if (!ready) {
		ep_say_down(&u->ep);
		return;
	}
	ep_say_up(&u->ep);
}

/* ---- frames ---- */

static unsigned vhost_rx(struct ep *e, struct frame *f, unsigned max)
{
	struct vhost_user *u = (struct vhost_user *)e;
	struct vhost_ring *r = &u->ring[FROM_GUEST];
	unsigned n = 0;
	if (!is_ready(u))
		return 0;
	struct rx_room room = rx_room_of(rx_block_take(e));
	for (unsigned tries = 0; n < max && n < BATCH_MAX && tries < 2 * BATCH_MAX; tries++) {
		enum { LONGEST = VHOST_NET_HEAD + GSO_BUNDLE_MAX };
		uint8_t *to = rx_room_next(&room, LONGEST);
		int len = to ? vhost_ring_take(r, &u->mem, to, LONGEST) : 0;
		if (len == 0 || len == -EPROTO)
			break;
		if (len <= VHOST_NET_HEAD) {
			e->rx_oversize += len < 0;
			continue;
		}
		f[n] = (struct frame){ .data = to + VHOST_NET_HEAD,
				       .len = (uint32_t)len - VHOST_NET_HEAD,
				       .rx_ns = loop_now(e->loop) };
		if (u->features & F_CSUM) { /* else it finishes its frames, whatever it says */
			struct virtio_net_hdr h;
			memcpy(&h, to, VNET_LEN);
			vnet_read(&h, &f[n]);
		}
		rx_room_took(&room, (size_t)len);
		if (f[n].len > ETH_FRAME_MAX && !f[n].gso_type)
			e->rx_oversize++;
		else
			n++;
	}
	vhost_ring_publish(r);
	if (!n)
		rx_block_give();
	is_sound(u);
	return n;
}

static unsigned vhost_tx(struct ep *e, const struct txv *v, unsigned n)
{
	struct vhost_user *u = (struct vhost_user *)e;
	struct vhost_ring *r = &u->ring[TO_GUEST];
	unsigned done = 0;
	if (!is_ready(u)) {
		e->tx_dropped += n;
		return n;
	}
	while (done < n) {
		struct virtio_net_hdr h;
		uint8_t head[VHOST_NET_HEAD] = { 0 };
		vnet_write(&h, &v[done]);
		memcpy(head, &h, VNET_LEN);
		int r1 = vhost_ring_give(r, &u->mem, head, &v[done]);
		if (r1 == 0 && vhost_ring_arm(r, r->seen))
			continue; /* room came while we said that there is none */
		if (r1 == 0 || r1 == -EPROTO)
			break;
		if (r1 < 0)
			e->tx_dropped += v[done].f->segs;
		done++;
	}
	vhost_ring_publish(r);
	if (!is_sound(u)) {
		e->tx_dropped += n - done;
		return n;
	}
	u->full = done < n;
	return done;
}

/* Says what waits, again and again until it is taken; then the guest is asked to ring. */
static bool look(struct poller *poller, int64_t now)
{
	struct vhost_user *u = container_of(poller, struct vhost_user, poller);
	struct vhost_ring *to = &u->ring[TO_GUEST], *from = &u->ring[FROM_GUEST];
	(void)now;
	if (!u->ep.is_up || !is_ready(u))
		return false;
	bool room = u->full && vhost_ring_arm(to, to->seen);
	bool more = !room && !u->paused && vhost_ring_arm(from, from->next);
	if (!is_sound(u))
		return true;
	if (room) {
		u->full = false;
		ep_say_writable(&u->ep);
	} else if (more) {
		ep_say_readable(&u->ep);
	}
	return room || more;
}

static void kicked(struct watch *w, uint32_t events) /* the poller sees to it */
{
	uint64_t count;
	if (events & EPOLLIN && read(w->fd, &count, sizeof count) < 0 && errno == EAGAIN)
		return;
}

/* ---- the session ---- */

static uint64_t offered(const struct vhost_user *u)
{
	uint64_t f = F_MRG_RXBUF | F_INDIRECT | F_EVENT_IDX | F_PROTOCOL | F_VERSION_1 |
		     F_GUEST_CSUM | F_GUEST_TSO4 | F_GUEST_TSO6 | F_GUEST_ECN;
	return u->ep.host->unfinished ? f | F_CSUM | F_HOST : f;
}

static int take_features(struct vhost_user *u, uint64_t f)
{
	unsigned can = 0;
	if (f & ~offered(u) || !(f & F_VERSION_1))
		return -EPROTO; /* older machines have another header; none is known to be left */
	if (f & F_GUEST_CSUM)
		can = OFFLOAD_CSUM | (f & F_GUEST_TSO4 ? OFFLOAD_TCP4 : 0) |
		      (f & F_GUEST_TSO6 ? OFFLOAD_TCP6 : 0) | (f & F_GUEST_ECN ? OFFLOAD_ECN : 0);
	u->ep.caps.offloads = can;
	u->features = f;
	for (unsigned i = 0; i < RINGS; i++) {
		u->ring[i].event_idx = f & F_EVENT_IDX;
		u->ring[i].merges = f & F_MRG_RXBUF;
		if (!(f & F_PROTOCOL))
			u->ring[i].enabled = true;
	}
	return 0;
}

/* The descriptor that came along, for a doorbell; -1: none, or not the kind that never blocks. */
static int take_bell(struct vhost_user *u, const struct vhost_user_msg *m)
{
	struct stat st;
	int fd = u->nfds == 1 && !(m->value & VHOST_USER_NO_FD) ? u->fds[0] : -1;
	if (fd < 0)
		return -1;
	u->nfds = 0;
	int flags = fcntl(fd, F_GETFL);
	if (fstat(fd, &st) < 0 || st.st_mode & S_IFMT || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
		close_fd(&fd);
	return fd;
}

static int take_kick(struct vhost_user *u, const struct vhost_user_msg *m)
{
	struct watch *w = &u->kick[m->ring];
	watch_close(w);
	int fd = take_bell(u, m);
	if (fd < 0)
		return 0;
	int r = loop_add(u->ep.loop, w, fd, EPOLLIN, kicked);
	w->fd = fd;
	if (!(u->features & F_PROTOCOL))
		u->ring[m->ring].enabled = true;
	return r;
}

static int take_base(struct vhost_ring *r, uint32_t base)
{
	r->next = r->seen = r->done = r->told = (uint16_t)base;
	return 0;
}

static int take_memory(struct vhost_user *u, const struct vhost_user_msg *m, struct err *e)
{
	if (u->nfds != m->regions)
		return err_set(e, -EPROTO, "memory: a descriptor for each region is missing");
	u->nfds = 0;
	int r = vhost_mem_map(&u->mem, m, u->fds, e);
	for (unsigned i = 0; i < RINGS; i++)
		vhost_ring_place(&u->ring[i], &u->mem);
	return r;
}

static int send_reply(struct vhost_user *u, uint32_t request, int ring, uint64_t value)
{
	uint8_t out[VHOST_USER_HEAD + 8];
	size_t len = vhost_user_reply(out, request, ring, value);
	return send(u->sock.fd, out, len, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)len ? 0 : -EIO;
}

static bool names_ring(uint32_t request)
{
	return (request >= VHOST_USER_SET_VRING_NUM && request <= VHOST_USER_SET_VRING_ERR) ||
	       request == VHOST_USER_SET_VRING_ENABLE;
}

/* What the request wants done. 0, 1: it has been answered; negative errno: the guest goes. */
static int act(struct vhost_user *u, const struct vhost_user_msg *m, struct err *e)
{
	struct vhost_ring *r = names_ring(m->request) ? &u->ring[m->ring] : NULL;
	int code = 0;
	switch (m->request) {
	case VHOST_USER_GET_FEATURES:
		return send_reply(u, m->request, -1, offered(u)) < 0 ? -EIO : 1;
	case VHOST_USER_GET_PROTOCOL_FEATURES:
		return send_reply(u, m->request, -1, PROTOCOL_REPLY_ACK) < 0 ? -EIO : 1;
	case VHOST_USER_GET_QUEUE_NUM:
		return send_reply(u, m->request, -1, 1) < 0 ? -EIO : 1;
	case VHOST_USER_SET_FEATURES:
		return take_features(u, m->value);
	case VHOST_USER_SET_PROTOCOL_FEATURES:
		u->protocol = m->value & PROTOCOL_REPLY_ACK;
		return 0;
	case VHOST_USER_SET_MEM_TABLE:
		return take_memory(u, m, e);
	case VHOST_USER_SET_VRING_NUM:
		if (!m->num || m->num > VHOST_RING_MAX || m->num & (m->num - 1))
			return -EPROTO;
		r->num = m->num;
		vhost_ring_place(r, &u->mem);
		return 0;
	case VHOST_USER_SET_VRING_ADDR:
		r->desc_addr = m->desc;
		r->used_addr = m->used;
		r->avail_addr = m->avail;
		vhost_ring_place(r, &u->mem);
		return 0;
	case VHOST_USER_SET_VRING_BASE:
		return take_base(r, m->num);
	case VHOST_USER_GET_VRING_BASE: /* the ring stops */
		watch_close(&u->kick[m->ring]);
		close_fd(&r->call);
		code = send_reply(u, m->request, (int)m->ring, r->next);
		return code < 0 ? code : 1;
	case VHOST_USER_SET_VRING_KICK:
		return take_kick(u, m);
	case VHOST_USER_SET_VRING_CALL:
		close_fd(&r->call);
		r->call = take_bell(u, m);
		vhost_ring_wake(r); /* it may have missed what came while there was none */
		return 0;
	case VHOST_USER_SET_VRING_ENABLE:
		r->enabled = m->num == 1;
		return 0;
	}
	return 0; /* of no meaning here: owner, errors, what is newer */
}

static bool handle(struct vhost_user *u) /* false: the guest is gone, or the port */
{
	struct vhost_user_msg m;
	struct err e = { "a message that cannot be" };
	int r = vhost_user_head(&m, u->in);
	if (r == 0)
		r = vhost_user_body(&m, u->in + VHOST_USER_HEAD);
	if (r == 0 && names_ring(m.request) && m.ring >= RINGS)
		r = err_set(&e, -EPROTO, "there is no queue %u", m.ring);
	if (r == 0)
		r = act(u, &m, &e);
	if (r == 0 && m.wants_ack && u->protocol & PROTOCOL_REPLY_ACK)
		r = send_reply(u, m.request, -1, 0);
	u->have = 0;
	drop_fds(u);
	if (r >= 0)
		return true;
	if (r == -EIO)
		gone(u);
	else
		expel(u, e.text);
	return false;
}

/* Descriptors that came with some bytes; more than one message can have are refused. */
static bool keep_fds(struct vhost_user *u, struct msghdr *h)
{
	bool fits = !(h->msg_flags & MSG_CTRUNC);
	for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c; c = CMSG_NXTHDR(h, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t at = CMSG_LEN(0); at + sizeof(int) <= c->cmsg_len; at += sizeof(int)) {
			int fd;
			memcpy(&fd, (uint8_t *)c + at, sizeof fd);
			if (u->nfds < FDS_MAX)
				u->fds[u->nfds++] = fd;
			else
				fits = close(fd) < 0; /* one too many */
		}
	}
	return fits;
}

static ssize_t receive(struct vhost_user *u, size_t want)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(FDS_MAX * sizeof(int))];
	struct iovec iov = { u->in + u->have, want - u->have };
	struct msghdr h = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = control,
			    .msg_controllen = sizeof control };
	ssize_t n = recvmsg(u->sock.fd, &h, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? -EAGAIN : 0;
	u->have += (size_t)n;
	return keep_fds(u, &h) ? n : -EPROTO;
}

static void session(struct watch *w, uint32_t events)
{
	struct vhost_user *u = container_of(w, struct vhost_user, sock);
	(void)events;
	for (unsigned rounds = 0; rounds < 64; rounds++) { /* the others have a turn too */
		struct vhost_user_msg m = { .body_len = 0 };
		size_t want = VHOST_USER_HEAD;
		if (u->have >= want && vhost_user_head(&m, u->in) == 0)
			want += m.body_len;
		ssize_t n = u->have < want ? receive(u, want) : 1;
		if (n == -EAGAIN)
			break;
		if (n == -EPROTO) {
			expel(u, "more descriptors than a message has");
			return;
		}
		if (n == 0) {
			gone(u);
			return;
		}
		if (u->have < VHOST_USER_HEAD)
			continue;
		if (vhost_user_head(&m, u->in) < 0) {
			expel(u, "a message that cannot be");
			return;
		}
		if (u->have == VHOST_USER_HEAD + m.body_len && !handle(u))
			return;
	}
	settle(u);
}

/* ---- coming and going ---- */

static int machine_came(struct vhost_user *u, int fd)
{
	int r = loop_add(u->ep.loop, &u->sock, fd, EPOLLIN, session);
	u->sock.fd = fd;
	return r;
}

static void accepts(struct watch *w, uint32_t events)
{
	struct vhost_user *u = container_of(w, struct vhost_user, listener);
	(void)events;
	int fd = accept4(w->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0)
		return;
	if (u->sock.fd >= 0 || machine_came(u, fd) < 0) /* one at a time: the first one stays */
		close(fd);
}

static void try_connect(struct timer *t, int64_t now)
{
	struct vhost_user *u = container_of(t, struct vhost_user, retry);
	int fd = usock_connect(u->path, SOCK_STREAM);
	if (fd < 0 || machine_came(u, fd) < 0)
		timer_set(t, now + RETRY_NS);
}

static void vhost_pause(struct ep *e, bool on)
{
	((struct vhost_user *)e)->paused = on;
}

static void vhost_close(struct ep *e)
{
	struct vhost_user *u = (struct vhost_user *)e;
	bool bound = u->listening && u->listener.fd >= 0;
	forget_machine(u);
	watch_close(&u->listener);
	if (bound)
		unlink(u->path);
	loop_del_poller(e->loop, &u->poller);
	timer_fini(&u->retry);
	timer_fini(&u->end.timer);
	ep_dead(e);
}

static const struct ep_ops vhost_ops = {
	.rx = vhost_rx,
	.rx_done = rx_block_done,
	.tx = vhost_tx,
	.pause = vhost_pause,
	.close = vhost_close,
};

static int serve(struct vhost_user *u, struct err *err)
{
	int fd = usock_bind(u->path, SOCK_STREAM, 0600, -1, NULL);
	if (fd < 0)
		return err_set(err, fd, "vhost-user://%s: %s", u->path,
			       fd == -EEXIST ? "exists and is no socket" : strerror(-fd));
	int r = loop_add(u->ep.loop, &u->listener, fd, EPOLLIN, accepts);
	u->listener.fd = fd;
	return r < 0 ? err_set(err, r, "vhost-user://%s: %s", u->path, strerror(-r)) : 0;
}

EP_OPEN(ep_vhost_user_open)
{
	bool listening = true;
	*e = NULL;
	int r = ep_key_bool(keys, "listen", &listening, err);
	if (r < 0)
		return r;
	if (!*rest || strlen(rest) >= sizeof((struct vhost_user *)NULL)->path)
		return err_set(err, -EINVAL, "vhost-user://%.40s: not a path", rest);
	struct vhost_user *u = (struct vhost_user *)ep_born(sizeof *u, &vhost_ops, l, host, ctx);
	if (!u)
		return err_set(err, -ENOMEM, "vhost-user://%s: out of memory", rest);
	snprintf(u->path, sizeof u->path, "%s", rest);
	u->listening = listening;
	u->listener.fd = u->sock.fd = -1;
	for (unsigned i = 0; i < RINGS; i++)
		u->kick[i].fd = u->ring[i].call = -1;
	ep_end_init(&u->end, &u->ep);
	timer_init(&u->retry, l, try_connect);
	u->poller.poll = look;
	loop_add_poller(l, &u->poller);
	if (listening)
		r = serve(u, err);
	else
		timer_set(&u->retry, loop_now(l));
	if (r < 0)
		ep_close(&u->ep);
	else
		*e = &u->ep;
	return r;
}
