/* SPDX-License-Identifier: MIT */
/* append.c - the files that virtual time writes: captures. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lab/lab.h"

int append_file(const char *file, bool anew, const void *bytes, size_t len, struct err *e)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC | (anew ? O_TRUNC : O_APPEND), 0644);
	if (fd < 0)
		return err_set(e, -errno, "%s: %s", file, strerror(errno));
	const char *p = bytes;
	ssize_t n = 0;
	for (; len && n >= 0; p += n, len -= (size_t)n) {
		n = write(fd, p, len);
		if (n < 0 && errno == EINTR)
			n = 0;
	}
	int r = n < 0 ? -errno : 0;
	if (close(fd) < 0 && r == 0)
		r = -errno;
	return r < 0 ? err_set(e, r, "%s: %s", file, strerror(-r)) : 0;
}
