/* SPDX-License-Identifier: MIT */
/* spawn_serve.c - the server's side: forks what is ordered, reaps what ends. Runs in a process that
 * does nothing else and holds nothing else, so plain blocking calls do. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lab/real/agent.h"
#include "lab/real/spawn.h"
#include "lab/real/spawn_msg.h"

enum { FIRST_FD = 1 };

struct living { /* who is which id */
	uint32_t id;
	pid_t pid;
};

struct server {
	int sock, signals;
	struct living *v;
	size_t count, room;
	char message[sizeof(struct spawn_order) + SPAWN_TEXT_MAX];
};

struct received {
	const struct spawn_order *order;
	char *args[SPAWN_ARGS_MAX + 1]; /* netns, argv..., NULL */
	int fds[SPAWN_FDS_MAX];
	unsigned nfds;
};

/* ---- in the child ---- */

static void fail(const char *what, const char *why)
{
	dprintf(2, "%s: %s\n", what, why);
	_exit(127);
}

/* Descriptors 1.. are those given, 0 is nothing, all others are closed. */
static void place_fds(const struct received *r)
{
	int high[SPAWN_FDS_MAX];
	for (unsigned i = 0; i < r->nfds; i++) {
		high[i] = fcntl(r->fds[i], F_DUPFD, 64); /* out of the way of 0..3 */
		if (high[i] < 0)
			_exit(127);
	}
	int null = open("/dev/null", O_RDWR);
	if (null < 0 || dup2(null, 0) < 0)
		_exit(127);
	for (unsigned i = 0; i < r->nfds; i++)
		if (dup2(high[i], FIRST_FD + (int)i) < 0)
			_exit(127);
	close_range(FIRST_FD + r->nfds, ~0u, 0);
}

static void enter(const char *netns)
{
	if (!*netns)
		return;
	int fd = open(netns, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET) < 0)
		fail(netns, strerror(errno));
	close(fd);
}

static _Noreturn void child(const struct received *r)
{
	sigset_t none;
	sigemptyset(&none);
	setsid(); /* a group of its own, away from the terminal's Ctrl-C */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	place_fds(r);
	if (r->order->op == SPAWN_AGENT)
		_exit(agent_run(FIRST_FD, r->args[0]));
	enter(r->args[0]);
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, &none, NULL);
	assert(r->args[1]); /* split() saw to it */
	execvp(r->args[1], r->args + 1);
	fail(r->args[1], strerror(errno));
	_exit(127);
}

/* ---- orders ---- */

static void report(const struct server *s, uint32_t id, int status)
{
	struct spawn_report r = { .id = id, .status = status };
	send(s->sock, &r, sizeof r, MSG_NOSIGNAL);
}

static bool make_room(struct server *s)
{
	if (s->count < s->room)
		return true;
	size_t room = s->room ? s->room * 2 : 64;
	struct living *v = realloc(s->v, room * sizeof *v);
	if (!v)
		return false;
	s->v = v;
	s->room = room;
	return true;
}

static void run(struct server *s, const struct received *r)
{
	pid_t pid = make_room(s) ? fork() : -1;
	if (pid == 0)
		child(r);
	if (pid < 0)
		report(s, r->order->id, 127 << 8);
	else
		s->v[s->count++] = (struct living){ r->order->id, pid };
}

/* Each child leads a group; the group may not be there yet, the child is. */
static void send_signal(const struct server *s, const struct spawn_order *o)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->v[i].id == o->id && kill(-s->v[i].pid, o->signo) < 0)
			kill(s->v[i].pid, o->signo);
}

/* false: not an order of ours. */
static bool split(struct received *r, char *message, size_t len)
{
	struct spawn_order *o = (struct spawn_order *)(void *)message;
	if (len < sizeof *o || o->args == 0 || o->args > SPAWN_ARGS_MAX)
		return false;
	r->order = o;
	char *at = o->text, *end = message + len;
	for (uint32_t i = 0; i < o->args; i++) {
		char *nul = memchr(at, '\0', (size_t)(end - at));
		if (!nul)
			return false;
		r->args[i] = at;
		at = nul + 1;
	}
	r->args[o->args] = NULL;
	return o->op != SPAWN_PROGRAM || o->args >= 2;
}

static void take_fds(struct received *r, struct msghdr *m)
{
	for (struct cmsghdr *h = CMSG_FIRSTHDR(m); h; h = CMSG_NXTHDR(m, h))
		if (h->cmsg_level == SOL_SOCKET && h->cmsg_type == SCM_RIGHTS) {
			r->nfds = (unsigned)((h->cmsg_len - CMSG_LEN(0)) / sizeof(int));
			memcpy(r->fds, CMSG_DATA(h), r->nfds * sizeof(int));
		}
}

/* false: the client has gone. */
static bool take_order(struct server *s)
{
	union {
		char room[CMSG_SPACE(SPAWN_FDS_MAX * sizeof(int))];
		struct cmsghdr align;
	} c;
	struct iovec iov = { s->message, sizeof s->message };
	struct msghdr m = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = c.room, .msg_controllen = sizeof c
	};
	ssize_t n = recvmsg(s->sock, &m, MSG_CMSG_CLOEXEC);
	if (n < 0 && errno == EINTR)
		return true;
	if (n <= 0)
		return false;
	struct received r = { .nfds = 0 };
	take_fds(&r, &m);
	if (split(&r, s->message, (size_t)n)) {
		if (r.order->op == SPAWN_SIGNAL)
			send_signal(s, r.order);
		else
			run(s, &r);
	}
	for (unsigned i = 0; i < r.nfds; i++)
		close(r.fds[i]);
	return true;
}

/* Orphans come here too: their id is nobody's. */
static void reap(struct server *s)
{
	int status;
	for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
		for (size_t i = 0; i < s->count; i++)
			if (s->v[i].pid == pid) {
				report(s, s->v[i].id, status);
				s->v[i] = s->v[--s->count];
				break;
			}
}

/* false: told to end. */
static bool take_signals(struct server *s)
{
	struct signalfd_siginfo si;
	bool go_on = true;
	while (read(s->signals, &si, sizeof si) == (ssize_t)sizeof si)
		go_on &= si.ssi_signo == SIGCHLD;
	reap(s);
	return go_on;
}

void spawn_serve(int sock)
{
	static struct server s;
	sigset_t some;
	sigemptyset(&some);
	sigaddset(&some, SIGCHLD);
	sigaddset(&some, SIGTERM);
	s = (struct server){ .sock = sock };
	sigprocmask(SIG_BLOCK, &some, NULL);
	s.signals = signalfd(-1, &some, SFD_NONBLOCK | SFD_CLOEXEC);
	if (s.signals < 0)
		return;
	spawn_tell(sock, 0, "");
	for (;;) {
		struct pollfd p[2] = { { .fd = sock, .events = POLLIN },
				       { .fd = s.signals, .events = POLLIN } };
		if (poll(p, 2, -1) < 0 && errno != EINTR)
			return;
		if (p[1].revents && !take_signals(&s))
			return;
		if (p[0].revents && !take_order(&s))
			return;
	}
}
