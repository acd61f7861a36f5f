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
static bool counted(const struct fdb *f, const struct fdb_slot *s)
{
	uint64_t seq = slot_seq(f, s);
	return slot_kind(s) != FDB_STATIC && seq >= f->all_seq && seq >= f->port[slot_port(s)].seq;
}

static void uncount(struct fdb *f, const struct fdb_slot *s)
{
	if (slot_taken(s) && counted(f, s))
		f->port[slot_port(s)].count--;
}

void slot_write(struct fdb *f, struct fdb_slot *s, uint64_t key, uint64_t val)
{
	uncount(f, s);
	if (!s->key)
		f->t.used++;
	*s = (struct fdb_slot){ key, val };
	f->port[slot_port(s)].count += counted(f, s);
}

/* Knuth 6.4, algorithm R: close the gap, so that no tombstones gather. */
void slot_take_out(struct fdb *f, struct fdb_slot *s)
{
	struct fdb_table *t = &f->t;
	size_t mask = t->slots - 1, hole = (size_t)(s - t->slot);
	uncount(f, s);
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
	uncount(f, s);
	s->key = FDB_TOMB;
	f->old.used--;
}
