/* SPDX-License-Identifier: MIT */
/* heap.c - a binary heap of deadlines, smallest (due, id) on top; members know their place. */
#include "lib/base/heap.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

void heap_fini(struct heap *h)
{
	for (size_t i = 0; i < h->count; i++)
		h->v[i]->pos = 0;
	free(h->v);
	*h = (struct heap){ 0 };
}

int heap_reserve(struct heap *h, size_t count)
{
	if (count <= h->room)
		return 0;
	size_t room = h->room ? h->room : 16;
	while (room < count) {
		if (room > SIZE_MAX / 2 / sizeof *h->v)
			return -ENOMEM;
		room *= 2;
	}
	struct deadline **v = realloc(h->v, room * sizeof *v);
	if (!v)
		return -ENOMEM;
	h->v = v;
	h->room = room;
	return 0;
}

static bool earlier(const struct deadline *a, const struct deadline *b)
{
	return a->due < b->due || (a->due == b->due && a->id < b->id);
}

static void put(struct heap *h, size_t i, struct deadline *d)
{
	h->v[i] = d;
	d->pos = i + 1;
}

/* Place i is free: settles `d` there or above. Returns where it came to rest. */
static size_t sift_up(struct heap *h, size_t i, struct deadline *d)
{
	for (; i > 0 && earlier(d, h->v[(i - 1) / 2]); i = (i - 1) / 2)
		put(h, i, h->v[(i - 1) / 2]);
	put(h, i, d);
	return i;
}

static void sift_down(struct heap *h, size_t i, struct deadline *d)
{
	for (size_t child; (child = 2 * i + 1) < h->count; i = child) {
		if (child + 1 < h->count && earlier(h->v[child + 1], h->v[child]))
			child++;
		if (!earlier(h->v[child], d))
			break;
		put(h, i, h->v[child]);
	}
	put(h, i, d);
}

static void settle(struct heap *h, size_t i, struct deadline *d)
{
	if (sift_up(h, i, d) == i)
		sift_down(h, i, d);
}

static void take_out(struct heap *h, struct deadline *d)
{
	size_t i = d->pos - 1;
	struct deadline *last = h->v[--h->count];
	d->pos = 0;
	if (last != d)
		settle(h, i, last);
}

void heap_set(struct heap *h, struct deadline *d, int64_t due)
{
	if (d->pos) {
		assert(d->pos <= h->count && h->v[d->pos - 1] == d); /* of this heap, not another */
		if (due == TIME_NEVER) {
			take_out(h, d);
		} else if (due != d->due) {
			d->due = due;
			settle(h, d->pos - 1, d);
		}
		return;
	}
	if (due == TIME_NEVER)
		return;
	assert(h->count < h->room);
	d->due = due;
	sift_up(h, h->count++, d);
}

struct deadline *heap_pop_due(struct heap *h, int64_t now)
{
	struct deadline *d = heap_head(h);
	if (!d || d->due > now)
		return NULL;
	take_out(h, d);
	return d;
}
