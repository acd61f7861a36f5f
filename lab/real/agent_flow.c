/* SPDX-License-Identifier: MIT */
/* agent_flow.c - flows of numbered UDP packets over the kernel's stack, and the account of those
 * that come. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lab/real/agent_inner.h"

enum {
	BURST = 64, /* packets sent late in one go, then I/O has its turn */
	SOCKET_ROOM = 4 << 20,
};

struct flow {
	struct agent_job job;
	struct timer timer;
	struct flow_args args;
	uint64_t sent;
	int64_t next_ns; /* lab time */
	int fd;
	uint8_t *payload;
};

struct expect {
	struct agent_job job;
	struct watch watch;
	struct account *account;
	int fd;
};

static int udp_socket(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int room = SOCKET_ROOM;
	if (fd >= 0) {
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room,
			   sizeof room); /* as much as is allowed */
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
	}
	return fd;
}

/* ---- sending ---- */

/* A packet that the kernel does not take counts as sent: it is lost on the way. */
static void send_one(struct flow *f, int64_t now)
{
	struct flow_stamp stamp = { .seq = f->sent++, .sent_ns = now };
	flow_stamp_write(&stamp, f->payload, f->args.size);
	if (send(f->fd, f->payload, f->args.size, MSG_DONTWAIT) < 0 && errno == ECONNREFUSED)
		send(f->fd, f->payload, f->args.size,
		     MSG_DONTWAIT); /* that was word of an earlier one */
}

static void timer_fires(struct timer *t, int64_t now)
{
	struct flow *f = container_of(t, struct flow, timer);
	struct agent *a = f->job.agent;
	(void)now;
	for (unsigned i = 0; i < BURST && agent_now(a) >= f->next_ns; i++) {
		if (f->args.count && f->sent == f->args.count)
			return;
		send_one(f, agent_now(a));
		f->next_ns += f->args.interval_ns;
	}
	timer_set(t, f->next_ns + a->config.epoch_ns);
}

static void flow_end(struct agent_job *j)
{
	struct flow *f = (struct flow *)j;
	timer_fini(&f->timer);
	close(f->fd);
	free(f->payload);
	free(f);
}

static int flow_look(struct agent_job *j, enum agent_op what, struct agent_msg *m)
{
	const struct flow *f = (const struct flow *)j;
	m->sent = f->sent;
	return what == AGENT_SENT ? 0 : -EINVAL;
}

int agent_flow(struct agent *a, const struct agent_msg *m)
{
	struct sockaddr_in to = agent_address(m->flow.ip, m->flow.port);
	if (m->flow.interval_ns <= 0 || m->flow.size < FLOW_PAYLOAD_MIN || m->flow.size > 65507)
		return -EINVAL;
	int fd = udp_socket();
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) < 0) {
		int r = -errno;
		if (fd >= 0)
			close(fd);
		return r;
	}
	struct flow *f = calloc(1, sizeof *f);
	if (f)
		f->payload = malloc(m->flow.size);
	if (!f || !f->payload) {
		free(f);
		close(fd);
		return -ENOMEM;
	}
	f->fd = fd;
	f->args = m->flow;
	f->next_ns = agent_now(a);
	f->job.end = flow_end;
	f->job.look = flow_look;
	agent_add(a, &f->job, m->id);
	timer_init(&f->timer, a->loop, timer_fires);
	timer_fires(&f->timer, 0);
	return 0;
}

/* ---- receiving ---- */

static void came(struct watch *w, uint32_t events)
{
	struct expect *x = container_of(w, struct expect, watch);
	(void)events;
	for (unsigned i = 0; i < BURST; i++) {
		uint8_t bytes[2048]; /* the stamp is in front; the rest may be cut */
		struct flow_stamp stamp;
		ssize_t n = recv(w->fd, bytes, sizeof bytes, MSG_DONTWAIT);
		if (n < 0)
			return;
		if (flow_stamp_read(&stamp, bytes, (size_t)n))
			account_take(x->account, &stamp, agent_now(x->job.agent));
	}
}

static void expect_end(struct agent_job *j)
{
	struct expect *x = (struct expect *)j;
	loop_del(&x->watch);
	close(x->fd);
	account_free(x->account);
	free(x);
}

static int expect_look(struct agent_job *j, enum agent_op what, struct agent_msg *m)
{
	const struct expect *x = (const struct expect *)j;
	account_read(x->account, &m->account);
	return what == AGENT_ACCOUNT ? 0 : -EINVAL;
}

int agent_expect(struct agent *a, const struct agent_msg *m)
{
	struct sockaddr_in own = agent_address(INADDR_ANY, m->port);
	struct expect *x = calloc(1, sizeof *x);
	if (!x)
		return -ENOMEM;
	x->fd = udp_socket();
	x->account = account_new(agent_now(a));
	int r = x->account ? 0 : -ENOMEM;
	if (r == 0 && (x->fd < 0 || bind(x->fd, (struct sockaddr *)&own, sizeof own) < 0))
		r = -errno;
	if (r == 0)
		r = loop_add(a->loop, &x->watch, x->fd, EPOLLIN, came);
	if (r < 0) {
		expect_end(&x->job);
		return r;
	}
	x->job.end = expect_end;
	x->job.look = expect_look;
	agent_add(a, &x->job, m->id);
	return 0;
}
