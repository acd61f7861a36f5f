/* SPDX-License-Identifier: MIT */
/* stdio.c - "-": frames on stdin and stdout; and streams on descriptors that are there already. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "lib/io/ep/streamep.h"

static bool is_null(int fd) /* /dev/null: character device 1:3 */
{
	struct stat st;
	return fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3);
}

int ep_open_fds(struct ep **e, struct loop *l, int in, int out, unsigned framing, const char *name,
		const struct ep_host *host, void *ctx, struct err *err)
{
	struct stream *s = stream_born(sizeof *s, &stream_ops, framing, l, host, ctx);
	*e = NULL;
	if (!s) {
		if (in >= 0)
			close(in);
		if (out >= 0 && out != in)
			close(out);
		return err_set(err, -ENOMEM, "%s: out of memory", name);
	}
	snprintf(s->ep.locator, sizeof s->ep.locator, "%s", name);
	snprintf(s->ep.descr, sizeof s->ep.descr, "%.127s", name);
	int r = stream_start(s, in, out);
	if (r < 0) {
		stream_close(&s->ep);
		return err_set(err, r, "%s: %s", name, strerror(-r));
	}
	*e = &s->ep;
	return 0;
}

/* 0 and 1 stay open under their numbers, so that no other file gets them and our words in it. */
EP_OPEN(ep_stdio_open)
{
	(void)rest;
	(void)keys;
	*e = NULL;
	if (isatty(STDOUT_FILENO))
		return err_set(err, -EINVAL, "-: stdout is a terminal, frames would garble it");
	int out = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	if (out < 0)
		return err_set(err, -errno, "-: stdout: %s", strerror(errno));
	/* nothing to read is not the end: the daemon's and the service manager's stdin */
	int in = is_null(STDIN_FILENO) ? -1 : fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	if (in < 0 && !is_null(STDIN_FILENO)) {
		close(out);
		return err_set(err, -EBADF, "-: stdin is closed");
	}
	return ep_open_fds(e, l, in, out, 2, "-", host, ctx, err);
}
