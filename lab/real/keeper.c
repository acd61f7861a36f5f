/* SPDX-License-Identifier: MIT */
/* keeper.c - the process that every process of a lab descends from. */
#include "lab/real/keeper.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lab/real/holder.h"
#include "lab/real/rundir.h"
#include "lab/real/spawn.h"

/* ---- killing all that descends from us ---- */

static pid_t parent_of(pid_t pid)
{
	char path[32], text[512];
	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	if (fd >= 0)
		close(fd);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	const char *after = strrchr(text, ')'); /* the name may hold anything */
	int parent;
	char state;
	return after && sscanf(after, ") %c %d", &state, &parent) == 2 ? parent : 0;
}

/* How many they are. */
static unsigned kill_children(void)
{
	DIR *d = opendir("/proc");
	unsigned n_killed = 0;
	if (!d)
		return 0;
	for (struct dirent *n; (n = readdir(d));) {
		pid_t pid = isdigit((unsigned char)n->d_name[0]) ? atoi(n->d_name) : 0;
		if (pid > 0 && parent_of(pid) == getpid() && kill(pid, SIGKILL) == 0)
			n_killed++;
	}
	closedir(d);
	return n_killed;
}

/* What a child leaves behind becomes a child of ours (PR_SET_CHILD_SUBREAPER): again until none is
 * left. */
static void kill_all(void)
{
	pid_t pid = 0;
	while (pid >= 0 || errno == EINTR) {
		unsigned left = kill_children();
		do
			pid = waitpid(-1, NULL, 0);
		while (pid > 0 && left-- > 1);
	}
}

/* ---- life of the keeper ---- */

static void lonely(int sock, int lock)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	sigset_t term;
	sigemptyset(&term);
	sigaddset(&term, SIGTERM); /* from now on it is read, at the latest when all is set up */
	sigprocmask(SIG_BLOCK, &term, NULL);
	setsid();
	prctl(PR_SET_NAME, "dw-lab-keeper");
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	if (null >= 0) {
		dup2(null, 0); /* dw-lab's pipes end with dw-lab; words may still go to stderr */
		dup2(null, 1);
	}
	if (dup2(sock, 3) < 0 || dup2(lock, 4) < 0)
		_exit(3);
	close_range(5, ~0u, 0);
	fcntl(3, F_SETFD, FD_CLOEXEC);
	fcntl(4, F_SETFD, FD_CLOEXEC);
}

/* Until dw-lab goes (its end of the socket closes), the holder goes, or SIGTERM comes. */
static void watch_over(pid_t holder)
{
	sigset_t some;
	sigemptyset(&some);
	sigaddset(&some, SIGCHLD);
	sigaddset(&some, SIGTERM);
	sigprocmask(SIG_BLOCK, &some, NULL);
	int signals = signalfd(-1, &some, SFD_CLOEXEC);
	for (;;) {
		struct pollfd p[2] = { { .fd = 3, .events = 0 },
				       { .fd = signals, .events = POLLIN } };
		if (poll(p, 2, -1) < 0 && errno != EINTR)
			return;
		struct signalfd_siginfo si;
		if (p[0].revents ||
		    (p[1].revents && read(signals, &si, sizeof si) > 0 && si.ssi_signo == SIGTERM))
			return;
		if (waitpid(holder, NULL, WNOHANG) == holder)
			return;
	}
}

/* Who wants to go inside (exec, shell) asks for its number. */
static void note_holder(const char *rundir, pid_t holder)
{
	char path[RUNDIR_MAX + sizeof KEEPER_HOLDER_FILE], text[16];
	snprintf(path, sizeof path, "%s/" KEEPER_HOLDER_FILE, rundir);
	int len = snprintf(text, sizeof text, "%d\n", (int)holder);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, text, (size_t)len) != len)
		dprintf(2, "%s: %s\n", path, strerror(errno));
	if (fd >= 0)
		close(fd);
}

static _Noreturn void keeper_main(const char *rundir, int sock, int lock, bool namespaces)
{
	lonely(sock, lock);
	if (namespaces) {
		struct err e = { "" };
		pid_t holder = holder_start(3, &e);
		if (holder < 0) {
			spawn_tell(3, holder, e.text);
		} else {
			note_holder(rundir, holder);
			watch_over(holder);
		}
	} else {
		spawn_serve(3);
	}
	kill_all();
	rundir_remove(rundir);
	_exit(0);
}

int keeper_start(struct keeper *k, const char *rundir, int lock, bool namespaces, struct err *e)
{
	int pair[2];
	*k = (struct keeper){ .sock = -1 };
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
		close(lock);
		return err_set(e, -errno, "the keeper's socket: %s", strerror(errno));
	}
	fflush(NULL); /* nothing of ours may be written twice */
	pid_t pid = fork();
	if (pid == 0) {
		/* high, so that moving them to 3 and 4 treads on neither */
		int s = fcntl(pair[1], F_DUPFD, 16), l = fcntl(lock, F_DUPFD, 16);
		keeper_main(rundir, s, l, namespaces);
	}
	int r = pid < 0 ? err_set(e, -errno, "the keeper: %s", strerror(errno)) : 0;
	close(pair[1]);
	close(lock);
	if (r == 0) {
		*k = (struct keeper){ .pid = pid, .sock = pair[0] };
		r = spawn_hear(pair[0], e);
	}
	if (r < 0) {
		close(pair[0]);
		keeper_wait(k);
	}
	return r;
}

void keeper_wait(struct keeper *k)
{
	if (k->pid > 0)
		while (waitpid(k->pid, NULL, 0) < 0 && errno == EINTR)
			;
	*k = (struct keeper){ .sock = -1 };
}

int keeper_probe_namespaces(struct err *why)
{
	int pair[2];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_set(why, -errno, "%s", strerror(errno));
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		struct err e = { "" };
		close(pair[0]); /* else the holder keeps open what it waits to see closed */
		pid_t holder = holder_start(pair[1], &e);
		if (holder < 0) {
			spawn_tell(pair[1], holder, e.text);
			_exit(1);
		}
		close(pair[1]);
		waitpid(holder, NULL, 0); /* it ends with the other end of the socket */
		_exit(0);
	}
	close(pair[1]);
	int r = pid < 0 ? err_set(why, -errno, "%s", strerror(errno)) : spawn_hear(pair[0], why);
	close(pair[0]);
	if (pid > 0)
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
	return r < 0 ? -ENOTSUP : 0;
}
