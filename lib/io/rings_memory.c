/* SPDX-License-Identifier: MIT */
/* rings_memory.c - the memory of rings: made by the client, sealed so that it cannot shrink under
 * the server; looked at closely by the server before it believes in it. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/io/rings.h"

static const uint64_t REGION_MAX = UINT64_C(4) << 30; /* offsets have 32 bits */

void rings_init(struct rings *r, bool client)
{
	*r = (struct rings){ .client = client, .in = { .bell = -1 }, .out = { .bell = -1 } };
}

void rings_fini(struct rings *r)
{
	for (unsigned i = 0; i < r->regions; i++)
		munmap(r->region[i].base, r->region[i].size);
	if (r->in.bell >= 0)
		close(r->in.bell);
	if (r->out.bell >= 0)
		close(r->out.bell);
	rings_init(r, r->client);
}

static int map(struct rings *r, int fd, uint64_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return -errno;
	r->region[r->regions++] = (struct rings_region){ p, size };
	return 0;
}

static void place(struct ring *g, void *mem, unsigned log2, bool head)
{
	g->mem = mem;
	g->size = (uint16_t)(1u << log2);
	g->ours = head ? &g->mem->head : &g->mem->tail;
	g->theirs = head ? &g->mem->tail : &g->mem->head;
}

/* ---- the client's ---- */

static void fill_ring(struct rings *r, struct ring *g)
{
	*g->mem = (struct memif_ring){ .cookie = MEMIF_COOKIE };
	for (unsigned i = 0; i < g->size; i++)
		g->mem->desc[i] = (struct memif_desc){
			.length = RINGS_BUFFER,
			.offset = (uint32_t)(g->slots - r->region[0].base) + i * RINGS_BUFFER,
		};
}

int rings_make(struct rings *r, unsigned log2, int *fd)
{
	uint64_t ring = (memif_ring_len(log2) + 63) / 64 * 64;
	uint64_t buffers = (uint64_t)RINGS_BUFFER << log2, size = 2 * (ring + buffers);
	*fd = memfd_create("drahtwerk-rings", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (*fd < 0)
		return -errno;
	int e = ftruncate(*fd, (off_t)size) < 0 ||
				fcntl(*fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) <
					0
			? -errno
			: map(r, *fd, size);
	r->in.bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	r->out.bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (!e && (r->in.bell < 0 || r->out.bell < 0))
		e = -errno;
	if (e < 0) {
		close(*fd);
		*fd = -1;
		return e;
	}
	place(&r->out, r->region[0].base, log2, true);
	place(&r->in, r->region[0].base + ring, log2, true);
	r->out.slots = r->region[0].base + 2 * ring;
	r->in.slots = r->out.slots + buffers;
	fill_ring(r, &r->out);
	fill_ring(r, &r->in);
	return 0;
}

uint32_t rings_offset(const struct rings *r, const struct ring *g)
{
	return (uint32_t)((const uint8_t *)g->mem - r->region[0].base);
}

/* ---- the server's ---- */

int rings_map(struct rings *r, int fd, uint64_t size, const char **why)
{
	struct stat st;
	int seals = fcntl(fd, F_GET_SEALS);
	*why = "the memory is no memfd that is sealed against shrinking";
	if (seals < 0 || !(seals & F_SEAL_SHRINK))
		return -EINVAL;
	*why = "the memory is not as large as was said";
	if (fstat(fd, &st) < 0 || !size || size > REGION_MAX || (uint64_t)st.st_size < size)
		return -EINVAL;
	*why = "too many regions";
	if (r->regions == RINGS_REGIONS)
		return -EINVAL;
	*why = "the memory cannot be mapped";
	return map(r, fd, size);
}

/* An eventfd (or its like, which cannot hurt): a pipe or a terminal could block who rings it. */
static bool is_bell(int fd)
{
	struct stat st;
	return fstat(fd, &st) == 0 && (st.st_mode & S_IFMT) == 0;
}

int rings_attach(struct rings *r, const struct memif_msg *add, int bell, const char **why)
{
	bool s2m = add->u.ring.flags & MEMIF_RING_S2M;
	struct ring *g = s2m ? &r->in : &r->out;
	*why = "one ring each way, no more";
	if (add->u.ring.index || g->mem)
		return -EINVAL;
	*why = "a ring outside of its region";
	if (add->u.ring.region >= r->regions ||
	    !memif_ring_fits(r->region[add->u.ring.region].size, add->u.ring.offset,
			     add->u.ring.log2))
		return -EINVAL;
	*why = "private headers are not spoken here";
	if (add->u.ring.private_hdr)
		return -EINVAL;
	*why = "the doorbell is no eventfd";
	if (!is_bell(bell))
		return -EINVAL;
	void *at = r->region[add->u.ring.region].base + add->u.ring.offset;
	const struct memif_ring *mem = at;
	*why = "no ring there (its cookie is wrong)";
	if (__atomic_load_n(&mem->cookie, __ATOMIC_RELAXED) != MEMIF_COOKIE)
		return -EINVAL;
	place(g, at, add->u.ring.log2, false);
	g->bell = bell;
	return 0;
}

/* DPDK's server sets all indices to zero when it connects: nothing can be posted before. */
void rings_start(struct rings *r)
{
	uint16_t posted = r->client ? r->in.size : 0; /* all empty buffers are the server's */
	__atomic_store_n(r->in.ours, posted, __ATOMIC_RELEASE);
	if (!r->client) /* whatever the client left there */
		__atomic_store_n(r->out.ours, 0, __ATOMIC_RELEASE);
	rings_wake(r);
}

void rings_rest(struct rings *r)
{
	for (unsigned i = 0; !r->client && i < r->regions; i++)
		madvise(r->region[i].base, r->region[i].size, MADV_DONTNEED);
}
