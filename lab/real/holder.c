/* SPDX-License-Identifier: MIT */
/* holder.c - the first process of a lab with namespaces. */
#include "lab/real/holder.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lab/real/netif.h"
#include "lab/real/spawn.h"

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	int r = write(fd, text, strlen(text)) < 0 ? -errno : 0;
	close(fd);
	return r;
}

/* The caller becomes root inside; no group but its own is mapped (user_namespaces(7)). */
static int map_ids(uid_t uid, gid_t gid)
{
	char map[64];
	int r = write_file("/proc/self/setgroups", "deny");
	if (r < 0 && r != -ENOENT)
		return r;
	snprintf(map, sizeof map, "0 %u 1\n", (unsigned)uid);
	r = write_file("/proc/self/uid_map", map);
	snprintf(map, sizeof map, "0 %u 1\n", (unsigned)gid);
	return r < 0 ? r : write_file("/proc/self/gid_map", map);
}

static _Noreturn void holder_main(int sock, uid_t uid, gid_t gid)
{
	struct err e = { "" };
	int r = map_ids(uid, gid);
	if (r < 0) {
		err_set(&e, r, "user namespace: no id can be mapped: %s", strerror(-r));
		spawn_tell(sock, r, e.text);
		_exit(1);
	}
	prctl(PR_SET_NAME, "dw-lab-holder");
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* Mounts made here stay here. A proc of our own lets programs see the lab's processes;
	 * where the outer one is masked (some containers) the kernel refuses, and the outer one
	 * serves. */
	if (mount("none", "/", NULL, MS_REC | MS_SLAVE, NULL) < 0) {
		err_set(&e, -errno, "mount namespace: %s", strerror(errno));
		spawn_tell(sock, -EPERM, e.text);
		_exit(1);
	}
	mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	netif_up("lo");
	spawn_serve(sock);
	_exit(0); /* pid 1: the kernel kills all others of its namespace */
}

static int number_in(const char *path, long *n)
{
	char text[32];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	if (fd >= 0)
		close(fd);
	if (len <= 0)
		return -ENOENT;
	text[len] = '\0';
	return sscanf(text, "%ld", n) == 1 ? 0 : -EINVAL;
}

/* Why namespaces were refused, from the switches that distributions have for it. */
static int explain(int code, struct err *e)
{
	long n;
	if (number_in("/proc/sys/user/max_user_namespaces", &n) == 0 && n == 0)
		return err_set(e, code,
			       "user namespaces are off (sysctl user.max_user_namespaces=15000)");
	if (number_in("/proc/sys/kernel/unprivileged_userns_clone", &n) == 0 && n == 0 &&
	    geteuid() != 0)
		return err_set(e, code,
			       "user namespaces are for root only "
			       "(sysctl kernel.unprivileged_userns_clone=1)");
	if (number_in("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", &n) == 0 && n == 1)
		return err_set(e, code,
			       "AppArmor refuses user namespaces "
			       "(sysctl kernel.apparmor_restrict_unprivileged_userns=0)");
	if (code == -EINVAL)
		return err_set(e, code,
			       "this kernel was built without user, pid or network namespaces");
	return err_set(e, code,
		       "user namespaces are refused (%s): a container needs its seccomp profile to "
		       "allow clone with new namespaces",
		       strerror(-code));
}

pid_t holder_start(int sock, struct err *e)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	long flags = CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET | SIGCHLD;
	/* As fork(), which has no flags; the process has one thread, so nothing else must be
	 * brought along. */
	pid_t pid = (pid_t)syscall(SYS_clone, flags, NULL, NULL, NULL, NULL);
	if (pid == 0)
		holder_main(sock, uid, gid);
	return pid > 0 ? pid : explain(-errno, e);
}
