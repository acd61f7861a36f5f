/* SPDX-License-Identifier: MIT */
/* mgmt_fd.c - descriptors that come with commands (SCM_RIGHTS), and things that end with the
 * session that asked for them. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/io/mgmt_inner.h"

enum { FDS_MAX = 8 }; /* in one message; more are closed by the kernel */

/* The last one counts; what nobody takes goes with the session. */
static void keep_fd(struct mgmt_session *s, int fd)
{
	if (s->passed_fd >= 0)
		close(s->passed_fd);
	s->passed_fd = fd;
}

static void keep_fds(struct mgmt_session *s, const struct cmsghdr *c)
{
	int fd;
	size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof fd;
	for (size_t i = 0; i < count; i++) {
		memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
		keep_fd(s, fd);
	}
}

ssize_t session_recv(struct mgmt_session *s, char *to, size_t room)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(FDS_MAX * sizeof(int))];
	struct iovec iov = { to, room };
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = control,
			    .msg_controllen = sizeof control };
	ssize_t n = recvmsg(s->in.fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	for (struct cmsghdr *c = n < 0 ? NULL : CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
			keep_fds(s, c);
	return n;
}

int mgmt_take_fd(struct mgmt *m)
{
	struct mgmt_session *s = m->current;
	if (!s || m->script_depth || s->passed_fd < 0)
		return -EBADF;
	int fd = s->passed_fd;
	s->passed_fd = -1;
	return fd;
}

void mgmt_bind(struct mgmt *m, struct mgmt_bond *b)
{
	b->session = m->current;
	if (!b->session)
		return;
	b->next = b->session->bonds;
	b->session->bonds = b;
}

void mgmt_unbind(struct mgmt_bond *b)
{
	if (!b->session)
		return;
	struct mgmt_bond **at = &b->session->bonds;
	while (*at != b)
		at = &(*at)->next;
	*at = b->next;
	b->session = NULL;
}

void session_let_go(struct mgmt_session *s)
{
	if (s->passed_fd >= 0)
		close(s->passed_fd);
	s->passed_fd = -1;
	while (s->bonds) {
		struct mgmt_bond *b = s->bonds;
		mgmt_unbind(b);
		b->gone(b);
	}
}
