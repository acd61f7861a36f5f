/* SPDX-License-Identifier: MIT */
/* agent.c - the agent of a host: its interface, its messages, raw frames. */
#include "lab/real/agent_inner.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lab/real/netif.h"
#include "lib/io/ep.h"

void agent_say(struct agent *a, const struct agent_msg *m, const void *frame, uint32_t len)
{
	union { /* an iovec is not const, sendmsg() only reads */
		const void *in;
		void *out;
	} head = { m }, body = { frame };
	struct iovec iov[2] = { { head.out, sizeof *m }, { body.out, len } };
	struct msghdr h = { .msg_iov = iov, .msg_iovlen = len ? 2 : 1 };
	sendmsg(a->watch.fd, &h, MSG_NOSIGNAL);
}

void agent_add(struct agent *a, struct agent_job *j, uint32_t id)
{
	j->agent = a;
	j->id = id;
	j->next = a->jobs;
	a->jobs = j;
}

static struct agent_job *job_of(const struct agent *a, uint32_t id)
{
	struct agent_job *j = a->jobs;
	while (j && j->id != id)
		j = j->next;
	return j;
}

static void end_job(struct agent *a, uint32_t id)
{
	for (struct agent_job **at = &a->jobs; *at; at = &(*at)->next)
		if ((*at)->id == id) {
			struct agent_job *j = *at;
			*at = j->next;
			j->end(j);
			return;
		}
}

/* ---- the interface ---- */

static int failed(struct agent_msg *m, int code, const char *what)
{
	snprintf(m->words, sizeof m->words, "%s: %s", what, strerror(-code));
	return code;
}

