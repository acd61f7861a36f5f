/* SPDX-License-Identifier: MIT */
/* spin.c - tokens are names of abstract sockets: the kernel takes them back when a process dies. */
#include "wire/spin.h"

#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int usable_processors(void)
{
	cpu_set_t set;
	return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

int spin_take(void)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int half = usable_processors() / 2;
	for (int i = 0; fd >= 0 && i < half; i++) {
		struct sockaddr_un sun = { .sun_family = AF_UNIX };
		int n = snprintf(sun.sun_path + 1, sizeof sun.sun_path - 1, "drahtwerk/spin/%d", i);
		if (bind(fd, (struct sockaddr *)&sun,
			 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n)) == 0)
			return fd;
	}
	if (fd >= 0)
		close(fd);
	return -1;
}
