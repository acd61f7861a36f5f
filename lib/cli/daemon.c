/* SPDX-License-Identifier: MIT */
/* daemon.c - the parent waits on a pipe for the word of the child; readiness told three ways. */
#include "lib/cli/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/cli/log.h"
#include "lib/cli/pidfile.h"

static int to_parent = -1; /* in the child until it is ready */
static volatile sig_atomic_t caught;

static void note_signal(int signo)
{
	caught = signo;
}

static const int ending[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

static void block_ending(sigset_t *before)
{
	sigset_t block;
	sigemptyset(&block);
	for (size_t i = 0; i < sizeof ending / sizeof *ending; i++)
		sigaddset(&block, ending[i]);
	sigprocmask(SIG_BLOCK, &block, before);
}

/* The parent, with signals blocked: leaves with 0 at the child's word, as the child when that ends
 * first. A signal that would end us goes to the child, which is out of our terminal's reach. */
_Noreturn static void wait_for_word(pid_t child, int from_child, const sigset_t *unblocked)
{
	struct sigaction note = { .sa_handler = note_signal };
	for (size_t i = 0; i < sizeof ending / sizeof *ending; i++)
		sigaction(ending[i], &note, NULL);
	struct pollfd p = { .fd = from_child, .events = POLLIN };
	while (ppoll(&p, 1, NULL, unblocked) < 0 && errno == EINTR) {
		if (caught)
			kill(child, caught);
		caught = 0;
	}
	char word;
	if (read(from_child, &word, 1) == 1)
		_exit(0);
	int status = 0;
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFSIGNALED(status))
		_exit(die_by(WTERMSIG(status)));
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 3);
}

int daemon_start(const char *pidfile, const char *log_ident)
{
	struct err e = { "" };
	if (pidfile && pidfile_check(pidfile, &e) < 0) {
		log_error("--pidfile: %s", e.text);
		exit(1);
	}
	if (log_ident)
		log_name(log_ident);
	int fd[2];
	if (pipe2(fd, O_CLOEXEC) < 0)
		return -errno;
	sigset_t before;
	fflush(NULL); /* or both would write what is buffered */
	block_ending(&before);
	pid_t child = fork();
	if (child < 0) {
		int r = -errno;
		sigprocmask(SIG_SETMASK, &before, NULL);
		close(fd[0]);
		close(fd[1]);
		return r;
	}
	if (child > 0) {
		close(fd[1]);
		wait_for_word(child, fd[0], &before);
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	close(fd[0]);
	to_parent = fd[1];
	setsid(); /* cannot fail: a fresh child leads no group */
	return 0;
}

/* One byte to a pipe whose reader may be gone, without the signal for that. */
static int tell(int fd)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, before;
	sigaction(SIGPIPE, &ignore, &before);
	ssize_t n;
	do
		n = write(fd, "\n", 1);
	while (n < 0 && errno == EINTR);
	int r = n == 1 || errno == EPIPE ? 0 : -errno;
	sigaction(SIGPIPE, &before, NULL);
	return r;
}

/* sd_notify(3) by hand: a datagram to the socket that the service manager named; '@' stands for the
 * zero byte of an abstract name. A socket that is not there is no reason to stop: the variable may
 * have come from far away. */
static void tell_service_manager(const char *where, bool forked)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	size_t len = strlen(where);
	if ((where[0] != '/' && where[0] != '@') || len < 2 || len >= sizeof to.sun_path) {
		log_say("NOTIFY_SOCKET: %s: not the address of a socket", where);
		return;
	}
	memcpy(to.sun_path, where, len);
	if (where[0] == '@')
		to.sun_path[0] = '\0';
	char text[64] = "READY=1";
	if (forked)
		snprintf(text, sizeof text, "READY=1\nMAINPID=%ld", (long)getpid());
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || sendto(fd, text, strlen(text), MSG_NOSIGNAL, (struct sockaddr *)&to,
			     (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)) < 0)
		log_say("NOTIFY_SOCKET: %s: %s", where, strerror(errno));
	if (fd >= 0)
		close(fd);
}

/* Lets go of the caller's terminal and pipes: who reads our output must see its end. */
static int leave_terminal(struct err *e)
{
	int null = open("/dev/null", O_RDWR);
	if (null < 0)
		return err_set(e, -errno, "/dev/null: %s", strerror(errno));
	log_to_syslog();
	fflush(NULL);
	for (int fd = 0; fd <= 2; fd++)
		if (null != fd)
			dup2(null, fd);
	if (null > 2)
		close(null);
	return 0;
}

int daemon_ready(int ready_fd, const char *pidfile, struct err *e)
{
	bool forked = to_parent >= 0;
	int r = pidfile ? pidfile_take(pidfile, e) : 0;
	if (r < 0)
		return err_prefix(e, r, "--pidfile");
	const char *notify = getenv("NOTIFY_SOCKET");
	if (notify && *notify)
		tell_service_manager(notify, forked);
	unsetenv("NOTIFY_SOCKET"); /* not for the commands that we run */
	if (ready_fd >= 0) {
		r = tell(ready_fd);
		if (r < 0)
			err_set(e, r, "--ready-fd: %d: %s", ready_fd, strerror(-r));
		if (!r && ready_fd > STDERR_FILENO)
			close(ready_fd);
	}
	if (!r && forked)
		r = leave_terminal(e);
	if (r < 0) {
		pidfile_drop();
		return r;
	}
	if (forked) {
		tell(to_parent);
		close(to_parent);
		to_parent = -1;
	}
	return 0;
}

void daemon_done(void)
{
	pidfile_drop();
}
