/* SPDX-License-Identifier: MIT */
/* usock.c - Unix sockets by path. */
#include "lib/io/usock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 128 };

/* The address of `path`. A path too long for one goes through its folder's descriptor: *dir must be
 * closed after use (-1: nothing to close). */
static int address(const char *path, struct sockaddr_un *sun, int *dir)
{
	*sun = (struct sockaddr_un){ .sun_family = AF_UNIX };
	*dir = -1;
	if (!*path)
		return -ENOENT;
	size_t len = strlen(path);
	if (len < sizeof sun->sun_path) {
		memcpy(sun->sun_path, path, len);
		return 0;
	}
	const char *slash = strrchr(path, '/');
	char folder[4096];
	if (!slash || (size_t)(slash - path) >= sizeof folder)
		return -ENAMETOOLONG;
	memcpy(folder, path, (size_t)(slash - path));
	folder[slash - path] = '\0';
	*dir = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (*dir < 0)
		return -errno;
	int n = snprintf(sun->sun_path, sizeof sun->sun_path, "/proc/self/fd/%d%s", *dir, slash);
	return n > 0 && (size_t)n < sizeof sun->sun_path ? 0 : -ENAMETOOLONG;
}

int usock_connect(const char *path, int type)
{
	struct sockaddr_un sun;
	int dir, fd = -1, r = address(path, &sun, &dir);
	if (r == 0) {
		fd = socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		if (fd < 0 || connect(fd, (struct sockaddr *)&sun, sizeof sun) < 0)
			r = -errno;
	}
	if (r < 0 && fd >= 0)
		close(fd);
	if (dir >= 0)
		close(dir);
	return r < 0 ? r : fd;
}

bool usock_is_stale(const char *path, int type)
{
	int fd = usock_connect(path, type);
	if (fd >= 0)
		close(fd);
	return fd == -ECONNREFUSED;
}

static int bind_once(const struct sockaddr_un *sun, int type)
{
	int fd = socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	mode_t before = umask(0177); /* nobody gets in before chmod() has said who may */
	int r = bind(fd, (const struct sockaddr *)sun, sizeof *sun) < 0 ? -errno : 0;
	umask(before);
	if (r == 0)
		return fd;
	close(fd);
	return r;
}

int usock_bind(const char *path, int type, int mode, int gid, bool *stale)
{
	struct sockaddr_un sun;
	struct stat st;
	int dir, fd = address(path, &sun, &dir);
	bool took = false;
	if (fd == 0)
		fd = bind_once(&sun, type);
	if (fd == -EADDRINUSE && lstat(path, &st) == 0 && !S_ISSOCK(st.st_mode)) {
		fd = -EEXIST;
	} else if (fd == -EADDRINUSE && usock_is_stale(path, type)) {
		took = unlink(path) == 0;
		fd = bind_once(&sun, type);
	}
	if (fd >= 0 && ((gid >= 0 && chown(sun.sun_path, (uid_t)-1, (gid_t)gid) < 0) ||
			chmod(sun.sun_path, (mode_t)mode) < 0 ||
			(type != SOCK_DGRAM && listen(fd, BACKLOG) < 0))) {
		int r = -errno;
		unlink(path);
		close(fd);
		fd = r;
	}
	if (dir >= 0)
		close(dir);
	if (stale)
		*stale = took;
	return fd;
}
