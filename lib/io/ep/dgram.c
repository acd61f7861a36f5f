/* SPDX-License-Identifier: MIT */
/* dgram.c - frames on a connected datagram socket beside a control stream. */
#include "lib/io/ep/dgram.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/units.h"

/* After the control stream's end, what the peer sent before is still delivered, for so long at
 * most. */
static const int64_t DRAIN_NS = NS_PER_SEC;

static uint32_t wanted(const struct dgram *d)
{
	return (d->paused ? 0u : EPOLLIN) | (d->want_out ? EPOLLOUT : 0u);
}

static void want(struct dgram *d)
{
	loop_want(&d->data, wanted(d));
}

/* Errors told once, of something before; what was asked for has not been tried yet. */
static bool of_before(struct dgram *d, int code)
{
	if (code == ECONNREFUSED) /* UDP: nobody took a frame of before */
		d->ep.tx_dropped++;
	return code == EINTR || code == ECONNRESET || code == ECONNREFUSED;
}

unsigned dgram_rx(struct ep *e, struct frame *f, unsigned max)
{
	struct dgram *d = (struct dgram *)e;
	struct rx_block *b = rx_block_take(e);
	int n;
	do
		n = recvmmsg(d->data.fd, b->msg, max < BATCH_MAX ? max : BATCH_MAX, MSG_DONTWAIT,
			     NULL);
	while (n < 0 && of_before(d, errno));
	unsigned k = 0;
	for (int i = 0; i < n; i++) {
		if (b->msg[i].msg_hdr.msg_flags & MSG_TRUNC)
			e->rx_oversize++;
		else if (b->msg[i].msg_len) /* an empty one is how vde2's library says goodbye */
			f[k++] = (struct frame){ .data = b->iov[i].iov_base,
						 .len = b->msg[i].msg_len,
						 .rx_ns = loop_now(e->loop) };
	}
	if (!k)
		rx_block_give();
	return k;
}

/* As many of these as go; *full tells why it was less. */
static unsigned send_some(struct dgram *d, struct mmsghdr *msg, unsigned n, bool *full)
{
	unsigned done = 0;
	bool told = false; /* of this frame: an error that counted one */
	while (done < n) {
		int r = sendmmsg(d->data.fd, msg + done, n - done, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (r > 0) {
			done += (unsigned)r;
			told = false;
			continue;
		}
		if (r == 0 || errno == EAGAIN) {
			*full = true;
			break;
		}
		if (!told && of_before(d, errno)) {
			told = errno == ECONNREFUSED;
			continue;
		}
		/* ENOBUFS, ECONNREFUSED, ENOTCONN, EMSGSIZE: this frame is lost, the next one is
		 * tried. */
		d->ep.tx_dropped += !told;
		told = false;
		done++;
	}
	return done;
}

unsigned dgram_send(struct dgram *d, const struct txv *v, unsigned n, bool *full)
{
	struct mmsghdr msg[BATCH_MAX];
	struct iovec iov[BATCH_MAX][2];
	union { /* an address is not const, sending only reads */
		const void *in;
		void *out;
	} to = { d->to };
	unsigned done = 0;
	*full = false;
	while (done < n && !*full) {
		unsigned k = n - done < BATCH_MAX ? n - done : BATCH_MAX;
		for (unsigned i = 0; i < k; i++) {
			iov_of_txv(iov[i], &v[done + i]);
			msg[i] = (struct mmsghdr){ .msg_hdr = { .msg_iov = iov[i],
								.msg_iovlen = 2,
								.msg_name = to.out,
								.msg_namelen = d->to_len } };
		}
		done += send_some(d, msg, k, full);
	}
	return done;
}

unsigned dgram_tx(struct ep *e, const struct txv *v, unsigned n)
{
	struct dgram *d = (struct dgram *)e;
	bool full;
	unsigned done = dgram_send(d, v, n, &full);
	if (full && !d->want_out) {
		d->want_out = true;
		want(d);
	}
	return done;
}

void dgram_pause(struct ep *e, bool on)
{
	struct dgram *d = (struct dgram *)e;
	d->paused = on;
	want(d);
	if (!on && ep_over(&d->end))
		timer_set(&d->end.timer, loop_now(e->loop));
}

static void data_ready(struct watch *w, uint32_t events)
{
	struct dgram *d = container_of(w, struct dgram, data);
	if (events &
	    EPOLLERR) { /* told once and then forgotten: what it means shows in rx and tx */
		int code = 0;
		getsockopt(w->fd, SOL_SOCKET, SO_ERROR, &code, &(socklen_t){ sizeof code });
		of_before(d, code);
	}
	if ((events & (EPOLLOUT | EPOLLERR)) && d->want_out) {
		d->want_out = false;
		want(d);
		if (!ep_say_writable(&d->ep))
			return;
	}
	if ((events & EPOLLIN) && !d->paused)
		ep_say_readable(&d->ep);
}

static void ctl_ready(struct watch *w, uint32_t events)
{
	struct dgram *d = container_of(w, struct dgram, ctl);
	(void)events;
	char sink[256]; /* nothing is said here after the handshake; what comes all the same is
			   thrown away */
	ssize_t n = recv(w->fd, sink, sizeof sink, MSG_DONTWAIT);
	if (n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)))
		return;
	loop_del(w);
	d->ctl_over = loop_now(d->ep.loop);
	ep_end_say(&d->end, 0, "%s", d->lost_words);
}

/* The peer's last frames go before the news that it left. While they are not wanted, that waits,
 * too. */
static int64_t frames_wait(struct ep *e, int64_t now)
{
	struct dgram *d = (struct dgram *)e;
	char byte;
	if (!d->ctl_over || now - d->ctl_over >= DRAIN_NS ||
	    recv(d->data.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0)
		return 0;
	return d->paused ? d->ctl_over + DRAIN_NS : now + 1; /* now + 1: the next turn */
}

struct dgram *dgram_born(size_t size, const struct ep_ops *ops, struct loop *l,
			 const struct ep_host *host, void *ctx)
{
	struct dgram *d = (struct dgram *)ep_born(size, ops, l, host, ctx);
	if (!d)
		return NULL;
	d->data.fd = d->ctl.fd = -1;
	d->lost_words = "peer unplugged";
	ep_end_init(&d->end, &d->ep);
	d->end.wait = frames_wait;
	return d;
}

int dgram_start(struct dgram *d)
{
	int r = loop_add(d->ep.loop, &d->data, d->data.fd, wanted(d), data_ready);
	if (r == 0 && d->ctl.fd >= 0)
		r = loop_add(d->ep.loop, &d->ctl, d->ctl.fd, EPOLLIN, ctl_ready);
	if (r == 0)
		d->ep.is_up = true;
	return r;
}

void dgram_close(struct ep *e)
{
	struct dgram *d = (struct dgram *)e;
	int fds[2] = { d->data.fd, d->ctl.fd };
	loop_del(&d->data);
	loop_del(&d->ctl);
	for (int i = 0; i < 2; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	if (d->own_path[0])
		unlink(d->own_path);
	timer_fini(&d->end.timer);
	ep_dead(e);
}

const struct ep_ops dgram_ops = {
	.rx = dgram_rx,
	.rx_done = rx_block_done,
	.tx = dgram_tx,
	.pause = dgram_pause,
	.close = dgram_close,
};
