/* SPDX-License-Identifier: MIT */
/* streamep.c - frames on byte streams. Many frames a write; a write that takes half a frame leaves
 * the other half in a buffer of one frame, so the framing never breaks. */
#include "lib/io/ep/streamep.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "lib/base/units.h"

/* When nobody reads any more, what the other side said before is still taken in, for so long at
 * most. */
static const int64_t DRAIN_NS = NS_PER_SEC;

enum { HEAD_MAX = 4, FRONT_MAX = HEAD_MAX + sizeof(((struct txv *)0)->hdr) };

/* ---- the end ---- */

static void over(struct stream *s, int why, const char *reason)
{
	if (s->is_over)
		return;
	s->is_over = true;
	loop_del(&s->in);
	loop_del(&s->out);
	timer_set(&s->kick, TIME_NEVER);
	if (s->over)
		s->over(s, why, reason);
	else
		ep_end_say(&s->end, why, "%s", reason);
}

static void input_ended(struct stream *s)
{
	bool cut = deframe_pending(&s->de) || s->de.skip;
	over(s, cut ? -EPROTO : 0, cut ? "end of file in mid-frame" : "end of file");
}

/* ---- wanted events ---- */

static void want(struct stream *s)
{
	uint32_t in = s->paused ? 0 : EPOLLIN, out = s->want_out ? EPOLLOUT : 0;
	loop_want(&s->in, s->socket ? in | out : in);
	loop_want(&s->out, out);
}

static void in_ready(struct watch *w, uint32_t events);
static void out_ready(struct watch *w, uint32_t events);

static int watch_in(struct stream *s)
{
	uint32_t events = (s->paused ? 0u : EPOLLIN) | (s->socket && s->want_out ? EPOLLOUT : 0u);
	return s->in.fd < 0 || s->in.loop || s->is_over
		       ? 0
		       : loop_add(s->ep.loop, &s->in, s->in.fd, events, in_ready);
}

/* ---- receiving ---- */

/* One read into the buffer. false: nothing came. */
static bool fill(struct stream *s)
{
	size_t room;
	uint8_t *to = deframe_space(&s->de, &room);
	ssize_t n;
	do
		n = s->socket ? recv(s->in.fd, to, room, MSG_DONTWAIT) : read(s->in.fd, to, room);
	while (n < 0 && errno == EINTR);
	if (n > 0) {
		deframe_filled(&s->de, (size_t)n);
		return true;
	}
	if (n == 0)
		input_ended(s);
	else if (errno != EAGAIN)
		over(s, -errno, strerror(errno));
	return false;
}

static unsigned take(struct stream *s, struct frame *f, unsigned max)
{
	unsigned n = 0;
	const uint8_t *bytes;
	uint32_t len;
	int r = 1;
	while (n < max && (r = deframe_next(&s->de, &bytes, &len)) == 1)
		f[n++] = (struct frame){ .data = bytes, .len = len, .rx_ns = loop_now(s->ep.loop) };
	s->ep.rx_oversize = s->de.oversize;
	if (r < 0)
		over(s, -EPROTO, "a length beyond any frame: not this framing, or out of step");
	return n;
}

unsigned stream_rx(struct ep *e, struct frame *f, unsigned max)
{
	struct stream *s = (struct stream *)e;
	if (s->in.fd < 0)
		return 0;
	unsigned n = take(s, f, max);
	if (!n && !s->is_over && fill(s))
		n = take(s, f, max);
	if (n == max && !s->is_over && deframe_pending(&s->de))
		timer_set(&s->kick, loop_now(e->loop));
	return n;
}

static bool input_waits(const struct stream *s)
{
	struct pollfd in = { .fd = s->in.fd, .events = POLLIN };
	return deframe_pending(&s->de) || (poll(&in, 1, 0) > 0 && (in.revents & POLLIN));
}

/* The frames in our buffer; and, once nobody reads what we write, the end, after what came before
 * it. */
static void kicked(struct timer *t, int64_t now)
{
	struct stream *s = container_of(t, struct stream, kick);
	if (s->is_over || (!s->paused && !ep_say_readable(&s->ep)))
		return;
	if (!s->out_broken || s->finishing || s->socket || s->is_over)
		return;
	if (now - s->broken_at >= DRAIN_NS || !input_waits(s))
		over(s, s->broken_code == EPIPE ? 0 : -s->broken_code,
		     s->broken_code == EPIPE ? "the reader has gone"
					     : strerrordesc_np(s->broken_code));
	else
		timer_set(t, s->paused ? s->broken_at + DRAIN_NS : now + 1);
}

