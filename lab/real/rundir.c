/* SPDX-License-Identifier: MIT */
/* rundir.c - the folder of a lab that runs. */
#include "lab/real/rundir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
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

/* The folder of all labs; its descriptor. */
static int open_base(char *path, size_t room, struct err *e)
{
	const char *xdg = getenv("XDG_RUNTIME_DIR");
	struct stat st;
	if (xdg && xdg[0] == '/' && strlen(xdg) < 32 && stat(xdg, &st) == 0 &&
	    st.st_uid == geteuid())
		snprintf(path, room, "%s/drahtwerk", xdg);
	else
		snprintf(path, room, "/tmp/drahtwerk-%u", (unsigned)geteuid());
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

int rundir_make(char path[static RUNDIR_MAX], struct err *e)
{
	static unsigned counter;
	char base[RUNDIR_MAX - 24];
	int fd = open_base(base, sizeof base, e);
	if (fd < 0)
		return fd;
	int lock = -1;
	if (flock(fd, LOCK_EX) == 0) {
		sweep(base);
		do
			snprintf(path, RUNDIR_MAX, "%s/r%d-%u", base, (int)getpid(), ++counter);
		while (mkdir(path, 0700) < 0 && errno == EEXIST);
		lock = lock_of(path);
	}
	int why = errno;
	close(fd);
	return lock >= 0 ? lock : err_set(e, -why, "%s: %s", base, strerror(why));
}
