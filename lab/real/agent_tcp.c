/* SPDX-License-Identifier: MIT */
/* agent_tcp.c - bulk transfers over the kernel's TCP: the bytes of pattern.h one way, checked at
 * the far end. */
#include <errno.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lab/real/agent_inner.h"
#include "lab/station/pattern.h"

enum {
	CHUNK = 65536,
	ROUNDS = 16, /* chunks in one go, then others have their turn */
};

struct transfer {
	struct agent_job job;
	struct watch watch;
	int fd;
	bool sends, connected;
	uint64_t total, moved; /* handed to, or taken from, the kernel */
	struct tcp_result result;
};

static void update(struct transfer *t)
{
	struct tcp_info info;
	socklen_t len = sizeof info;
	int unsent = 0;
	t->result.bytes = t->moved;
	if (!t->sends || !t->connected)
		return;
	if (getsockopt(t->fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0)
		t->result.retransmits = info.tcpi_total_retrans;
	if (!t->result.done && ioctl(t->fd, SIOCOUTQ, &unsent) == 0 && (uint64_t)unsent <= t->moved)
		t->result.bytes = t->moved - (uint64_t)unsent; /* acknowledged */
}

static void done(struct transfer *t, int error)
{
	struct agent_msg m = { .op = AGENT_DONE, .id = t->job.id };
	loop_del(&t->watch);
	update(t);
	t->result.done = true;
	t->result.error = error;
	t->result.ended_ns = agent_now(t->job.agent);
	m.tcp = t->result;
	agent_say(t->job.agent, &m, NULL, 0);
	close(t->fd); /* after its counters were read; a listener says its FIN here */
	t->fd = -1;
}

static int socket_error(int fd)
{
	int error = 0;
	socklen_t len = sizeof error;
	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0 ? errno : error;
}

/* ---- sending ---- */

/* The far end closes when it has seen all of it: only then it is done. */
static void await_far_end(struct transfer *t)
{
	char rest[64];
	ssize_t n = recv(t->fd, rest, sizeof rest, MSG_DONTWAIT);
	if (n == 0)
		done(t, 0);
	else if (n < 0 && errno != EAGAIN && errno != EINTR)
		done(t, errno);
}

static void send_some(struct transfer *t)
{
	static uint8_t chunk[CHUNK];
	for (unsigned i = 0; i < ROUNDS && t->moved < t->total; i++) {
		size_t len = t->total - t->moved < CHUNK ? (size_t)(t->total - t->moved) : CHUNK;
		pattern_fill(t->moved, chunk, len);
		ssize_t n = send(t->fd, chunk, len, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n < 0) {
			done(t, errno);
			return;
		}
		t->moved += (uint64_t)n;
	}
	if (t->moved == t->total) {
		shutdown(t->fd, SHUT_WR);
		loop_want(&t->watch, EPOLLIN);
	}
}

static void sender_ready(struct watch *w, uint32_t events)
{
	struct transfer *t = container_of(w, struct transfer, watch);
	if (!t->connected) {
		int error = socket_error(t->fd);
		if (error) {
			done(t, error);
			return;
		}
		t->connected = true;
	}
	if (events & (EPOLLERR | EPOLLHUP | EPOLLIN) && t->moved < t->total) {
		int error = socket_error(t->fd);
		if (error || events & EPOLLHUP) {
			done(t, error ? error : ECONNRESET);
			return;
		}
	}
	if (w->events & EPOLLOUT)
		send_some(t);
	else
		await_far_end(t);
}

/* ---- receiving ---- */

static void receive(struct watch *w, uint32_t events)
{
	struct transfer *t = container_of(w, struct transfer, watch);
	static uint8_t chunk[CHUNK];
	(void)events;
	for (unsigned i = 0; i < ROUNDS; i++) {
		ssize_t n = recv(t->fd, chunk, sizeof chunk, MSG_DONTWAIT);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0) {
			done(t, n < 0 ? errno : 0);
			return;
		}
		if (!pattern_holds(t->moved, chunk, (size_t)n)) {
			done(t, EBADMSG);
			return;
		}
		t->moved += (uint64_t)n;
	}
}

static void came(struct watch *w, uint32_t events)
{
	struct transfer *t = container_of(w, struct transfer, watch);
	(void)events;
	int fd = accept4(w->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0)
		return;
	loop_del(w);
	close(t->fd); /* one connection */
	t->fd = fd;
	t->connected = true;
	t->result.started_ns = agent_now(t->job.agent);
	if (loop_add(t->job.agent->loop, w, fd, EPOLLIN, receive) < 0)
		done(t, ENOMEM);
}

/* ---- birth and death ---- */

static void transfer_end(struct agent_job *j)
{
	struct transfer *t = (struct transfer *)j;
	struct linger reset = { .l_onoff = 1 }; /* not done: the far end is told at once */
	loop_del(&t->watch);
	if (t->fd >= 0) {
		setsockopt(t->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
		close(t->fd);
	}
	free(t);
}

static int transfer_look(struct agent_job *j, enum agent_op what, struct agent_msg *m)
{
	struct transfer *t = (struct transfer *)j;
	if (t->fd >= 0)
		update(t);
	m->tcp = t->result;
	return what == AGENT_RESULT ? 0 : -EINVAL;
}

static struct transfer *transfer_new(struct agent *a, bool sends, int *error)
{
	struct transfer *t = calloc(1, sizeof *t);
	if (!t) {
		*error = -ENOMEM;
		return NULL;
	}
	t->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (t->fd < 0) {
		*error = -errno;
		free(t);
		return NULL;
	}
	t->sends = sends;
	t->job.agent = a; /* its id comes when it stands */
	t->job.end = transfer_end;
	t->job.look = transfer_look;
	t->result.started_ns = agent_now(a);
	return t;
}

int agent_listen(struct agent *a, const struct agent_msg *m)
{
	int r = 0, one = 1;
	struct sockaddr_in own = agent_address(INADDR_ANY, m->port);
	struct transfer *t = transfer_new(a, false, &r);
	if (!t)
		return r;
	setsockopt(t->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(t->fd, (struct sockaddr *)&own, sizeof own) < 0 || listen(t->fd, 1) < 0)
		r = -errno;
	if (r == 0)
		r = loop_add(a->loop, &t->watch, t->fd, EPOLLIN, came);
	if (r < 0)
		transfer_end(&t->job);
	else
		agent_add(a, &t->job, m->id);
	return r;
}

int agent_tcp(struct agent *a, const struct agent_msg *m)
{
	int r = 0;
	const struct tcp_args *k = &m->tcp_args;
	struct sockaddr_in to = agent_address(k->ip, k->port);
	struct transfer *t = transfer_new(a, true, &r);
	if (!t)
		return r;
	int mss = (int)k->mss, window = (int)k->window;
	if (mss)
		setsockopt(t->fd, IPPROTO_TCP, TCP_MAXSEG, &mss, sizeof mss);
	if (window)
		setsockopt(t->fd, SOL_SOCKET, SO_SNDBUF, &window, sizeof window);
	t->total = k->bytes;
	if (connect(t->fd, (struct sockaddr *)&to, sizeof to) < 0 && errno != EINPROGRESS)
		r = -errno;
	if (r == 0)
		r = loop_add(a->loop, &t->watch, t->fd, EPOLLOUT | EPOLLIN, sender_ready);
	if (r < 0)
		transfer_end(&t->job);
	else
		agent_add(a, &t->job, m->id);
	return r;
}