/* A file that names this namespace, for the switch: a mount of it, as `ip netns` makes them. */
static int name_namespace(const char *path)
{
	int fd = open(path, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	close(fd);
	return mount("/proc/self/ns/net", path, NULL, MS_BIND, NULL) < 0 ? -errno : 0;
}

static int make_interface(const struct agent_config *c, int outer, struct agent_msg *m)
{
	if (c->veth) {
		int r = netif_veth(AGENT_IFACE, c->peer, outer);
		return r < 0 ? failed(m, r, "veth pair") : 0;
	}
	int r = netif_tap(AGENT_IFACE);
	return r < 0 ? failed(m, r, "/dev/net/tun") : 0;
}

static int address_interface(struct agent *a, struct agent_msg *m)
{
	const struct agent_config *c = &a->config;
	int r = netif_mac(AGENT_IFACE, c->mac);
	if (r == 0)
		r = netif_up(AGENT_IFACE);
	if (r < 0)
		return failed(m, r, AGENT_IFACE);
	snprintf(a->iface, sizeof a->iface, AGENT_IFACE);
	if (c->tag) {
		r = netif_vlan(AGENT_IFACE, c->tag, a->iface, sizeof a->iface);
		if (r == 0)
			r = netif_up(a->iface);
		if (r == -ENOPKG || r == -EOPNOTSUPP) {
			snprintf(m->words, sizeof m->words,
				 "tag=%u: this kernel has no VLAN interfaces (modprobe 8021q)",
				 c->tag);
			return -ENOTSUP;
		}
		if (r < 0)
			return failed(m, r, "VLAN interface");
	}
	r = netif_address(a->iface, c->ip, c->prefix);
	if (r == 0)
		r = netif_up("lo");
	return r < 0 ? failed(m, r, a->iface) : 0;
}

static int set_up(struct agent *a, struct agent_msg *m)
{
	int outer = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	a->config = m->config;
	if (outer < 0 || unshare(CLONE_NEWNET) < 0)
		return failed(m, -errno, "network namespace");
	int r = name_namespace(a->netns);
	r = r < 0 ? failed(m, r, a->netns) : make_interface(&a->config, outer, m);
	close(outer);
	return r < 0 ? r : address_interface(a, m);
}

/* ---- raw frames ---- */

static void frames_came(void *ctx, struct ep *e)
{
	struct agent *a = ctx;
	struct frame f[BATCH_MAX];
	struct agent_msg m = { .op = AGENT_HEARD };
	unsigned n = ep_rx(e, f, BATCH_MAX);
	for (unsigned i = 0; a->listening && i < n; i++)
		agent_say(a, &m, f[i].data, f[i].len);
	ep_rx_done(e);
}

static void nothing(void *ctx, struct ep *e)
{
	(void)ctx;
	(void)e;
}

static void frames_ended(void *ctx, struct ep *e, const char *reason)
{
	struct agent *a = ctx;
	(void)reason;
	ep_close(e);
	a->ep = NULL;
}

static const struct ep_host frames_host = { .readable = frames_came,
					    .writable = nothing,
					    .up = nothing,
					    .down = nothing,
					    .closed = frames_ended };

static int open_frames(struct agent *a, struct agent_msg *m)
{
	struct err e = { "" };
	if (a->ep)
		return 0;
	int r = ep_open(&a->ep, a->loop, "packet://" AGENT_IFACE, &frames_host, a, NULL, &e);
	if (r < 0)
		snprintf(m->words, sizeof m->words, "%.150s", e.text);
	return r;
}

static int send_frame(struct agent *a, struct agent_msg *m, const void *frame, size_t len)
{
	bool whole;
	struct frame f = frame_over(frame, len, &whole);
	if (!whole)
		return -EINVAL;
	int r = open_frames(a, m);
	if (r < 0)
		return r;
	struct txv v = txv_plain(&f);
	return ep_tx(a->ep, &v, 1) == 1 ? 0 : -ENOBUFS;
}

/* ---- messages ---- */

static int ask_job(struct agent *a, struct agent_msg *m)
{
	struct agent_job *j = job_of(a, m->id);
	return j ? j->look(j, m->op, m) : -ENOENT;
}

static int start_job(struct agent *a, const struct agent_msg *m)
{
	if (job_of(a, m->id))
		return -EEXIST;
	if (m->op == AGENT_EXPECT)
		return agent_expect(a, m);
	if (m->op == AGENT_FLOW)
		return agent_flow(a, m);
	return m->op == AGENT_LISTEN ? agent_listen(a, m) : agent_tcp(a, m);
}

/* Does what is asked; the answer is written over the question. */
static int obey(struct agent *a, struct agent_msg *m, const void *frame, size_t len)
{
	switch ((enum agent_op)m->op) {
	case AGENT_SETUP:
		return set_up(a, m);
	case AGENT_EXPECT:
	case AGENT_FLOW:
	case AGENT_LISTEN:
	case AGENT_TCP:
		return start_job(a, m);
	case AGENT_ACCOUNT:
	case AGENT_SENT:
	case AGENT_RESULT:
		return ask_job(a, m);
	case AGENT_SEND:
		return send_frame(a, m, frame, len);
	case AGENT_WATCH:
		a->listening = m->on;
		return m->on ? open_frames(a, m) : 0;
	case AGENT_STATS:
		return netif_stats(AGENT_IFACE, &m->stats);
	case AGENT_END:
	case AGENT_DONE:
	case AGENT_HEARD:
		break;
	}
	return -ENOSYS;
}

static void asked(struct watch *w, uint32_t events)
{
	struct agent *a = container_of(w, struct agent, watch);
	static union {
		struct agent_msg m;
		char room[AGENT_MSG_MAX];
	} in;
	(void)events;
	ssize_t n = recv(w->fd, &in, sizeof in, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < (ssize_t)sizeof in.m) {
		loop_stop(a->loop, 0);
		return;
	}
	if (in.m.op == AGENT_END) {
		end_job(a, in.m.id);
		return;
	}
	in.m.words[0] = '\0';
	in.m.code = obey(a, &in.m, in.room + sizeof in.m, (size_t)n - sizeof in.m);
	agent_say(a, &in.m, NULL, 0);
}

int agent_run(int sock, const char *netns)
{
	static struct agent a;
	prctl(PR_SET_NAME, "dw-lab-agent");
	a = (struct agent){ .loop = loop_new(), .netns = netns };
	if (!a.loop || loop_add(a.loop, &a.watch, sock, EPOLLIN, asked) < 0)
		return 3;
	loop_run(a.loop);
	return 0;
}
