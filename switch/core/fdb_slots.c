/* SPDX-License-Identifier: MIT */
/* fdb_slots.c - finding, writing and taking out the slots of the address table. */
#include "switch/core/fdb_inner.h"

struct fdb_slot *slot_find(const struct fdb *f, const struct fdb_table *t, uint64_t key)
{
	if (!t->slots)
		return NULL;
	for (size_t i = fdb_home(f, t, key); t->slot[i].key; i = (i + 1) & (t->slots - 1))
		if (t->slot[i].key == key)
			return &t->slot[i];
	return NULL;
}

struct fdb_slot *slot_place(const struct fdb *f, uint64_t key, uint32_t now_s)
{
	size_t i = fdb_home(f, &f->t, key);
	while (f->t.slot[i].key && slot_alive(f, &f->t.slot[i], now_s))
		i = (i + 1) & (f->t.slots - 1);
	return &f->t.slot[i];
}

/* A flush sets the count of its port to zero at once, so what it made void is not counted again. */
static uint32_t *counter(struct fdb *f, const struct fdb_slot *s)
{
	struct fdb_port *p = &f->port[slot_port(s)];
	uint64_t seq = slot_seq(f, s);
	if (slot_kind(s) == FDB_STATIC)
		return &p->statics;
	return seq >= f->all_seq && seq >= p->seq ? &p->count : NULL;
}

static void count(struct fdb *f, const struct fdb_slot *s, bool in)
{
	uint32_t *c = slot_taken(s) ? counter(f, s) : NULL;
	if (c)
		*c += in ? 1 : UINT32_MAX;
}

/* What was flushed is told by who flushed. */
void slot_tell_aged(const struct fdb *f, const struct fdb_slot *s)
{
	bool aged = slot_taken(s) && slot_kind(s) != FDB_STATIC &&
		    slot_age(s, f->last_s) >= f->age_s && slot_unflushed(f, s);
	if (aged && f->aged)
		f->aged(f->aged_ctx, s->key & ~FDB_TAKEN, slot_port(s),
			f->birth + (int64_t)f->last_s * NS_PER_SEC);
}

void slot_write(struct fdb *f, struct fdb_slot *s, uint64_t key, uint64_t val)
{
	slot_tell_aged(f, s);
	count(f, s, false);
	if (!s->key)
		f->t.used++;
	*s = (struct fdb_slot){ key, val };
	count(f, s, true);
}

/* Knuth 6.4, algorithm R: close the gap, so that no tombstones gather. */
void slot_take_out(struct fdb *f, struct fdb_slot *s)
{
	struct fdb_table *t = &f->t;
	size_t mask = t->slots - 1, hole = (size_t)(s - t->slot);
	count(f, s, false);
	for (size_t j = (hole + 1) & mask; t->slot[j].key; j = (j + 1) & mask) {
		size_t h = fdb_home(f, t, t->slot[j].key);
		if (((j - h) & mask) >= ((j - hole) & mask)) {
			t->slot[hole] = t->slot[j];
			hole = j;
		}
	}
	t->slot[hole].key = 0;
	t->used--;
}

void slot_bury(struct fdb *f, struct fdb_slot *s)
{
	count(f, s, false);
	s->key = FDB_TOMB;
	f->old.used--;
}
