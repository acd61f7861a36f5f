/* SPDX-License-Identifier: MIT */
/* join.c - command chains in dpipe's syntax: pipes between neighbours, alternate descriptors for
 * those in the middle (ALTERNATE_STDIN and ALTERNATE_STDOUT name them, as with vdeplug4's dpipe).
 */
#include "wire/join.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/cli/log.h"
#include "lib/io/loop.h"

enum { NOT_FOUND = 127 }; /* as a shell has it */

/* ---- syntax ---- */

/* "=", and with a bracket at either side: "}=", "={" ... What the left one closes, the right opens.
 */
static bool is_join(const char *word, char *closes, char *opens)
{
	*closes = *opens = 0;
	if (*word == '}' || *word == '{')
		*closes = *word++;
	if (*word++ != '=')
		return false;
	if (*word == '}' || *word == '{')
		*opens = *word++;
	return *word == '\0';
}

static int add_part(struct join *j, char **argv, char flow, struct err *e)
{
	if (!*argv)
		return err_set(e, -EINVAL, "a command is missing beside '='");
	if (j->count == JOIN_MAX)
		return err_set(e, -EINVAL, "more than %d commands", JOIN_MAX);
	j->part[j->count++] = (struct join_part){ .argv = argv, .flow = flow };
	return 0;
}

int join_parse(struct join *j, char **words, struct err *e)
{
	char **begin = words, open = 0;
	int r = 0;
	*j = (struct join){ .count = 0 };
	for (char **w = words; *w && !r; w++) {
		char closes, opens;
		const char *token = *w;
		if (!is_join(token, &closes, &opens))
			continue;
		if (closes != open)
			return open ? err_set(e, -EINVAL, "%s: '=%c' is open and wants '%c='",
					      token, open, open)
				    : err_set(e, -EINVAL, "%s: closes what no '=%c' opened", token,
					      closes);
		*w = NULL;
		r = add_part(j, begin, open, e);
		begin = w + 1;
		open = opens;
	}
	if (!r && open)
		r = err_set(e, -EINVAL, "'=%c' is not closed by '%c='", open, open);
	return r ? r : add_part(j, begin, 0, e);
}

/* ---- descriptors ---- */