void stream_pause(struct ep *e, bool on)
{
	struct stream *s = (struct stream *)e;
	if (s->paused == on)
		return; /* said again: no reason to look again */
	s->paused = on;
	want(s);
	if (on || s->in.fd < 0 || s->is_over)
		return;
	if (watch_in(s) < 0) /* had been let go of, see in_ready() */
		over(s, -EIO, "cannot be watched any more");
	timer_set(&s->kick, loop_now(e->loop));
}

static bool writable(struct stream *s);

static void in_ready(struct watch *w, uint32_t events)
{
	struct stream *s = container_of(w, struct stream, in);
	bool out = s->socket && s->want_out && (events & (EPOLLOUT | EPOLLERR | EPOLLHUP));
	if ((out && !writable(s)) || !s->in.loop)
		return;
	if (s->paused && (events & (EPOLLHUP | EPOLLERR)))
		loop_del(&s->in); /* said again and again until read, which must wait */
	else if (!s->paused && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
		ep_say_readable(&s->ep);
}

/* ---- sending ---- */

static ssize_t put(struct stream *s, const struct iovec *iov, unsigned n)
{
	int fd = s->socket ? s->in.fd : s->out.fd;
	struct iovec over = iov_over(iov, n); /* for a msghdr, which is not const either */
	ssize_t r;
	do
		r = s->socket
			    ? sendmsg(fd,
				      &(struct msghdr){ .msg_iov = over.iov_base, .msg_iovlen = n },
				      MSG_DONTWAIT | MSG_NOSIGNAL)
			    : writev(fd, iov, (int)n);
	while (r < 0 && errno == EINTR);
	return r;
}

static void full(struct stream *s)
{
	if (!s->want_out) {
		s->want_out = true;
		want(s);
	}
}

/* A write failed for good. What the peer said before it left can still be read: a socket comes to
 * its end of file by itself, for two descriptors see kicked(). */
static void broken(struct stream *s, int code)
{
	s->out_broken = true;
	s->want_out = false;
	s->rest_len = 0;
	s->broken_at = loop_now(s->ep.loop);
	s->broken_code = code;
	loop_del(&s->out);
	want(s);
	timer_set(&s->kick, s->broken_at);
}

static void let_go(struct watch *w, int flags);

static void end_output(struct stream *s)
{
	s->out_broken = true; /* what is still sent is lost */
	s->want_out = false;
	if (s->socket)
		shutdown(s->in.fd, SHUT_WR);
	else if (s->out.fd != s->in.fd)
		let_go(&s->out, s->out_flags);
}

/* Writes what is left of the last frame. true: nothing is left. */
static bool flush(struct stream *s)
{
	while (s->rest_len) {
		struct iovec iov = { s->rest + s->rest_at, s->rest_len };
		ssize_t n = put(s, &iov, 1);
		if (n < 0 && errno != EAGAIN)
			broken(s, errno);
		if (n <= 0)
			break;
		s->rest_at += (uint32_t)n;
		s->rest_len -= (uint32_t)n;
	}
	if (s->rest_len)
		full(s);
	else if (s->finishing)
		end_output(s);
	return !s->rest_len;
}

struct burst { /* frames as they go into one write: front (length and header) and body each */
	struct iovec iov[2 * BATCH_MAX];
	uint8_t front[BATCH_MAX][FRONT_MAX];
	unsigned n;
};

static void burst_add(struct burst *b, const struct stream *s, const struct txv *v)
{
	uint8_t *front = b->front[b->n];
	frame_head(front, s->head, txv_len(v));
	memcpy(front + s->head, v->hdr, v->hlen);
	uint32_t len;
	const uint8_t *body = txv_body(v, &len);
	b->iov[2 * b->n] = (struct iovec){ front, s->head + v->hlen };
	b->iov[2 * b->n + 1] = iov_over(body, len);
	b->n++;
}

/* `written` bytes of the burst have left: the frames that went, the last one perhaps into the
 * buffer. */
static unsigned account(struct stream *s, const struct burst *b, size_t written)
{
	for (unsigned i = 0; i < b->n; i++) {
		const struct iovec *v = &b->iov[2 * i];
		size_t len = v[0].iov_len + v[1].iov_len;
		if (written >= len) {
			written -= len;
			continue;
		}
		if (!written)
			return i;
		memcpy(s->rest, v[0].iov_base, v[0].iov_len);
		memcpy(s->rest + v[0].iov_len, v[1].iov_base, v[1].iov_len);
		s->rest_at = (uint32_t)written;
		s->rest_len = (uint32_t)(len - written);
		return i + 1;
	}
	return b->n;
}

/* Up to BATCH_MAX frames in one write; *taken of them went. false: no more go for now. */
static bool send_burst(struct stream *s, const struct txv *v, unsigned n, unsigned *taken)
{
	struct burst b;
	unsigned seen = 0;
	for (b.n = 0; seen < n && b.n < BATCH_MAX && txv_len(&v[seen]) <= ETH_FRAME_MAX; seen++)
		burst_add(&b, s, &v[seen]);
	if (!b.n) { /* the other side could not keep in step with a longer one */
		s->ep.tx_dropped++;
		*taken = 1;
		return true;
	}
	ssize_t r = put(s, b.iov, 2 * b.n);
	if (r < 0 && errno != EAGAIN)
		broken(s, errno);
	*taken = r > 0 ? account(s, &b, (size_t)r) : 0;
	return *taken == b.n && !s->rest_len;
}

unsigned stream_tx(struct ep *e, const struct txv *v, unsigned n)
{
	struct stream *s = (struct stream *)e;
	unsigned done = 0;
	bool on = e->is_up && !s->out_broken && !s->is_over && flush(s);
	while (on && done < n) {
		unsigned taken;
		on = send_burst(s, v + done, n - done, &taken);
		done += taken;
	}
	if (s->out_broken || s->is_over || !e->is_up) {
		e->tx_dropped += n - done;
		return n;
	}
	if (done < n || s->rest_len)
		full(s);
	return done;
}

bool stream_flushed(struct ep *e)
{
	return !((struct stream *)e)->rest_len;
}

bool stream_finish(struct ep *e)
{
	struct stream *s = (struct stream *)e;
	s->finishing = true;
	if (!s->out_broken && !s->is_over)
		flush(s);
	return true;
}

static bool writable(struct stream *s) /* false: closed meanwhile */
{
	if (!flush(s))
		return true;
	s->want_out = false;
	want(s);
	return ep_say_writable(&s->ep);
}

static void out_ready(struct watch *w, uint32_t events)
{
	struct stream *s = container_of(w, struct stream, out);
	if (events & (EPOLLERR | EPOLLHUP))
		broken(s, EPIPE);
	else if (s->want_out)
		writable(s);
}

/* ---- birth and death ---- */

static int make_nonblocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);
	if (flags < 0 || flags & O_NONBLOCK)
		return -1;
	fcntl(fd, F_SETFL, flags | O_NONBLOCK);
	return flags;
}

