/* SPDX-License-Identifier: MIT */
/* up_enter.c - programs on a host of a lab that is up: this process joins the lab's namespaces and
 * the host's network, so that the program has our terminal, files and folder. It is a process of
 * the lab's own pid namespace: when the lab goes, it goes. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lab/up.h"

static int trouble(const char *what)
{
	log_error("%s: %s", what, strerror(errno));
	return 3;
}

/* User, mount and pid namespaces of the lab, then the network of the host, whose name is visible
 * only inside; our folder again, which a new mount namespace forgets. 0 or an exit code. */
static int join(pid_t holder, const char *netns)
{
	int here = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	char cwd[4096];
	bool known = getcwd(cwd, sizeof cwd) != NULL;
	int pidfd = (int)syscall(SYS_pidfd_open, holder, 0);
	if (pidfd < 0)
		return trouble("the lab's holder");
	if (setns(pidfd, CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID) < 0)
		return trouble("the lab's namespaces");
	int net = open(netns, O_RDONLY | O_CLOEXEC);
	if (net < 0 || setns(net, CLONE_NEWNET) < 0)
		return trouble(netns);
	close(net);
	close(pidfd);
	if ((!known || chdir(cwd) < 0) && (here < 0 || fchdir(here) < 0))
		return trouble("this folder, inside the lab");
	if (here >= 0)
		close(here);
	return 0;
}

static _Noreturn void child(const struct up *u, char **argv)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setenv("DW_LAB", u->name, 1);
	setenv("DW_HOST", u->words.v[0], 1);
	execvp(argv[0], argv);
	log_error("%s: %s", argv[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

/* Ctrl-C belongs to the program; its end is ours. */
static int wait_for(pid_t pid)
{
	int status;
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return trouble("waiting");
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* Who has joined a pid namespace is not in it, only what it forks then. */
static int inside(const struct up *u, pid_t holder, const char *netns, char **argv)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	int code = join(holder, netns);
	if (code)
		return code;
	pid_t pid = fork();
	if (pid == 0)
		child(u, argv);
	return pid < 0 ? trouble("fork") : wait_for(pid);
}

static int run(struct up *u, char **argv)
{
	char line[200], netns[200], *text = NULL;
	int holder = 0;
	int code = up_choose(u);
	snprintf(line, sizeof line, "lab/inside \"%.100s\"", u->words.v[0]);
	if (code == 0)
		code = up_ask(u, line, &text);
	if (code)
		return code;
	bool good = sscanf(text, "%d %199s", &holder, netns) == 2;
	free(text);
	if (!good)
		return log_verdict(3, "the lab does not say where its hosts are");
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0)
		_exit(inside(u, holder, netns, argv));
	return pid < 0 ? trouble("fork") : wait_for(pid);
}

int up_exec(struct up *u)
{
	char **argv = u->words.v + 1;
	size_t n = u->words.count - 1;
	if (strcmp(argv[0], "--") == 0) {
		argv++;
		n--;
	}
	if (!n)
		return log_verdict(2, "which command? dw-lab exec HOST -- COMMAND...");
	char **list = calloc(n + 1, sizeof *list);
	if (!list)
		return log_verdict(3, "out of memory");
	memcpy(list, argv, n * sizeof *list);
	int code = run(u, list);
	free(list);
	return code;
}

int up_shell(struct up *u)
{
	const char *shell = getenv("SHELL");
	char *argv[] = { strdup(shell && *shell ? shell : "/bin/sh"), NULL };
	char prompt[80];
	if (!argv[0])
		return log_verdict(3, "out of memory");
	snprintf(prompt, sizeof prompt, "%.40s# ", u->words.v[0]);
	setenv("PS1", prompt, 1);
	int code = run(u, argv);
	free(argv[0]);
	return code;
}
