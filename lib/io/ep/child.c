/* SPDX-License-Identifier: MIT */
/* child.c - commands on two pipes. Each is watched by its pidfd, so SIGCHLD stays the program's
 * own. */
#include "lib/io/ep/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/units.h"

static const int64_t GRACE_NS = 2 * NS_PER_SEC;

struct child {
	struct watch watch; /* of the pidfd */
	struct timer timer;
	pid_t pid;
	bool ended, group;
	void (*over)(void *ctx, int status);
	void *ctx;
	struct child *prev, *next; /* among those that are leaving */
};

static _Thread_local struct child *leaving; /* nobody else knows them any more */

static void child_free(struct child *c)
{
	int fd = c->watch.fd;
	loop_del(&c->watch);
	close(fd);
	timer_fini(&c->timer);
	if (c->prev)
		c->prev->next = c->next;
	if (c->next)
		c->next->prev = c->prev;
	if (leaving == c)
		leaving = c->next;
	free(c);
}

static void ended(struct watch *w, uint32_t events)
{
	struct child *c = container_of(w, struct child, watch);
	int status;
	(void)events;
	if (waitpid(c->pid, &status, WNOHANG) == 0)
		return;
	c->ended = true;
	loop_del(w);
	if (c->over)
		c->over(c->ctx, status);
	else
		child_free(c);
}

static void tell(const struct child *c, int signo) /* not reaped yet: the number is still its own */
{
	kill(c->group ? -c->pid : c->pid, signo);
}

static void too_slow(struct timer *t, int64_t now)
{
	(void)now;
	tell(container_of(t, struct child, timer), SIGKILL);
}

static void run(char *const argv[], bool group, int in, int out)
{
	loop_child();
	if (group)
		setpgid(0, 0);
	/* Both may be 0 or 1 themselves when our own were closed: move them away first. */
	in = fcntl(in, F_DUPFD_CLOEXEC, 3);
	out = fcntl(out, F_DUPFD_CLOEXEC, 3);
	if (in >= 0 && out >= 0 && dup2(in, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0)
		execvp(argv[0], argv);
	int code = errno;
	dprintf(STDERR_FILENO, "%s: %s\n", argv[0], strerror(code));
	_exit(code == ENOENT ? 127 : 126);
}

int child_start(struct child **child, struct loop *l, char *const argv[], bool group, int *to,
		int *from, void (*over)(void *ctx, int status), void *ctx, struct err *err)
{
	int in_pipe[2] = { -1, -1 }, out_pipe[2] = { -1, -1 }, pidfd = -1, r = 0;
	struct child *c = calloc(1, sizeof *c);
	pid_t pid = -1;
	if (!c || pipe2(in_pipe, O_CLOEXEC) < 0 || pipe2(out_pipe, O_CLOEXEC) < 0 ||
	    (pid = fork()) < 0)
		r = c ? -errno : -ENOMEM;
	if (pid == 0)
		run(argv, group, in_pipe[0], out_pipe[1]);
	if (pid > 0 && group)
		setpgid(pid, pid); /* whoever comes first: a kill() right after this must find the
				      group */
	if (r == 0 && (pidfd = pidfd_open(pid, 0)) < 0)
		r = -errno;
	if (r == 0)
		r = loop_add(l, &c->watch, pidfd, EPOLLIN, ended);
	for (int i = 0; i < 2; i++) { /* the child's ends; on error all */
		int theirs = i ? out_pipe[1] : in_pipe[0], ours = i ? out_pipe[0] : in_pipe[1];
		if (theirs >= 0)
			close(theirs);
		if (r < 0 && ours >= 0)
			close(ours);
	}
	if (r < 0) {
		if (pid > 0) {
			kill(pid, SIGKILL);
			waitpid(pid, NULL, 0);
		}
		if (pidfd >= 0)
			close(pidfd);
		free(c);
		return err_set(err, r, "%s: %s", argv[0], strerror(-r));
	}
	timer_init(&c->timer, l, too_slow);
	c->pid = pid;
	c->group = group;
	c->over = over;
	c->ctx = ctx;
	*to = in_pipe[1];
	*from = out_pipe[0];
	*child = c;
	return 0;
}

void child_leave(struct child *c)
{
	if (!c)
		return;
	if (c->ended || waitpid(c->pid, NULL, WNOHANG) != 0) {
		child_free(c);
		return;
	}
	tell(c, SIGTERM);
	c->over = NULL;
	c->next = leaving;
	if (leaving)
		leaving->prev = c;
	leaving = c;
	timer_set(&c->timer, loop_now(c->watch.loop) + GRACE_NS);
}

void child_words(int status, char *out, size_t room)
{
	if (WIFSIGNALED(status))
		snprintf(out, room, "was killed by SIG%s", sigabbrev_np(WTERMSIG(status)));
	else if (WEXITSTATUS(status) == 0)
		snprintf(out, room, "ended");
	else
		snprintf(out, room, "ended with status %d%s", WEXITSTATUS(status),
			 WEXITSTATUS(status) == 127 ? " (command not found)" : "");
}
