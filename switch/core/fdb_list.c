/* SPDX-License-Identifier: MIT */
/* fdb_list.c - the address table as people see it: sorted lists and counts. */
#include <stdlib.h>

#include "switch/core/fdb_inner.h"

/* The next live entry at or after place *i (of t, then of old); *i is moved past it. */
static const struct fdb_slot *next_alive(const struct fdb *f, size_t *i, uint32_t now_s)
{
	while (*i < f->t.slots + f->old.slots) {
		size_t at = (*i)++;
		const struct fdb_slot *s =
			at < f->t.slots ? &f->t.slot[at] : &f->old.slot[at - f->t.slots];
		if (slot_taken(s) && slot_alive(f, s, now_s))
			return s;
	}
	return NULL;
}

static int by_fid_and_mac(const void *a, const void *b)
{
	const struct fdb_entry *x = a, *y = b;
	return x->fid != y->fid ? (x->fid > y->fid) - (x->fid < y->fid)
				: memcmp(x->mac, y->mac, ETH_ALEN);
}

struct fdb_entry *fdb_list(const struct fdb *f, int64_t now, size_t *count)
{
	return fdb_list_some(f, now, NULL, NULL, count);
}

struct fdb_entry *fdb_list_some(const struct fdb *f, int64_t now, fdb_wanted_fn *wanted, void *ctx,
				size_t *count)
{
	uint32_t now_s = fdb_seconds(f, now);
	*count = 0;
	if (!fdb_used(f))
		return NULL;
	struct fdb_entry *list = malloc(fdb_used(f) * sizeof *list);
	if (!list) {
		*count = SIZE_MAX;
		return NULL;
	}
	size_t i = 0;
	for (const struct fdb_slot *s; (s = next_alive(f, &i, now_s));) {
		struct fdb_entry *e = &list[*count];
		*e = (struct fdb_entry){ .fid = (uint16_t)slot_fid(s),
					 .port = (uint16_t)slot_port(s),
					 .kind = slot_kind(s) };
		mac_from_u64(e->mac, s->key);
		if (e->kind != FDB_STATIC)
			e->age_ns = slot_age(s, now_s) * NS_PER_SEC;
		*count += !wanted || wanted(ctx, e);
	}
	qsort(list, *count, sizeof *list, by_fid_and_mac);
	if (!*count) {
		free(list);
		return NULL;
	}
	return list;
}

void fdb_counts(const struct fdb *f, int64_t now, struct fdb_counts *c)
{
	*c = (struct fdb_counts){
		.slots = f->t.slots,
		.max = f->max,
		.learned = f->learned,
		.moved = f->move_count,
		.full = f->full,
		.evicted = f->evicted,
	};
	uint32_t now_s = fdb_seconds(f, now);
	for (size_t i = 0; next_alive(f, &i, now_s);)
		c->entries++;
}
