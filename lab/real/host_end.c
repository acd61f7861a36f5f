/* SPDX-License-Identifier: MIT */
/* host_end.c - a host that is a network namespace: questions to the agent inside, answers back. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lab/real/real.h"

enum { ROUNDS = 64 }; /* messages in one go, then others have their turn */

struct question {
	uint32_t serial, call; /* call 0: the host's own */
	struct question *next;
};

/* At either end a call has an id of its own: both ends may be the same host. */
static uint32_t id_of(const struct real_call *c, bool far)
{
	return c->id * 2 + far;
}

static int say(struct node *n, const struct agent_msg *m, const void *frame, uint32_t len)
{
	union { /* an iovec is not const, sendmsg() only reads */
		const void *in;
		void *out;
	} head = { m }, body = { frame };
	struct iovec iov[2] = { { head.out, sizeof *m }, { body.out, len } };
	struct msghdr h = { .msg_iov = iov, .msg_iovlen = len ? 2 : 1 };
	/* An agent that does not read is stuck; its host is not worth waiting for. */
	ssize_t r = sendmsg(n->host.watch.fd, &h, MSG_DONTWAIT | MSG_NOSIGNAL);
	return r < 0 ? -errno : 0;
}

/* -EINPROGRESS: the answer comes. */
static int ask(struct node *n, const struct real_call *c, struct agent_msg *m, const void *frame,
	       uint32_t len)
{
	struct question *q = calloc(1, sizeof *q);
	if (!q)
		return -ENOMEM;
	m->serial = ++n->host.serial;
	int r = say(n, m, frame, len);
	if (r < 0) {
		free(q);
		return r;
	}
	q->serial = m->serial;
	q->call = c ? c->id : 0;
	q->next = n->host.asked;
	n->host.asked = q;
	return -EINPROGRESS;
}

/* ---- what comes back ---- */

static void take_answer(struct real_call *c, const struct agent_msg *m)
{
	if (m->words[0])
		err_set(&c->call.words, m->code, "%s: %s", c->node->spec->name, m->words);
	if (m->code == 0 && m->op == AGENT_ACCOUNT)
		c->call.flow.account = m->account;
	else if (m->code == 0 && m->op == AGENT_SENT)
		c->call.flow.sent = m->sent;
	else if (m->code == 0 && m->op == AGENT_RESULT)
		c->call.tcp = m->tcp;
	else if (m->code == 0 && m->op == AGENT_STATS)
		c->call.stats = m->stats;
	if (m->op == AGENT_TCP && m->code == 0)
		return; /* it is under way; a notice tells its end */
	if (m->op != AGENT_WATCH)
		call_done(c, m->code);
}

static void answered(struct node *n, const struct agent_msg *m)
{
	struct question **at = &n->host.asked;
	while (*at && (*at)->serial != m->serial)
		at = &(*at)->next;
	struct question *q = *at;
	if (!q)
		return;
	*at = q->next;
	uint32_t call = q->call;
	free(q);
	if (call) {
		struct real_call *c = call_of_id(n->real, call);
		if (c)
			take_answer(c, m);
	} else if (m->op == AGENT_SETUP) {
		n->host.up = m->code == 0;
		if (m->code < 0)
			real_trouble(n->real, m->code, "%s: %s", n->spec->name, m->words);
		real_happened(n->real);
	}
}

static void connection_ended(struct node *n, const struct agent_msg *m)
{
	struct real_call *c = call_of_id(n->real, m->id / 2);
	if (!c || c->verb != VERB_TCP)
		return;
	if (m->id % 2) {
		c->far_error = m->tcp.error;
		return;
	}
	c->call.tcp = m->tcp;
	call_done(c, -m->tcp.error);
}

static void message(struct node *n, const char *bytes, size_t len)
{
	struct agent_msg m;
	memcpy(&m, bytes, sizeof m);
	m.words[sizeof m.words - 1] = '\0';
	if (m.op == AGENT_HEARD)
		calls_heard(n, bytes + sizeof m, (uint32_t)(len - sizeof m));
	else if (m.op == AGENT_DONE)
		connection_ended(n, &m);
	else
		answered(n, &m);
}