static int pipe_new(int p[2])
{
	return pipe2(p, O_CLOEXEC) < 0 ? -errno : 0;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* What one command gets. -1: it keeps ours. */
struct ends {
	int in, out;         /* 0 and 1 */
	int alt_in, alt_out; /* towards the right neighbour, of one that stands in the middle */
};

/* Descriptors to hand down must not be overwritten while they are put in place: move them up first,
 * above any number that can be an alternate one here. */
static int lift(int fd)
{
	return fd < 0 ? fd : fcntl(fd, F_DUPFD_CLOEXEC, 128);
}

static void place(int fd, int at)
{
	if (fd >= 0 && dup2(fd, at) < 0)
		_exit(NOT_FOUND);
}

static void set_number(const char *name, int n)
{
	char text[16];
	snprintf(text, sizeof text, "%d", n);
	setenv(name, text, 1);
}

/* The first from `fd` on that the caller did not hand down to the command: ours are marked to
 * close. */
static int first_free(int fd)
{
	for (;; fd++) {
		int flags = fcntl(fd, F_GETFD);
		if (flags < 0 || flags & FD_CLOEXEC)
			return fd;
	}
}

static void become(const struct join_part *part, const struct ends *ends)
{
	int alt_in = first_free(3), alt_out = first_free(alt_in + 1);
	struct ends up = { lift(ends->in), lift(ends->out), lift(ends->alt_in),
			   lift(ends->alt_out) };
	loop_child();
	place(up.in, STDIN_FILENO);
	place(up.out, STDOUT_FILENO);
	place(up.alt_in, alt_in);
	place(up.alt_out, alt_out);
	set_number("ALTERNATE_STDIN", alt_in);
	set_number("ALTERNATE_STDOUT", alt_out);
	execvp(part->argv[0], part->argv);
	log_error("%s: %s", part->argv[0], strerror(errno));
	_exit(NOT_FOUND);
}

static int spawn(struct join_part *part, const struct ends *ends)
{
	fflush(NULL);
	part->pid = fork();
	if (part->pid == 0)
		become(part, ends);
	if (part->pid > 0)
		return 0;
	part->pid = 0;
	return -errno;
}

/* ---- the chain ---- */

/* Walks from left to right with the two descriptors that lead to what stands already. */
struct walk {
	int in, out; /* what the next command reads from and writes to; -1: nothing yet */
};

static void walk_close(struct walk *w)
{
	close_fd(&w->in);
	close_fd(&w->out);
}

struct pair { /* a pipe each way, seen from the command: it reads to[0] and writes from[1] */
	int to[2], from[2];
};

static int pair_new(struct pair *p)
{
	int r = pipe_new(p->to);
	if (r < 0)
		return r;
	r = pipe_new(p->from);
	if (r < 0) {
		close(p->to[0]);
		close(p->to[1]);
	}
	return r;
}

/* Its two ends go to the command; ours lead on to the right. */
static void pair_kept(const struct pair *p, struct walk *w)
{
	close(p->to[0]);
	close(p->from[1]);
	*w = (struct walk){ .in = p->from[0], .out = p->to[1] };
}

static int spawn_first(struct join_part *part, struct walk *w)
{
	struct pair p;
	int r = pair_new(&p);
	if (r < 0)
		return r;
	r = spawn(part, &(struct ends){ p.to[0], p.from[1], -1, -1 });
	pair_kept(&p, w);
	return r;
}

static int spawn_between(struct join_part *part, struct walk *w)
{
	struct pair p;
	int r = pair_new(&p);
	if (r < 0)
		return r;
	r = spawn(part, &(struct ends){ w->in, w->out, p.to[0], p.from[1] });
	walk_close(w);
	pair_kept(&p, w);
	return r;
}

/* One that works on one direction only: the other passes it by. */
static int spawn_one_way(struct join_part *part, struct walk *w)
{
	int p[2];
	int r = pipe_new(p);
	if (r < 0)
		return r;
	bool right = part->flow == '}';
	r = spawn(part, &(struct ends){ .in = right ? w->in : p[0],
					.out = right ? p[1] : w->out,
					.alt_in = -1,
					.alt_out = -1 });
	close(right ? p[1] : p[0]);
	close(right ? w->in : w->out);
	if (right)
		w->in = p[0];
	else
		w->out = p[1];
	return r;
}

/* All but the last. */
static int run_others(struct join *j, struct walk *w)
{
	int r = spawn_first(&j->part[0], w);
	for (unsigned i = 1; i + 1 < j->count && !r; i++)
		r = j->part[i].flow ? spawn_one_way(&j->part[i], w) : spawn_between(&j->part[i], w);
	return r;
}

static int run_chain(struct join *j)
{
	struct walk w = { -1, -1 };
	int r = run_others(j, &w);
	if (!r && j->count > 1)
		r = spawn(&j->part[j->count - 1], &(struct ends){ w.in, w.out, -1, -1 });
	walk_close(&w);
	return r;
}

int join_become(struct join *j, struct err *e)
{
	struct walk w = { -1, -1 };
	int r = run_others(j, &w);
	if (!r)
		become(&j->part[j->count - 1], &(struct ends){ w.in, w.out, -1, -1 });
	join_kill(j, SIGTERM);
	return err_set(e, r, "cannot start the commands: %s", strerror(-r));
}

static int run_around(struct join *j, struct join_middle *m)
{
	struct walk a = { -1, -1 }, b = { -1, -1 };
	int r = spawn_first(&j->part[0], &a);
	if (!r)
		r = spawn_first(&j->part[1], &b);
	if (r < 0) {
		walk_close(&a);
		walk_close(&b);
		return r;
	}
	*m = (struct join_middle){ { a.in, b.in }, { a.out, b.out } };
	return 0;
}

int join_run(struct join *j, struct join_middle *middle, struct err *e)
{
	int r = middle ? run_around(j, middle) : run_chain(j);
	if (r < 0) {
		join_kill(j, SIGTERM);
		return err_set(e, r, "cannot start the commands: %s", strerror(-r));
	}
	return 0;
}

/* ---- the end ---- */

static int code_of(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

bool join_reap(struct join *j)
{
	unsigned left = 0;
	for (unsigned i = 0; i < j->count; i++) {
		struct join_part *p = &j->part[i];
		int status;
		if (p->pid > 0 && waitpid(p->pid, &status, WNOHANG) == p->pid) {
			p->pid = 0;
			if (i == j->count - 1)
				j->status = code_of(status);
		}
		left += p->pid > 0;
	}
	return left == 0;
}

void join_kill(const struct join *j, int signo)
{
	for (unsigned i = 0; i < j->count; i++)
		if (j->part[i].pid > 0)
			kill(j->part[i].pid, signo);
}
