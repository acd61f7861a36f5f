/* SPDX-License-Identifier: MIT */
/* netns.c - descriptors opened inside another network namespace: a forked child enters it, opens,
 * and passes the descriptor back; or we go there ourselves, for one call. */
#include "lib/io/ep/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct report { /* from the child; the descriptor rides beside it when code is 0 */
	int code;
	struct err err;
};

static int enter(const char *path, struct err *err)
{
	int net = open(path, O_RDONLY | O_CLOEXEC);
	if (net < 0)
		return err_set(err, -errno, "netns=%s: %s", path, strerror(errno));
	int r = setns(net, CLONE_NEWNET) < 0 ? -errno : 0;
	if (r == -EPERM) { /* it may belong to a user namespace that we own: go there first */
		int user = ioctl(net, NS_GET_USERNS);
		if (user >= 0 && setns(user, CLONE_NEWUSER) == 0)
			r = setns(net, CLONE_NEWNET) < 0 ? -errno : 0;
		if (user >= 0)
			close(user);
	}
	close(net);
	return r < 0 ? err_set(err, r, "netns=%s: %s", path, strerror(-r)) : 0;
}

union control {
	char room[CMSG_SPACE(sizeof(int))];
	struct cmsghdr align;
};

static void child(int sock, const char *path, int (*open_fd)(void *, struct err *), void *arg)
{
	struct report rep = { .code = 0 };
	int fd = enter(path, &rep.err);
	if (fd == 0)
		fd = open_fd(arg, &rep.err);
	if (fd < 0)
		rep.code = fd;
	struct iovec iov = { &rep, sizeof rep };
	union control c = { .room = { 0 } };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	if (fd >= 0) {
		m.msg_control = c.room;
		m.msg_controllen = sizeof c.room;
		struct cmsghdr *h = CMSG_FIRSTHDR(&m);
		h->cmsg_level = SOL_SOCKET;
		h->cmsg_type = SCM_RIGHTS;
		h->cmsg_len = CMSG_LEN(sizeof fd);
		memcpy(CMSG_DATA(h), &fd, sizeof fd);
	}
	_exit(sendmsg(sock, &m, MSG_NOSIGNAL) == (ssize_t)sizeof rep ? 0 : 1);
}

static int receive(int sock, const char *path, struct err *err)
{
	struct report rep;
	struct iovec iov = { &rep, sizeof rep };
	union control c;
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = c.room,
			    .msg_controllen = sizeof c.room };
	ssize_t n;
	do
		n = recvmsg(sock, &m, MSG_CMSG_CLOEXEC | MSG_WAITALL);
	while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof rep)
		return err_set(err, -EIO, "netns=%s: the helper failed", path);
	if (rep.code < 0)
		return err_set(err, rep.code, "%s", rep.err.text);
	struct cmsghdr *h = CMSG_FIRSTHDR(&m);
	int fd;
	if (!h || h->cmsg_type != SCM_RIGHTS)
		return err_set(err, -EIO, "netns=%s: no descriptor came back", path);
	memcpy(&fd, CMSG_DATA(h), sizeof fd);
	return fd;
}

int netns_open(const char *path, int (*open_fd)(void *arg, struct err *err), void *arg,
	       struct err *err)
{
	if (!path)
		return open_fd(arg, err);
	int pair[2];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_set(err, -errno, "netns=%s: %s", path, strerror(errno));
	pid_t pid = fork();
	if (pid == 0)
		child(pair[1], path, open_fd, arg);
	close(pair[1]);
	int r = pid < 0 ? err_set(err, -errno, "netns=%s: %s", path, strerror(errno))
			: receive(pair[0], path, err);
	close(pair[0]);
	if (pid > 0)
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
	return r;
}

int netns_visit(const char *path, int (*fn)(void *arg, struct err *err), void *arg, struct err *err)
{
	if (!path)
		return fn(arg, err);
	int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	int there = home < 0 ? -1 : open(path, O_RDONLY | O_CLOEXEC);
	bool went = there >= 0 && setns(there, CLONE_NEWNET) == 0;
	int r = went ? 0 : err_set(err, -errno, "netns=%s: %s", path, strerror(errno));
	if (went)
		r = fn(arg, err);
	if (went && setns(home, CLONE_NEWNET) < 0)
		abort(); /* in the wrong network all that follows would be wrong */
	if (there >= 0)
		close(there);
	if (home >= 0)
		close(home);
	return r;
}