static bool same_socket(int a, int b) /* under one number or two */
{
	struct stat sa, sb;
	return fstat(a, &sa) == 0 && fstat(b, &sb) == 0 && S_ISSOCK(sa.st_mode) &&
	       sa.st_ino == sb.st_ino && sa.st_dev == sb.st_dev;
}

struct stream *stream_born(size_t size, const struct ep_ops *ops, unsigned head, struct loop *l,
			   const struct ep_host *host, void *ctx)
{
	struct stream *s = (struct stream *)ep_born(size, ops, l, host, ctx);
	if (!s)
		return NULL;
	s->in.fd = s->out.fd = -1;
	s->head = head;
	timer_init(&s->kick, l, kicked);
	ep_end_init(&s->end, &s->ep);
	s->rest = malloc(HEAD_MAX + ETH_FRAME_MAX);
	if (s->rest && deframe_init(&s->de, head, ETH_FRAME_MAX) == 0)
		return s;
	stream_close(&s->ep);
	return NULL;
}

int stream_start(struct stream *s, int in, int out)
{
	s->socket = same_socket(in, out);
	s->in.fd = in;
	s->out.fd = out;
	s->in_flags = in >= 0 ? make_nonblocking(in) : -1;
	s->out_flags = out >= 0 && out != in ? make_nonblocking(out) : -1;
	s->is_over = s->out_broken = s->want_out = s->finishing = false;
	s->rest_len = 0;
	int r = watch_in(s);
	if (r == 0 && out >= 0 && !s->socket)
		r = loop_add(s->ep.loop, &s->out, out, 0, out_ready);
	s->ep.is_up = r == 0;
	return r;
}

static void let_go(struct watch *w, int flags)
{
	int fd = w->fd;
	loop_del(w);
	w->fd = -1;
	if (fd < 0)
		return;
	if (flags >= 0)
		fcntl(fd, F_SETFL, flags); /* others may share the open file */
	close(fd);
}

void stream_stop(struct stream *s)
{
	if (s->out.fd == s->in.fd)
		s->out.fd = -1;
	let_go(&s->out, s->out_flags);
	let_go(&s->in, s->in_flags);
	timer_set(&s->kick, TIME_NEVER);
	s->de.start = s->de.end = s->de.skip = 0;
	s->ep.is_up = false;
}

void stream_close(struct ep *e)
{
	struct stream *s = (struct stream *)e;
	stream_stop(s);
	timer_fini(&s->kick);
	timer_fini(&s->end.timer);
	deframe_fini(&s->de);
	free(s->rest);
	ep_dead(e);
}

const struct ep_ops stream_ops = {
	.rx = stream_rx,
	.tx = stream_tx,
	.pause = stream_pause,
	.flushed = stream_flushed,
	.close = stream_close,
};
