/* SPDX-License-Identifier: MIT */
/* vde_dir.c - the folder of a VDE switch. Names, modes and owners are VDE 2's (datasock.c). */
#include "lib/io/vde_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/units.h"
#include "lib/io/usock.h"

enum { NAME_ROOM = sizeof "/65535.1048576" }; /* of the longest data socket's name */

/* x wherever r or w is set */
static int with_search(int mode)
{
	return mode | (mode & 0444) >> 2 | (mode & 0222) >> 1;
}

static void derive_modes(struct vde_dir *d, const struct vde_server_config *c)
{
	d->mode = c->mode;
	d->dirmode = c->dirmode;
	if (d->mode < 0 && d->dirmode < 0) {
		d->mode = 0600;
		d->dirmode = 02700;
	} else if (d->dirmode < 0) {
		d->dirmode = 02000 | with_search(d->mode);
	} else if (d->mode < 0) {
		d->mode = d->dirmode & 0666;
	}
}

static int enter(struct vde_dir *d, const struct vde_server_config *c, struct err *err)
{
	bool made = mkdir(c->dir, 0700) == 0;
	if (!made && errno != EEXIST)
		return err_set(err, -errno, "%s: %s", c->dir, strerror(errno));
	char path[PATH_MAX];
	if (!realpath(c->dir, path))
		return err_set(err, -errno, "%s: %s", c->dir, strerror(errno));
	size_t room = sizeof d->path - NAME_ROOM;
	if (strlen(path) > room) {
		if (made)
			rmdir(path);
		return err_set(err, -ENAMETOOLONG,
			       "%s: longer than %zu bytes, its sockets would have no room", path,
			       room);
	}
	memcpy(d->path, path, strlen(path) + 1);
	d->remove = made;
	if (!made && c->mode < 0 && c->dirmode < 0 && c->gid < 0)
		return 0; /* somebody else's folder, and nobody wished for another mode */
	if ((c->gid >= 0 && chown(path, (uid_t)-1, (gid_t)c->gid) < 0) ||
	    chmod(path, (mode_t)d->dirmode) < 0)
		return err_set(err, -errno, "%s: %s", path, strerror(errno));
	return 0;
}

static bool is_port_name(const char *name)
{
	size_t digits = strspn(name, "0123456789");
	if (digits < 3 || name[digits] != '.')
		return false;
	name += digits + 1;
	return *name && name[strspn(name, "0123456789")] == '\0';
}

/* The data sockets of a switch that was killed. */
static void sweep(const struct vde_dir *d)
{
	DIR *dir = opendir(d->path);
	if (!dir)
		return;
	for (struct dirent *e; (e = readdir(dir));) {
		char path[PATH_MAX];
		snprintf(path, sizeof path, "%s/%s", d->path, e->d_name);
		if (is_port_name(e->d_name) && usock_is_stale(path, SOCK_DGRAM))
			unlink(path);
	}
	closedir(dir);
}

/* Two switches that start at once: one looks and binds at a time. Somebody who holds the lock for
 * ever (any reader of the folder could) delays us by half a second. */
static int take_turns(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (int i = 0; fd >= 0 && i < 50 && flock(fd, LOCK_EX | LOCK_NB) < 0; i++)
		nanosleep(&(struct timespec){ .tv_nsec = 10 * NS_PER_MS }, NULL);
	return fd;
}

int vde_dir_open(struct vde_dir *d, const struct vde_server_config *c, struct err *err)
{
	*d = (struct vde_dir){
		.gid = c->gid, .mgmt_mode = c->mgmt_mode, .mgmt_gid = c->mgmt_gid, .listen_fd = -1
	};
	derive_modes(d, c);
	int r = enter(d, c, err);
	if (r < 0)
		return r;
	int lock = take_turns(d->path);
	char ctl[sizeof d->path + sizeof "/ctl"];
	snprintf(ctl, sizeof ctl, "%s/ctl", d->path);
	bool stale;
	r = usock_bind(ctl, SOCK_STREAM, d->mode, d->gid, &stale);
	if (stale) {
		sweep(d);
		d->remove = true; /* the switch before us would have */
	}
	if (lock >= 0)
		close(lock);
	if (r == -EADDRINUSE)
		return err_set(err, r, "%s: a switch runs there already", d->path);
	if (r == -EEXIST)
		return err_set(err, r, "%s: is in the way: no socket", ctl);
	if (r < 0)
		return err_set(err, r, "%s: %s", ctl, strerror(-r));
	d->listen_fd = r;
	return 0;
}

void vde_dir_close(struct vde_dir *d)
{
	if (d->listen_fd >= 0) {
		char ctl[sizeof d->path + sizeof "/ctl"];
		snprintf(ctl, sizeof ctl, "%s/ctl", d->path);
		close(d->listen_fd);
		d->listen_fd = -1;
		if (usock_is_stale(ctl, SOCK_STREAM)) /* not when another one sits there by now */
			unlink(ctl);
	}
	if (d->remove)
		rmdir(d->path);
}

/* VDE 2: a root switch gives the socket to the plug's user, any other opens it by the mode of ctl.
 */
static int hand_over(const struct vde_dir *d, const char *path, unsigned port, int uid)
{
	int mode = port || d->mgmt_mode < 0 ? d->mode : d->mgmt_mode,
	    gid = port ? d->gid : d->mgmt_gid;
	bool own = geteuid() == 0 && uid >= 0;
	if ((own || gid >= 0) &&
	    chown(path, own ? (uid_t)uid : (uid_t)-1, gid >= 0 ? (gid_t)gid : (gid_t)-1) < 0)
		return -errno;
	return chmod(path, (mode_t)(own ? mode & 0700 : mode)) < 0 ? -errno : 0;
}

int vde_dir_bind_port(const struct vde_dir *d, int fd, unsigned port, int uid,
		      char path[static 108])
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int n = snprintf(sun.sun_path, sizeof sun.sun_path, "%s/%03u.%d", d->path, port, fd);
	if (n < 0 || (size_t)n >= sizeof sun.sun_path)
		return -ENAMETOOLONG;
	mode_t before = umask(0177);
	int r = bind(fd, (struct sockaddr *)&sun, sizeof sun);
	if (r < 0 && errno == EADDRINUSE && usock_is_stale(sun.sun_path, SOCK_DGRAM) &&
	    unlink(sun.sun_path) == 0)
		r = bind(fd, (struct sockaddr *)&sun, sizeof sun);
	r = r < 0 ? -errno : 0;
	umask(before);
	if (r < 0)
		return r;
	memcpy(path, sun.sun_path, sizeof sun.sun_path);
	return hand_over(d, path, port, uid);
}
