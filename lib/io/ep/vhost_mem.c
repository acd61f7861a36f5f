/* SPDX-License-Identifier: MIT */
/* vhost_mem.c - a guest's memory in ours. Whoever shares a file may cut it short; reading what is
 * not there any more would end the switch by SIGBUS. So zeroes are put in its place, and the guest
 * is shown the door. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/io/ep/vhost.h"

enum { MAPS_MAX = 1024 };

/* All regions of this process, for the handler; one thread maps and unmaps. */
static struct vhost_region *volatile maps[MAPS_MAX];
static struct sigaction before;

static void on_sigbus(int signo, siginfo_t *info, void *context)
{
	const uint8_t *at = info->si_addr;
	(void)context;
	for (unsigned i = 0; i < MAPS_MAX; i++) {
		struct vhost_region *r = maps[i];
		const uint8_t *map = r ? r->map : NULL;
		if (!map || at < map || at >= map + r->map_len)
			continue;
		r->shrunk = 1;
		if (mmap(r->map, r->map_len, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == r->map)
			return;
	}
	sigaction(signo, &before, NULL); /* none of ours: as if we were not here */
}

static int watch_region(struct vhost_region *r)
{
	struct sigaction sa = { .sa_sigaction = on_sigbus, .sa_flags = SA_SIGINFO }, old;
	if (sigaction(SIGBUS, &sa, &old) < 0)
		return -errno;
	if (old.sa_sigaction != on_sigbus) /* the first time, or somebody put his own there */
		before = old;
	for (unsigned i = 0; i < MAPS_MAX; i++)
		if (!maps[i]) {
			maps[i] = r;
			return 0;
		}
	return -EMFILE;
}

static void forget_region(const struct vhost_region *r)
{
	for (unsigned i = 0; i < MAPS_MAX; i++)
		if (maps[i] == r)
			maps[i] = NULL;
}

static int map_region(struct vhost_region *r, const struct vhost_user_region *g, int fd,
		      struct err *e)
{
	struct stat st;
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), end = g->offset + g->size;
	if (fstat(fd, &st) < 0)
		return err_set(e, -errno, "memory: %s", strerror(errno));
	if (!g->size || end < g->offset || end > INT64_MAX || g->guest + g->size < g->guest ||
	    g->user + g->size < g->user)
		return err_set(e, -EPROTO, "memory: a region goes over its end");
	if (st.st_size < (int64_t)end)
		return err_set(e, -EPROTO, "memory: a region is longer than its file");
	if (st.st_blksize > (int64_t)page && st.st_blksize <= 1 << 30)
		page = (uint64_t)st.st_blksize; /* huge ones are mapped whole */
	uint64_t skip = g->offset % page;
	r->map_len = (g->size + skip + page - 1) / page * page;
	r->map = mmap(NULL, r->map_len, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		      (off_t)(g->offset - skip));
	if (r->map == MAP_FAILED) {
		r->map = NULL;
		return err_set(e, -errno, "memory: %s", strerror(errno));
	}
	r->at = (uint8_t *)r->map + skip;
	r->guest = g->guest;
	r->user = g->user;
	r->size = g->size;
	return watch_region(r);
}

int vhost_mem_map(struct vhost_mem *m, const struct vhost_user_msg *msg, int *fds, struct err *e)
{
	int r = 0;
	vhost_mem_unmap(m);
	for (unsigned i = 0; i < msg->regions; i++) {
		if (!r)
			r = map_region(&m->region[i], &msg->region[i], fds[i], e);
		m->count = i + 1;
		close(fds[i]);
		fds[i] = -1;
	}
	if (r < 0)
		vhost_mem_unmap(m);
	return r;
}

void vhost_mem_unmap(struct vhost_mem *m)
{
	for (unsigned i = 0; i < m->count; i++) {
		forget_region(&m->region[i]);
		if (m->region[i].map)
			munmap(m->region[i].map, m->region[i].map_len);
	}
	*m = (struct vhost_mem){ .count = 0 };
}

uint8_t *vhost_mem_guest(const struct vhost_mem *m, uint64_t addr, uint64_t len)
{
	for (unsigned i = 0; i < m->count; i++) {
		const struct vhost_region *r = &m->region[i];
		if (addr >= r->guest && addr - r->guest < r->size &&
		    len <= r->size - (addr - r->guest))
			return r->at + (addr - r->guest);
	}
	return NULL;
}

uint8_t *vhost_mem_user(const struct vhost_mem *m, uint64_t addr, uint64_t len)
{
	for (unsigned i = 0; i < m->count; i++) {
		const struct vhost_region *r = &m->region[i];
		if (addr >= r->user && addr - r->user < r->size &&
		    len <= r->size - (addr - r->user))
			return r->at + (addr - r->user);
	}
	return NULL;
}

bool vhost_mem_shrunk(const struct vhost_mem *m)
{
	for (unsigned i = 0; i < m->count; i++)
		if (m->region[i].shrunk)
			return true;
	return false;
}
