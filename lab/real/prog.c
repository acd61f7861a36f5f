/* SPDX-License-Identifier: MIT */
/* prog.c - one program of a lab, through three pipes. */
#include "lab/real/prog.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHUNK = 65536, PIPES = 3 };

static bool add_text(struct prog_text *t, const char *bytes, size_t len)
{
	if (t->len + len > PROG_TEXT_MAX) {
		t->cut = true;
		len = PROG_TEXT_MAX - t->len;
	}
	if (t->len + len + 1 > t->room) {
		size_t room = t->room ? t->room * 2 : 256;
		while (room < t->len + len + 1)
			room *= 2;
		char *v = realloc(t->v, room);
		if (!v)
			return false;
		t->v = v;
		t->room = room;
	}
	memcpy(t->v + t->len, bytes, len);
	t->len += len;
	t->v[t->len] = '\0';
	return true;
}

static void close_pipe(struct prog_pipe *p)
{
	if (!p->prog)
		return;
	int fd = p->watch.fd;
	loop_del(&p->watch);
	close(fd);
	p->prog = NULL;
}

/* Reads what is there; true: something came. */
static bool drain(struct prog_pipe *p)
{
	char chunk[CHUNK];
	bool some = false;
	while (p->prog) {
		ssize_t n = read(p->watch.fd, chunk, sizeof chunk);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			break;
		if (n <= 0 || !add_text(&p->text, chunk, (size_t)n))
			close_pipe(p);
		else
			some = true;
		if (n > 0 && n < (ssize_t)sizeof chunk)
			break;
	}
	return some;
}

static void text_came(struct watch *w, uint32_t events)
{
	struct prog_pipe *p = container_of(w, struct prog_pipe, watch);
	struct prog *g = p->prog;
	(void)events;
	if (drain(p) && g->on_output)
		g->on_output(g);
}

static void ready_came(struct watch *w, uint32_t events)
{
	struct prog_pipe *p = container_of(w, struct prog_pipe, watch);
	struct prog *g = p->prog;
	(void)events;
	bool ready = drain(p) && memchr(p->text.v, '\n', p->text.len);
	if (!ready)
		return;
	close_pipe(p);
	if (g->on_ready)
		g->on_ready(g);
}

static void exited(struct spawned *s, int status)
{
	struct prog *p = container_of(s, struct prog, spawned);
	p->running = false;
	p->status = status;
	drain(&p->out); /* what it wrote is in the pipes; others may hold them open, they do not
			   count */
	drain(&p->err);
	close_pipe(&p->out);
	close_pipe(&p->err);
	close_pipe(&p->ready);
	if (p->on_exit)
		p->on_exit(p);
}

static int open_pipe(struct prog *g, struct prog_pipe *p, struct loop *l, int *theirs,
		     void (*came)(struct watch *, uint32_t))
{
	int fd[2];
	*p = (struct prog_pipe){ .text = { .v = p->text.v, .room = p->text.room } };
	if (pipe2(fd, O_CLOEXEC | O_NONBLOCK) < 0)
		return -errno;
	int r = loop_add(l, &p->watch, fd[0], EPOLLIN, came);
	if (r < 0) {
		close(fd[0]);
		close(fd[1]);
		return r;
	}
	fcntl(fd[1], F_SETFL, 0); /* a program expects to be able to write */
	p->prog = g;
	*theirs = fd[1];
	return 0;
}

static int open_pipes(struct prog *p, struct loop *l, int theirs[PIPES])
{
	int r = open_pipe(p, &p->out, l, &theirs[0], text_came);
	if (r == 0)
		r = open_pipe(p, &p->err, l, &theirs[1], text_came);
	if (r == 0 && p->on_ready)
		r = open_pipe(p, &p->ready, l, &theirs[2], ready_came);
	if (r == 0 && !(add_text(&p->out.text, "", 0) && add_text(&p->err.text, "", 0)))
		r = -ENOMEM;
	for (unsigned i = 0; r < 0 && i < PIPES; i++)
		if (theirs[i] >= 0)
			close(theirs[i]);
	return r;
}

int prog_start(struct prog *p, struct spawner *s, struct loop *l, const struct words *argv,
	       const char *netns)
{
	int theirs[PIPES] = { -1, -1, -1 };
	p->spawner = s;
	p->spawned = (struct spawned){ .exited = exited };
	int r = open_pipes(p, l, theirs);
	if (r == 0) {
		r = spawn_program(s, &p->spawned, argv, netns, theirs,
				  p->on_ready ? PIPES : PIPES - 1);
	}
	if (r < 0) {
		close_pipe(&p->out);
		close_pipe(&p->err);
		close_pipe(&p->ready);
	}
	p->running = r == 0;
	return r;
}

void prog_signal(struct prog *p, int signo)
{
	if (p->running)
		spawn_signal(p->spawner, &p->spawned, signo);
}

void prog_fini(struct prog *p)
{
	if (p->running)
		spawn_forget(p->spawner, &p->spawned);
	p->running = false;
	close_pipe(&p->out);
	close_pipe(&p->err);
	close_pipe(&p->ready);
	free(p->out.text.v);
	free(p->err.text.v);
	free(p->ready.text.v);
	p->out.text = p->err.text = p->ready.text = (struct prog_text){ 0 };
}

int prog_code(const struct prog *p)
{
	return WIFSIGNALED(p->status) ? 128 + WTERMSIG(p->status) : WEXITSTATUS(p->status);
}

void prog_last_words(const struct prog *p, char *out, size_t room)
{
	const struct prog_text *t = &p->err.text;
	size_t end = t->len;
	while (end && t->v[end - 1] == '\n')
		end--;
	size_t start = end;
	while (start && t->v[start - 1] != '\n')
		start--;
	snprintf(out, room, "%.*s", (int)(end - start > 300 ? 300 : end - start),
		 end ? t->v + start : "");
}
