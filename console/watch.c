/* SPDX-License-Identifier: MIT */
/* watch.c - live frames. A capture may bring more than anybody can read: only so much is read a
 * turn, the rest is lost in the source's own bounded buffer, which counts it and delays nobody. */
#include "console/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "console/decode.h"
#include "lib/base/units.h"
#include "lib/proto/capread.h"
#include "lib/proto/pcapng.h"

enum { READ_MOST = 65536 };      /* bytes a turn */
#define REST_NS (25 * NS_PER_MS) /* between turns that brought so much */

struct question;

struct watcher {
	struct loop *loop;
	struct feeds *feeds;
	struct model *model;
	void (*changed)(void *ctx);
	void *ctx;
	struct watch pipe;
	struct timer rest;
	struct capread *in;
	uint64_t lost;
	struct question *questions; /* not answered yet */
	unsigned asked; /* which capture this is: answers to older ones are nothing to us */
};

struct question {
	struct question *next;
	struct watcher *w;
	unsigned asked;
};

/* ---- frames ---- */

static void take_frame(struct watcher *w, const struct capread_frame *c)
{
	static const char dropped[] = "dropped: ";
	enum { LEN = sizeof dropped - 1 };
	struct frame_line *f = model_frame(w->model);
	f->wall_ns = c->ns;
	f->len = c->full_len;
	f->way = c->flags & PCAPNG_IN ? 'i' : c->flags & PCAPNG_OUT ? 'o' : ' ';
	snprintf(f->where, sizeof f->where, "%s", c->iface_name);
	if (c->comment_len > LEN && memcmp(c->comment, dropped, LEN) == 0)
		snprintf(f->drop, sizeof f->drop, "%.*s", (int)(c->comment_len - LEN),
			 c->comment + LEN);
	decode_frame(c->bytes, c->len, f);
	w->lost += c->lost;
}

static void let_go(struct watcher *w)
{
	int fd = w->pipe.fd;
	loop_del(&w->pipe);
	timer_set(&w->rest, TIME_NEVER);
	if (fd >= 0)
		close(fd);
	w->pipe.fd = -1;
	capread_free(w->in);
	w->in = NULL;
	w->asked++;
}

static void end(struct watcher *w, const char *why)
{
	let_go(w);
	snprintf(w->model->watch_why, sizeof w->model->watch_why, "%s", why);
	w->model->gen++;
	w->changed(w->ctx);
}

static void on_bytes(struct watch *p, uint32_t events)
{
	struct watcher *w = container_of(p, struct watcher, pipe);
	size_t room;
	(void)events;
	struct capread_frame frame;
	struct err e;
	uint8_t *at = capread_space(w->in, &room);
	ssize_t n = read(p->fd, at, room < READ_MOST ? room : READ_MOST);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		end(w, "the capture has ended");
		return;
	}
	capread_filled(w->in, (size_t)n);
	int r;
	while ((r = capread_next(w->in, &frame, &e)) > 0)
		if (frame.linktype == CAPREAD_ETHERNET)
			take_frame(w, &frame);
	if (r < 0) {
		end(w, r == -ENOMEM ? "out of memory" : e.text);
		return;
	}
	if (n == READ_MOST) {
		loop_want(p, 0);
		timer_set(&w->rest, loop_now(w->loop) + REST_NS);
	}
	if (w->lost)
		snprintf(w->model->watch_why, sizeof w->model->watch_why,
			 "%llu more were too fast to show", (unsigned long long)w->lost);
	w->changed(w->ctx);
}

static void on_rest(struct timer *t, int64_t now)
{
	(void)now;
	loop_want(&container_of(t, struct watcher, rest)->pipe, EPOLLIN);
}

/* ---- starting ---- */

static void forget(struct question *q)
{
	struct question **at = &q->w->questions;
	while (*at != q)
		at = &(*at)->next;
	*at = q->next;
	free(q);
}

static void on_reply(void *ctx, const struct mgmt_reply *r)
{
	struct question *q = ctx;
	char why[96];
	snprintf(why, sizeof why, "refused: %.*s", (int)(r->len < 80 ? r->len : 80), r->text);
	if (r->code && q->asked == q->w->asked)
		end(q->w, why);
	forget(q);
}

