/* SPDX-License-Identifier: MIT */
/* spawn.c - the client's side: orders out, exits in. Nothing here waits for the other side. */
#include "lab/real/spawn.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lab/real/spawn_msg.h"

enum { START_MS = 20000 }; /* longest wait for the first word of a keeper */

struct order {
	struct order *next;
	int fds[SPAWN_FDS_MAX];
	unsigned nfds;
	size_t len;
	_Alignas(struct spawn_order) char bytes[];
};

static void free_order(struct order *o)
{
	for (unsigned i = 0; i < o->nfds; i++)
		close(o->fds[i]);
	free(o);
}

/* ---- orders ---- */

static bool send_order(struct spawner *p, struct order *o)
{
	union {
		char room[CMSG_SPACE(SPAWN_FDS_MAX * sizeof(int))];
		struct cmsghdr align;
	} c = { .room = { 0 } };
	struct iovec iov = { o->bytes, o->len };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	if (o->nfds) {
		m.msg_control = c.room;
		m.msg_controllen = CMSG_SPACE(o->nfds * sizeof(int));
		struct cmsghdr *h = CMSG_FIRSTHDR(&m);
		h->cmsg_level = SOL_SOCKET;
		h->cmsg_type = SCM_RIGHTS;
		h->cmsg_len = CMSG_LEN(o->nfds * sizeof(int));
		memcpy(CMSG_DATA(h), o->fds, o->nfds * sizeof(int));
	}
	ssize_t n = sendmsg(p->watch.fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL);
	return n >= 0 || (errno != EAGAIN && errno != EINTR); /* another error: reading will tell */
}

static void send_some(struct spawner *p)
{
	while (p->first && send_order(p, p->first)) {
		struct order *o = p->first;
		p->first = o->next;
		if (!p->first)
			p->last = &p->first;
		free_order(o);
	}
	loop_want(&p->watch, EPOLLIN | (p->first ? EPOLLOUT : 0u));
}

static void push(struct spawner *p, struct order *o)
{
	*p->last = o;
	p->last = &o->next;
	send_some(p);
}

static struct order *order_new(enum spawn_op op, uint32_t id, const char *netns,
			       const struct words *argv, int *error)
{
	size_t len = strlen(netns) + 1;
	size_t args = 1 + (argv ? argv->count : 0);
	for (size_t i = 1; i < args; i++)
		len += strlen(argv->v[i - 1]) + 1;
	*error = len > SPAWN_TEXT_MAX || args > SPAWN_ARGS_MAX ? -E2BIG : -ENOMEM;
	struct order *o =
		*error == -E2BIG ? NULL : calloc(1, sizeof *o + sizeof(struct spawn_order) + len);
	if (!o)
		return NULL;
	struct spawn_order *m = (struct spawn_order *)(void *)o->bytes;
	m->op = op;
	m->id = id;
	m->args = (uint32_t)args;
	o->len = sizeof *m + len;
	char *at = stpcpy(m->text, netns) + 1;
	for (size_t i = 1; i < args; i++)
		at = stpcpy(at, argv->v[i - 1]) + 1;
	*error = 0;
	return o;
}

static int start(struct spawner *p, struct spawned *s, enum spawn_op op, const char *netns,
		 const struct words *argv, const int *fds, unsigned nfds)
{
	int error;
	struct order *o = order_new(op, ++p->last_id, netns ? netns : "", argv, &error);
	if (!o) {
		for (unsigned i = 0; i < nfds; i++)
			close(fds[i]);
		return error;
	}
	memcpy(o->fds, fds, nfds * sizeof *fds);
	o->nfds = nfds;
	s->id = p->last_id;
	s->next = p->running;
	p->running = s;
	push(p, o);
	return 0;
}

int spawn_program(struct spawner *p, struct spawned *s, const struct words *argv, const char *netns,
		  const int *fds, unsigned nfds)
{
	return start(p, s, SPAWN_PROGRAM, netns, argv, fds, nfds);
}

int spawn_agent(struct spawner *p, struct spawned *s, const char *netns, int fd)
{
	return start(p, s, SPAWN_AGENT, netns, NULL, &fd, 1);
}

void spawn_signal(struct spawner *p, const struct spawned *s, int signo)
{
	int error;
	struct order *o = s->id ? order_new(SPAWN_SIGNAL, s->id, "", NULL, &error) : NULL;
	if (!o)
		return;
	((struct spawn_order *)(void *)o->bytes)->signo = signo;
	push(p, o);
}

static void strike(struct spawner *p, struct spawned *s)
{
	for (struct spawned **at = &p->running; *at; at = &(*at)->next)
		if (*at == s) {
			*at = s->next;
			break;
		}
	s->id = 0;
}

void spawn_forget(struct spawner *p, struct spawned *s)
{
	if (!s->id)
		return;
	spawn_signal(p, s, SIGKILL);
	strike(p, s);
}

/* ---- exits ---- */

static void lost(struct spawner *p)
{
	loop_del(&p->watch);
	if (p->lost)
		p->lost(p->ctx);
}

static void take_report(struct spawner *p, const struct spawn_report *r)
{
	struct spawned *s = p->running;
	while (s && s->id != r->id)
		s = s->next;
	if (!s)
		return; /* forgotten */
	strike(p, s);
	s->exited(s, r->status);
}

static void on_ready(struct watch *w, uint32_t events)
{
	struct spawner *p = container_of(w, struct spawner, watch);
	if (events & EPOLLOUT)
		send_some(p);
	for (;;) {
		struct spawn_report r;
		ssize_t n = recv(w->fd, &r, sizeof r, MSG_DONTWAIT);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n != (ssize_t)sizeof r) {
			lost(p);
			return;
		}
		take_report(p, &r);
		if (!p->watch.loop)
			return; /* closed by what the notice did */
	}
}

int spawner_init(struct spawner *p, struct loop *l, int sock, void (*was_lost)(void *ctx),
		 void *ctx)
{
	*p = (struct spawner){ .loop = l, .lost = was_lost, .ctx = ctx };
	p->last = &p->first;
	int r = loop_add(l, &p->watch, sock, EPOLLIN, on_ready);
	p->watch.fd = sock;
	return r;
}

void spawner_fini(struct spawner *p)
{
	if (!p->last)
		return;
	loop_del(&p->watch);
	close(p->watch.fd);
	while (p->first) {
		struct order *o = p->first;
		p->first = o->next;
		free_order(o);
	}
	*p = (struct spawner){ .watch.fd = -1 };
}

/* ---- the first word ---- */

void spawn_tell(int sock, int code, const char *words)
{
	struct spawn_word w = { .code = code };
	snprintf(w.words, sizeof w.words, "%s", words);
	send(sock, &w, sizeof w, MSG_NOSIGNAL);
}

int spawn_hear(int sock, struct err *e)
{
	struct spawn_word w;
	struct pollfd p = { .fd = sock, .events = POLLIN };
	int n;
	do
		n = poll(&p, 1, START_MS);
	while (n < 0 && errno == EINTR);
	if (n <= 0 || recv(sock, &w, sizeof w, 0) != (ssize_t)sizeof w)
		return err_set(e, -EIO, "the keeper of the lab's processes did not start");
	w.words[sizeof w.words - 1] = '\0';
	return w.code < 0 ? err_set(e, w.code, "%s", w.words) : 0;
}
