/* SPDX-License-Identifier: MIT */
/* lead.c - dw-lab run --console and --lead: a console beside the run, and what the run prints kept
 * from its screen until it is gone. */
#include "lab/lead.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/cli/opts.h"
#include "lib/io/loop.h"

struct lead {
	struct travel *travel;
	pid_t pid; /* of the console; 0: none */
	int pidfd;
	int kept[2]; /* stdout, stderr meanwhile: memory; -1 */
	int own[2];  /* what they were */
};

/* ---- what is printed meanwhile ---- */

static void give_back(struct lead *l)
{
	fflush(stdout);
	for (int fd = 0; fd < 2; fd++) {
		if (l->own[fd] < 0)
			continue;
		char piece[65536];
		ssize_t n;
		dup2(l->own[fd], fd + STDOUT_FILENO);
		close(l->own[fd]);
		l->own[fd] = -1;
		lseek(l->kept[fd], 0, SEEK_SET);
		while ((n = read(l->kept[fd], piece, sizeof piece)) > 0)
			if (write(fd + STDOUT_FILENO, piece, (size_t)n) != n)
				break;
		close(l->kept[fd]);
	}
}

static int keep(struct lead *l)
{
	fflush(stdout);
	for (int fd = 0; fd < 2; fd++) {
		l->kept[fd] = memfd_create("dw-lab", MFD_CLOEXEC);
		l->own[fd] = fcntl(fd + STDOUT_FILENO, F_DUPFD_CLOEXEC, 10);
		if (l->kept[fd] < 0 || l->own[fd] < 0)
			return -errno;
		dup2(l->kept[fd], fd + STDOUT_FILENO);
	}
	return 0;
}

/* ---- the console ---- */

static void exec_console(const struct lead *l, const char *self)
{
	char path[PATH_MAX];
	const char *slash = strrchr(self, '/');
	snprintf(path, sizeof path, "%.*sdw-console", slash ? (int)(slash - self + 1) : 0, self);
	for (int fd = 0; fd < 2; fd++)
		dup2(l->own[fd], fd + STDOUT_FILENO);
	prctl(PR_SET_PDEATHSIG, SIGTERM); /* a run that is killed takes it along */
	loop_child();
	char *argv[] = { path, (char *)(uintptr_t) "--page", (char *)(uintptr_t) "lab",
			 (char *)(uintptr_t)travel_lab(l->travel), NULL };
	execvp(path, argv);
	fprintf(stderr, "dw-lab: %s: %s\n", path, strerror(errno));
	_exit(127);
}

static void gone(struct lead *l)
{
	int status;
	if (!l->pid)
		return;
	waitpid(l->pid, &status, 0);
	close(l->pidfd);
	l->pid = 0;
	give_back(l);
	if (WIFEXITED(status) && WEXITSTATUS(status))
		log_error("--console: it ended with exit code %d", WEXITSTATUS(status));
}

static void on_gone(void *ctx)
{
	struct lead *l = ctx;
	gone(l);
	travel_let_go(l->travel); /* the rest goes on by itself */
}

static int start_console(struct lead *l, const char *self, struct err *e)
{
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return err_set(e, -ENOTTY, "--console: needs a terminal; --lead serves without");
	int r = keep(l);
	if (r < 0)
		return err_set(e, r, "--console: %s", strerror(-r));
	l->pid = fork();
	if (l->pid == 0)
		exec_console(l, self);
	l->pidfd = l->pid > 0 ? pidfd_open(l->pid, 0) : -1;
	if (l->pidfd < 0)
		return err_set(e, -errno, "--console: %s", strerror(errno));
	return travel_watch(l->travel, l->pidfd, on_gone, l);
}

/* ---- birth and death ---- */

int lead_open(struct lead **out, bool console, const char *self, const volatile sig_atomic_t *stop,
	      struct err *e)
{
	struct lead *l = calloc(1, sizeof *l);
	if (!l)
		return err_set(e, -ENOMEM, "out of memory");
	*l = (struct lead){ .pidfd = -1, .kept = { -1, -1 }, .own = { -1, -1 } };
	int r = travel_open(&l->travel, stop, e);
	if (!r && console)
		r = start_console(l, self, e);
	else if (!r)
		log_say("%s/@lab.mgmt leads", travel_folder(l->travel));
	if (r < 0)
		lead_close(l);
	else
		*out = l;
	return r;
}

void lead_close(struct lead *l)
{
	if (!l)
		return;
	if (l->pid > 0) {
		kill(l->pid, SIGTERM);
		gone(l);
	}
	give_back(l);
	travel_close(l->travel);
	free(l);
}

struct travel *lead_travel(struct lead *l)
{
	return l->travel;
}