/* Both ends close on exec; what is passed on is another's copy. */
static int ask(struct feeds *f, unsigned source, const char *what, int fd,
	       void (*done)(void *, const struct mgmt_reply *), void *ctx)
{
	char line[128];
	snprintf(line, sizeof line, "capture/start %s -", what);
	return feeds_command_fd(f, source, line, fd, done, ctx);
}

static int begin(struct watcher *w, unsigned source, const char *what)
{
	struct question *q = malloc(sizeof *q);
	int fd[2];
	w->in = capread_new();
	if (!q || !w->in) {
		free(q);
		let_go(w);
		return -ENOMEM;
	}
	*q = (struct question){ w->questions, w, w->asked };
	w->questions = q;
	int r = pipe2(fd, O_CLOEXEC) < 0 ? -errno : 0;
	if (!r) {
		fcntl(fd[0], F_SETFL, O_NONBLOCK);
		r = loop_add(w->loop, &w->pipe, fd[0], EPOLLIN, on_bytes);
		if (r < 0)
			close(fd[0]);
		else
			r = ask(w->feeds, source, what, fd[1], on_reply, q);
		close(fd[1]);
	}
	if (r < 0) {
		forget(q);
		let_go(w);
	}
	return r;
}

int watcher_start(struct watcher *w, unsigned source, const char *what)
{
	struct model *m = w->model;
	watcher_stop(w);
	w->lost = 0;
	m->frame_seq = 0;
	m->watch_why[0] = '\0';
	m->watched_source = source;
	m->gen++;
	int r = begin(w, source, what);
	m->watched[0] = '\0';
	if (r == 0)
		snprintf(m->watched, sizeof m->watched, "%s %s", m->source[source]->name, what);
	return r;
}

void watcher_stop(struct watcher *w)
{
	if (w->pipe.fd >= 0)
		end(w, "stopped");
}

int watcher_open(struct watcher **out, struct loop *l, struct feeds *f, struct model *m,
		 void (*changed)(void *), void *ctx)
{
	struct watcher *w = calloc(1, sizeof *w);
	*out = w;
	if (!w)
		return -ENOMEM;
	*w = (struct watcher){ .loop = l, .feeds = f, .model = m, .changed = changed, .ctx = ctx };
	w->pipe.fd = -1;
	timer_init(&w->rest, l, on_rest);
	return 0;
}

void watcher_close(struct watcher *w)
{
	if (!w)
		return;
	let_go(w);
	for (struct question *q = w->questions, *next; q; q = next) {
		next = q->next;
		free(q);
	}
	timer_fini(&w->rest);
	free(w);
}

/* ---- Wireshark ---- */

static bool is_in_path(const char *program)
{
	const char *path = getenv("PATH");
	for (const char *at = path ? path : ""; *at;) {
		char full[4096];
		size_t n = strcspn(at, ":");
		snprintf(full, sizeof full, "%.*s/%s", (int)n, at, program);
		if (n && access(full, X_OK) == 0)
			return true;
		at += n + (at[n] == ':');
	}
	return false;
}

/* A grandchild, so that nobody has to wait for it; its words would spoil the screen. */
static void become_wireshark(int in)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (fork() != 0)
		_exit(0);
	setsid();
	loop_child();
	dup2(in, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	execlp("wireshark", "wireshark", "-k", "-i", "-", (char *)NULL);
	_exit(127);
}

int wireshark_start(struct feeds *f, unsigned source, const char *what,
		    void (*done)(void *, const struct mgmt_reply *), void *ctx)
{
	int fd[2];
	if (!is_in_path("wireshark"))
		return -ENOENT;
	if (pipe2(fd, O_CLOEXEC) < 0)
		return -errno;
	int r = ask(f, source, what, fd[1], done, ctx);
	pid_t child = r < 0 ? -1 : fork();
	if (child == 0)
		become_wireshark(fd[0]);
	if (r == 0 && child < 0)
		r = -errno;
	if (child > 0)
		waitpid(child, NULL, 0);
	close(fd[0]);
	close(fd[1]);
	return r;
}
