/* SPDX-License-Identifier: MIT */
/* rundir.c - the folder of a lab that runs. */
#include "lab/real/rundir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)at;
	if (type == FTW_DP || type == FTW_D)
		rmdir(path);
	else
		unlink(path);
	return 0; /* what cannot go stays; the next sweep tries again */
}

void rundir_remove(const char *path)
{
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

/* Ours alone: in /tmp anybody may have made it before us. */
static int own_folder(const char *path, struct err *e)
{
	struct stat st;
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return err_set(e, -errno, "%s: %s", path, strerror(errno));
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return err_set(e, -errno, "%s: %s", path, strerror(errno));
	if (fstat(fd, &st) == 0 && st.st_uid == geteuid() && (st.st_mode & 077) == 0)
		return fd;
	close(fd);
	return err_set(e, -EPERM, "%s: not a folder of ours alone (owner, mode 0700)", path);
}

static void base_path(char *path, size_t room)
{
	const char *xdg = getenv("XDG_RUNTIME_DIR");
	struct stat st;
	if (xdg && xdg[0] == '/' && strlen(xdg) < 32 && stat(xdg, &st) == 0 &&
	    st.st_uid == geteuid())
		snprintf(path, room, "%s/drahtwerk", xdg);
	else
		snprintf(path, room, "/tmp/drahtwerk-%u", (unsigned)geteuid());
}

/* The folder of all labs; its descriptor. */
static int open_base(char *path, size_t room, struct err *e)
{
	base_path(path, room);
	return own_folder(path, e);
}

static int lock_of(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* Removes what no lab that lives has. The base is locked: nobody is just making one. */
static void sweep(const char *base)
{
	DIR *d = opendir(base);
	if (!d)
		return;
	for (struct dirent *n; (n = readdir(d));) {
		char path[512];
		if (n->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "%s/%.200s", base, n->d_name);
		int lock = lock_of(path);
		if (lock < 0)
			continue;
		rundir_remove(path);
		close(lock);
	}
	closedir(d);
}

static int make_numbered(char path[static RUNDIR_MAX], const char *base)
{
	static unsigned counter;
	do
		snprintf(path, RUNDIR_MAX, "%s/r%d-%u", base, (int)getpid(), ++counter);
	while (mkdir(path, 0700) < 0 && errno == EEXIST);
	return lock_of(path);
}

static int make_named(char path[static RUNDIR_MAX], const char *base, const char *name,
		      struct err *e)
{
	if (snprintf(path, RUNDIR_MAX, "%s/%s", base, name) >= RUNDIR_MAX)
		return err_set(e, -EINVAL, "%s: the name is too long: %d letters at most", name,
			       RUNDIR_MAX - 2 - (int)strlen(base));
	if (mkdir(path, 0700) < 0)
		return errno == EEXIST ? err_set(e, -EEXIST, "a lab called %s is up already", name)
				       : err_set(e, -errno, "%s: %s", path, strerror(errno));
	int lock = lock_of(path);
	return lock >= 0 ? lock : err_set(e, -EIO, "%s: it cannot be locked", path);
}

/* `name` NULL: a number will do. */
static int make(char path[static RUNDIR_MAX], const char *name, struct err *e)
{
	char base[RUNDIR_MAX - 24];
	int fd = open_base(base, sizeof base, e);
	if (fd < 0)
		return fd;
	int lock = -1, why = 0;
	if (flock(fd, LOCK_EX) < 0) {
		why = errno;
	} else {
		sweep(base);
		lock = name ? make_named(path, base, name, e) : make_numbered(path, base);
		why = errno;
	}
	close(fd);
	if (lock >= 0 || (name && lock != -1))
		return lock;
	return err_set(e, -why, "%s: %s", base, strerror(why));
}

int rundir_make(char path[static RUNDIR_MAX], struct err *e)
{
	return make(path, NULL, e);
}

int rundir_make_named(char path[static RUNDIR_MAX], const char *name, struct err *e)
{
	return make(path, name, e);
}

void rundir_sweep(void)
{
	char base[RUNDIR_MAX - 24];
	int fd = open_base(base, sizeof base, NULL);
	if (fd < 0)
		return;
	if (flock(fd, LOCK_EX) == 0)
		sweep(base);
	close(fd);
}

/* ---- labs that are up ---- */

/* Its socket is there and somebody holds its lock. */
static bool is_up(const char *path)
{
	char sock[RUNDIR_MAX + sizeof RUNDIR_LAB_SOCKET];
	struct stat st;
	snprintf(sock, sizeof sock, "%s/" RUNDIR_LAB_SOCKET, path);
	if (stat(sock, &st) < 0 || !S_ISSOCK(st.st_mode) || st.st_uid != geteuid())
		return false;
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	bool held = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) < 0;
	if (fd >= 0)
		close(fd);
	return held;
}

static int visible(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

size_t rundir_labs(const char *only, void (*fn)(void *ctx, const char *name, const char *path),
		   void *ctx)
{
	char base[RUNDIR_MAX - 24], path[RUNDIR_MAX];
	struct dirent **list;
	size_t found = 0;
	base_path(base, sizeof base);
	int n = scandir(base, &list, visible, alphasort);
	for (int i = 0; i < n; i++) {
		const char *name = list[i]->d_name;
		if ((!only || strcmp(only, name) == 0) &&
		    snprintf(path, sizeof path, "%s/%s", base, name) < (int)sizeof path &&
		    is_up(path)) {
			fn(ctx, name, path);
			found++;
		}
		free(list[i]);
	}
	if (n >= 0)
		free(list);
	return found;
}

static void nothing(int signo)
{
	(void)signo;
}

int rundir_wait_gone(const char *path, unsigned seconds)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return 0;
	struct sigaction ring = { .sa_handler = nothing }, before; /* ends flock() */
	sigaction(SIGALRM, &ring, &before);
	alarm(seconds);
	int r = flock(fd, LOCK_EX) < 0 ? -ETIMEDOUT : 0; /* its keeper lets go last of all */
	alarm(0);
	sigaction(SIGALRM, &before, NULL);
	close(fd);
	return r;
}
