/* SPDX-License-Identifier: MIT */
/* memif_sock.c - memif messages over a socket. */
#include "lib/io/memif_sock.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Room for one descriptor: the kernel closes what a peer sends besides. */
union passed {
	struct cmsghdr head;
	char room[CMSG_SPACE(sizeof(int))];
};

int memif_send(int sock, const struct memif_msg *m, int fd)
{
	uint8_t bytes[MEMIF_MSG_LEN];
	struct iovec iov = { bytes, sizeof bytes };
	union passed c = { .head = { .cmsg_len = CMSG_LEN(sizeof fd),
				     .cmsg_level = SOL_SOCKET,
				     .cmsg_type = SCM_RIGHTS } };
	struct msghdr h = { .msg_iov = &iov, .msg_iovlen = 1 };
	memif_encode(m, bytes);
	if (fd >= 0) {
		memcpy(CMSG_DATA(&c.head), &fd, sizeof fd);
		h.msg_control = c.room;
		h.msg_controllen = CMSG_LEN(sizeof fd);
	}
	ssize_t n = sendmsg(sock, &h, MSG_NOSIGNAL | MSG_DONTWAIT);
	return n == sizeof bytes ? 0 : n < 0 ? -errno : -EPIPE;
}

int memif_refuse(int sock, const char *words)
{
	struct memif_msg m = { .type = MEMIF_DISCONNECT };
	snprintf(m.u.disconnect.text, sizeof m.u.disconnect.text, "%s", words);
	return memif_send(sock, &m, -1);
}

int memif_recv(int sock, struct memif_msg *m, int *fd)
{
	uint8_t bytes[MEMIF_MSG_LEN];
	struct iovec iov = { bytes, sizeof bytes };
	union passed c;
	struct msghdr h = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = c.room,
			    .msg_controllen = CMSG_LEN(sizeof *fd) };
	*fd = -1;
	ssize_t n = recvmsg(sock, &h, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	if (n < 0)
		return errno == EINTR ? -EAGAIN : errno == ECONNRESET ? -EPIPE : -errno;
	const struct cmsghdr *p = CMSG_FIRSTHDR(&h);
	if (p && p->cmsg_level == SOL_SOCKET && p->cmsg_type == SCM_RIGHTS &&
	    p->cmsg_len == CMSG_LEN(sizeof *fd))
		memcpy(fd, CMSG_DATA(p), sizeof *fd);
	if (n == 0)
		return -EPIPE;
	return h.msg_flags & MSG_TRUNC ? -EPROTO : memif_decode(m, bytes, (size_t)n);
}
