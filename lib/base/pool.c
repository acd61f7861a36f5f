/* SPDX-License-Identifier: MIT */
/* pool.c - frame buffers in four sizes, cut from slabs, handed out last in, first out. The order of
 * calls alone decides which buffer and which id one gets, so runs repeat. */
#include "lib/base/frame.h"

#include <assert.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

/* Under ASan the bytes of a buffer that is back are poisoned: use after unref is caught. */
#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if defined __SANITIZE_ADDRESS__ || __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#endif

enum { CLASSES = 4 };

static const struct {
	uint32_t size;  /* bytes in a buffer */
	uint32_t count; /* buffers in a slab: also the least that pool_grow() leaves free */
} classes[CLASSES] = {
	{ 256, 256 },
	{ 2048, 256 },
	{ 9472, 64 },  /* ETH_FRAME_MAX and room for a header */
	{ 65792, 16 }, /* one segmented super frame */
};

struct slab {
	struct slab *next;
	alignas(max_align_t) uint8_t bytes[];
};

struct shelf {             /* the buffers of one class */
	struct buf **free; /* a stack with room for `total` */
	size_t count, total;
	bool used;
};

struct pool {
	size_t limit, bytes;
	size_t in_use;
	uint64_t next_id;
	bool ran_dry;
	struct slab *slabs;
	struct shelf shelf[CLASSES];
};

static size_t stride_of(int c)
{
	size_t a = alignof(max_align_t);
	return (sizeof(struct buf) + classes[c].size + a - 1) / a * a;
}

struct pool *pool_new(size_t limit)
{
	struct pool *p = calloc(1, sizeof *p);
	if (!p)
		return NULL;
	p->limit = limit;
	p->next_id = 1;
	return p;
}

void pool_free(struct pool *p)
{
	if (!p)
		return;
	assert(p->in_use == 0);
	for (struct slab *s = p->slabs, *next; s; s = next) {
		next = s->next;
		free(s);
	}
	for (int c = 0; c < CLASSES; c++)
		free(p->shelf[c].free);
	free(p);
}

/* One slab more for class c, a smaller one where the limit leaves no room for a whole. */
static bool add_slab(struct pool *p, int c)
{
	struct shelf *k = &p->shelf[c];
	size_t stride = stride_of(c), n = classes[c].count;
	if (n > (p->limit - p->bytes) / stride)
		n = (p->limit - p->bytes) / stride;
	if (n == 0)
		return false;
	struct buf **stack = realloc(k->free, (k->total + n) * sizeof *stack);
	if (!stack)
		return false;
	k->free = stack;
	struct slab *s = calloc(1, sizeof *s + n * stride);
	if (!s)
		return false;
	s->next = p->slabs;
	p->slabs = s;
	p->bytes += n * stride;
	k->total += n;
	for (size_t i = n; i-- > 0;) { /* the lowest address is handed out first */
		struct buf *b = (struct buf *)(void *)(s->bytes + i * stride);
		b->pool = p;
		b->size = classes[c].size;
		ASAN_POISON_MEMORY_REGION(b->bytes, b->size);
		k->free[k->count++] = b;
	}
	return true;
}

static int class_for(uint32_t len) /* CLASSES: none is that large */
{
	int c = 0;
	while (c < CLASSES && classes[c].size < len)
		c++;
	return c;
}

struct buf *pool_get(struct pool *p, uint32_t len)
{
	int want = class_for(len);
	if (want == CLASSES)
		return NULL;
	struct shelf *k = &p->shelf[want];
	if (!k->used) {
		k->used = true;
		add_slab(p, want); /* once in a pool's life; it may fail as any later one */
	}
	int c = want;
	while (c < CLASSES && p->shelf[c].count == 0) /* a larger one in need */
		c++;
	if (c == CLASSES) {
		p->ran_dry = true;
		return NULL;
	}
	struct buf *b = p->shelf[c].free[--p->shelf[c].count];
	ASAN_UNPOISON_MEMORY_REGION(b->bytes, b->size);
	b->id = p->next_id++;
	b->refs = 1;
	p->in_use++;
	return b;
}

void buf_unref(struct buf *b)
{
	if (!b)
		return;
	assert(b->refs > 0);
	if (--b->refs > 0)
		return;
	struct pool *p = b->pool;
	struct shelf *k = &p->shelf[class_for(b->size)];
	ASAN_POISON_MEMORY_REGION(b->bytes, b->size);
	assert(k->count < k->total);
	k->free[k->count++] = b;
	p->in_use--;
}

void pool_grow(struct pool *p)
{
	for (int c = 0; c < CLASSES; c++) {
		struct shelf *k = &p->shelf[c];
		if (!k->used)
			continue;
		/* A quarter of what there is, so that a growing backlog does not outrun us. */
		while (k->count < classes[c].count || k->count < k->total / 4)
			if (!add_slab(p, c))
				break;
	}
}

size_t pool_in_use(const struct pool *p)
{
	return p->in_use;
}

bool pool_ran_dry(const struct pool *p)
{
	return p->ran_dry;
}
