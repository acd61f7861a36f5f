/* SPDX-License-Identifier: MIT */
/* dpipe.c - vdeplug4's dpipe: its option table, process group and files of numbers. Mended: -h and
 * misuse end this process only (the original ends its caller's process group). */
#include "wire/dpipe.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/cli/opts.h"
#include "lib/io/loop.h"
#include "wire/join.h"

struct dpipe {
	bool daemon, in_place, keep_files;
	const char *pidfile, *pgrpfile;
	struct join join;
	struct loop *loop;
};

static int take(void *ctx, const struct opt *o, const char *arg, struct err *e)
{
	struct dpipe *d = ctx;
	(void)e;
	switch (o->letter) {
	case 'p':
		d->pidfile = arg;
		break;
	case 'P':
		d->pgrpfile = arg;
		break;
	case 'd':
		d->daemon = true;
		break;
	case 'N':
		d->keep_files = true;
		d->in_place = true;
		break;
	case 'n':
		d->in_place = true;
		break;
	}
	return 0;
}

static int take_help(void *ctx, const char *arg, struct err *e);

static const struct opt table[] = {
	{ 'p', "pidfile", "FILE", "write the process number there", NULL },
	{ 'P', "pgrpfile", "FILE", "write the number of the process group there, negative", NULL },
	{ 'd', "daemon", NULL, "go to the background", NULL },
	{ 'n', "nowrapproc", NULL, "no process of its own: the last command takes its place",
	  NULL },
	{ 'N', "nowrapnoclean", NULL, "so too, and the files stay when it ends", NULL },
	{ 'h', "help", NULL, "show this help", take_help },
	{ 0 },
};

static const struct program program = {
	.name = "dpipe",
	.usage = "[OPTION...] COMMAND... = COMMAND... [= COMMAND...]",
	.about = "Joins the standard input and output of commands crosswise. Between =} and }= (or "
		 "={ and {=) stands "
		 "a command that works on what flows to the right (or left) only.",
	.opts = table,
	.flags = OPTS_STOP | OPTS_NO_COMMON | OPTS_PREFIX,
	.take = take,
};

static int take_help(void *ctx, const char *arg, struct err *e)
{
	(void)ctx;
	(void)arg;
	(void)e;
	opts_help(&program);
	return OPTS_END(0);
}

/* ---- files ---- */

static int write_number(const char *path, long n, struct err *e)
{
	FILE *f = path ? fopen(path, "we") : NULL;
	if (!path)
		return 0;
	bool ok = f && fprintf(f, "%ld\n", n) > 0;
	if (f && fclose(f) != 0)
		ok = false;
	return ok ? 0 : err_set(e, -errno, "%s: %s", path, strerror(errno));
}

static int write_files(const struct dpipe *d, struct err *e)
{
	int r = write_number(d->pidfile, getpid(), e);
	return r ? r : write_number(d->pgrpfile, -getpgrp(), e);
}

static void remove_files(const struct dpipe *d)
{
	if (d->pidfile)
		unlink(d->pidfile);
	if (d->pgrpfile)
		unlink(d->pgrpfile);
}

/* With -n nobody is left to remove them but a helper that waits for the last command. */
static void clean_up_after(const struct dpipe *d, pid_t last)
{
	int fd = (int)syscall(SYS_pidfd_open, last, 0);
	struct pollfd p = { .fd = fd, .events = POLLIN };
	close(STDIN_FILENO);
	close(STDOUT_FILENO);
	while (getppid() == last) /* an older kernel has no such descriptor: look now and then */
		if (fd < 0)
			sleep(1);
		else if (poll(&p, 1, -1) > 0)
			break;
	remove_files(d);
	_exit(0);
}

/* ---- running ---- */

static int run_in_place(struct dpipe *d, struct err *e)
{
	pid_t self = getpid();
	int r = write_files(d, e);
	if (r < 0)
		return r;
	if ((d->pidfile || d->pgrpfile) && !d->keep_files && fork() == 0)
		clean_up_after(d, self);
	r = join_become(&d->join, e);
	if (!d->keep_files)
		remove_files(d);
	return r;
}

static void on_child(void *ctx, int signo)
{
	struct dpipe *d = ctx;
	(void)signo;
	if (join_reap(&d->join))
		loop_stop(d->loop, 0);
}

static int run_wrapped(struct dpipe *d, int *ended, struct err *e)
{
	d->loop = loop_new();
	if (!d->loop)
		return -errno;
	int r = write_files(d, e);
	if (!r)
		r = loop_on_signal(d->loop, SIGCHLD, on_child, d);
	if (!r)
		r = join_run(&d->join, NULL, e);
	if (!r)
		r = daemon_ready(-1, NULL, e);
	*ended = r ? 0 : loop_run(d->loop);
	if (r || *ended)
		join_kill(&d->join, SIGTERM);
	remove_files(d);
	loop_free(d->loop);
	return r;
}

int dpipe_main(int argc, char **argv)
{
	struct dpipe d = { .daemon = false };
	struct err e = { "" };
	int rest, ended = 0;
	int code = opts_parse(&program, &d, argc, argv, &rest);
	if (code >= 0)
		return code;
	int r = join_parse(&d.join, argv + rest, &e);
	if (!r && d.join.count < 2)
		r = err_set(&e, -EINVAL, "nothing to join: dpipe COMMAND = COMMAND");
	if (r < 0)
		return log_verdict(r, e.text);
	if (d.daemon)
		r = daemon_start(NULL, NULL);
	else
		setpgid(0, 0); /* a session leader has one already */
	if (!r)
		r = d.in_place ? run_in_place(&d, &e) : run_wrapped(&d, &ended, &e);
	if (r)
		return log_verdict(r, e.text);
	return ended > 0 ? die_by(ended) : ended < 0 ? log_verdict(ended, "") : d.join.status;
}
