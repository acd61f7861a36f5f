/* SPDX-License-Identifier: MIT */
/* heap.h - deadlines ordered by (deadline, id). Pure. Every machine computes its deadline from its
 * own state when that state changes and keys it here; the head is what x_next() answers. */
#ifndef DW_BASE_HEAP_H
#define DW_BASE_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TIME_NEVER INT64_MAX

struct deadline {    /* embedded in its owner; zeroed, then id set once */
	int64_t due; /* ns; meaningful while queued */
	uint64_t id; /* breaks ties; unique within one heap */
	size_t pos;  /* 0: not queued, else place + 1 */
};

struct heap {
	struct deadline **v;
	size_t count, room;
};

void heap_fini(struct heap *h); /* forgets all members; a zeroed heap is an empty one */
/* Room for `count` members in all, so that heap_set() cannot fail. 0 or -ENOMEM. */
int heap_reserve(struct heap *h, size_t count);
/* (Re)keys `d` at `due`; TIME_NEVER takes it out. Room must have been reserved (asserted). */
void heap_set(struct heap *h, struct deadline *d, int64_t due);

static inline bool heap_holds(const struct deadline *d)
{
	return d->pos != 0;
}

static inline struct deadline *heap_head(const struct heap *h) /* NULL: empty */
{
	return h->count ? h->v[0] : NULL;
}

static inline int64_t heap_next(const struct heap *h) /* TIME_NEVER: nothing due, ever */
{
	return h->count ? h->v[0]->due : TIME_NEVER;
}

/* Takes out and returns the head if due at `now`, else NULL. */
struct deadline *heap_pop_due(struct heap *h, int64_t now);

#define container_of(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

#endif
