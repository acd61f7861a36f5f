/* SPDX-License-Identifier: MIT */
/* pidfile.c - made with O_EXCL as VDE does, locked besides, taken over from the dead. */
#include "lib/cli/pidfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PID_TEXT = 16 };

static struct {
	int fd; /* holds the lock; valid while path is set */
	char *path;
	pid_t owner;
} held;

static int refuse(struct err *e, int code, const char *path)
{
	return err_set(e, code, "%s: %s", path, strerror(-code));
}

/* Reads the pid in an open file. 0: these are not the words of a pid file. */
static long pid_in(int fd)
{
	char text[PID_TEXT + 1], *end;
	ssize_t n = pread(fd, text, PID_TEXT, 0);
	if (n <= 0 || text[0] < '1' || text[0] > '9')
		return 0;
	text[n] = '\0';
	long pid = strtol(text, &end, 10);
	if (*end == '\n')
		end++;
	return *end || pid > INT_MAX ? 0 : pid; /* pid_t is an int */
}

/* May the process that owns this open file be replaced? Our own pid in it is a leftover too: in
 * containers the same program gets the same pid every time. */
static int may_replace(int fd, const char *path, struct err *e)
{
	long pid = pid_in(fd);
	if (pid == 0)
		return err_set(e, -EEXIST, "%s: exists and is not a pid file", path);
	if (pid != getpid() && (kill((pid_t)pid, 0) == 0 || errno == EPERM))
		return err_set(e, -EEXIST, "%s: exists and process %ld runs", path, pid);
	return 0;
}

int pidfile_check(const char *path, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		return errno == ENOENT ? 0 : refuse(e, -errno, path);
	int r = may_replace(fd, path, e);
	close(fd);
	return r;
}

/* Is `fd` still what the path names? Another one may have dropped the file before we had the lock.
 */
static bool still_there(int fd, const char *path)
{
	struct stat a, b;
	return fstat(fd, &a) == 0 && lstat(path, &b) == 0 && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

/* Opens and locks the file: a new one, or one left behind. A descriptor or negative errno. */
static int open_locked(const char *path, struct err *e)
{
	bool is_new = true;
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0 && errno == EEXIST) {
		is_new = false;
		fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	}
	if (fd < 0)
		return refuse(e, -errno, path);
	int r = 0;
	if (flock(fd, is_new ? LOCK_EX : LOCK_EX | LOCK_NB) < 0)
		r = errno == EWOULDBLOCK
			    ? err_set(e, -EEXIST, "%s: held by a running process", path)
			    : refuse(e, -errno, path);
	else if (!still_there(fd, path))
		r = err_set(e, -EEXIST, "%s: another process was faster", path);
	else if (!is_new)
		r = may_replace(fd, path, e);
	if (r < 0) {
		close(fd);
		return r;
	}
	return fd;
}

int pidfile_take(const char *path, struct err *e)
{
	int fd = open_locked(path, e);
	if (fd < 0)
		return fd;
	char text[PID_TEXT];
	int len = snprintf(text, sizeof text, "%ld\n", (long)getpid());
	if (ftruncate(fd, 0) < 0 || pwrite(fd, text, (size_t)len, 0) != len) {
		int r = refuse(e, errno ? -errno : -EIO, path);
		unlink(path);
		close(fd);
		return r;
	}
	held.path = realpath(path, NULL); /* the folder may change before it is dropped */
	if (!held.path) {
		int r = refuse(e, -errno, path);
		unlink(path);
		close(fd);
		return r;
	}
	held.fd = fd;
	held.owner = getpid();
	return 0;
}

void pidfile_drop(void)
{
	if (!held.path)
		return;
	if (held.owner == getpid() && still_there(held.fd, held.path))
		unlink(held.path);
	close(held.fd);
	free(held.path);
	held.path = NULL;
}