static void came(struct watch *w, uint32_t events)
{
	struct node *n = container_of(w, struct node, host.watch);
	char bytes[AGENT_MSG_MAX];
	(void)events;
	for (unsigned i = 0; i < ROUNDS && w->loop; i++) {
		ssize_t got = recv(w->fd, bytes, sizeof bytes, MSG_DONTWAIT);
		if (got < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (got < (ssize_t)sizeof(struct agent_msg)) {
			loop_del(w);
			real_trouble(n->real, -EPIPE, "%s: its agent ended", n->spec->name);
			return;
		}
		message(n, bytes, (size_t)got);
	}
}

static void agent_exited(struct spawned *s, int status)
{
	(void)s;
	(void)status; /* its socket tells */
}

/* ---- what is asked of it ---- */

static int expect(struct node *n, struct real_call *c, uint16_t port)
{
	struct agent_msg m = { .op = AGENT_EXPECT, .id = id_of(c, true), .port = port };
	return ask(n, c, &m, NULL, 0);
}

static int flow(struct node *n, struct real_call *c, const struct flow_args *a)
{
	struct agent_msg m = { .op = AGENT_FLOW, .id = id_of(c, false), .flow = *a };
	return ask(n, c, &m, NULL, 0);
}

static int listen_for(struct node *n, struct real_call *c, uint16_t port)
{
	struct agent_msg m = { .op = AGENT_LISTEN, .id = id_of(c, true), .port = port };
	return ask(n, c, &m, NULL, 0);
}

static int tcp(struct node *n, struct real_call *c, const struct tcp_args *a)
{
	struct agent_msg m = { .op = AGENT_TCP, .id = id_of(c, false), .tcp_args = *a };
	return ask(n, c, &m, NULL, 0);
}

static int send_raw(struct node *n, struct real_call *c, const void *frame, uint32_t len)
{
	struct agent_msg m = { .op = AGENT_SEND };
	if (len > ETH_FRAME_MAX)
		return -EMSGSIZE;
	return ask(n, c, &m, frame, len);
}

static int stats(struct node *n, struct real_call *c)
{
	struct agent_msg m = { .op = AGENT_STATS };
	return ask(n, c, &m, NULL, 0);
}

static int account(struct node *n, struct real_call *c, const struct real_call *of)
{
	struct agent_msg m = { .op = AGENT_ACCOUNT, .id = id_of(of, true) };
	return ask(n, c, &m, NULL, 0);
}

static int sent(struct node *n, struct real_call *c, const struct real_call *of)
{
	struct agent_msg m = { .op = AGENT_SENT, .id = id_of(of, false) };
	return ask(n, c, &m, NULL, 0);
}

static int result(struct node *n, struct real_call *c)
{
	struct agent_msg m = { .op = AGENT_RESULT, .id = id_of(c, false) };
	return ask(n, c, &m, NULL, 0);
}

static void watch(struct node *n, bool on)
{
	struct agent_msg m = { .op = AGENT_WATCH, .on = on };
	ask(n, NULL, &m, NULL, 0);
}

static void forget(struct node *n, struct real_call *c, bool far)
{
	struct agent_msg m = { .op = AGENT_END, .id = id_of(c, far) };
	if (n->host.watch.loop)
		say(n, &m, NULL, 0);
}

static void close_end(struct node *n)
{
	int fd = n->host.watch.fd;
	bool open = n->host.watch.loop;
	loop_del(&n->host.watch);
	if (open)
		close(fd);
	spawn_forget(&n->real->spawner, &n->host.agent);
	while (n->host.asked) {
		struct question *q = n->host.asked;
		n->host.asked = q->next;
		free(q);
	}
}

static const struct end_ops host_ops = {
	.ping = exec_ping,
	.expect = expect,
	.flow = flow,
	.listen = listen_for,
	.tcp = tcp,
	.send = send_raw,
	.stats = stats,
	.account = account,
	.sent = sent,
	.result = result,
	.watch = watch,
	.forget = forget,
	.close = close_end,
};

static int start_agent(struct node *n)
{
	struct real *r = n->real;
	int pair[2];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	int code = loop_add(r->loop, &n->host.watch, pair[0], EPOLLIN, came);
	if (code < 0) {
		close(pair[0]);
		close(pair[1]);
		return code;
	}
	n->ops = &host_ops;
	n->host.agent.exited = agent_exited;
	return spawn_agent(&r->spawner, &n->host.agent, n->host.netns, pair[1]);
}

int host_end_open(struct node *n, struct err *e)
{
	const struct node_spec *s = n->spec;
	struct agent_msg m = { .op = AGENT_SETUP };
	m.config = (struct agent_config){ .tag = s->tag,
					  .ip = s->ip,
					  .prefix = s->prefix,
					  .epoch_ns = n->real->epoch,
					  .veth = n->real->veth };
	memcpy(m.config.mac, s->mac, sizeof m.config.mac);
	snprintf(m.config.peer, sizeof m.config.peer, "h%u", n->idx);
	snprintf(n->host.netns, sizeof n->host.netns, "%s/%s.net", n->real->dir, s->name);
	int r = start_agent(n);
	if (r == 0)
		r = ask(n, NULL, &m, NULL, 0);
	return r == -EINPROGRESS ? 0 : err_set(e, r, "%s: %s", s->name, strerror(-r));
}
