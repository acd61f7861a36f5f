/* SPDX-License-Identifier: MIT */
/* fdb_inner.h - inside of the address table. Private to switch/core/fdb*.c.
 *
 * An entry is two words. The key is the address, the FID above it and a mark that the slot is
 * taken. The value holds the port, the kind, the second of the last frame (20 bits) and the flush
 * count at that time (24 bits). An entry is void once it is too old or once its port, its FID or
 * everything was flushed after it was written; a void entry is as good as none, wherever it lies.
 * Both fields wrap, so no void entry may live long enough to look young again: fdb_care.c sees to
 * that. */
#ifndef DW_SWITCH_CORE_FDB_INNER_H
#define DW_SWITCH_CORE_FDB_INNER_H

#include <assert.h>

#include "lib/base/ether.h"
#include "lib/base/hash.h"
#include "lib/base/units.h"
#include "switch/core/fdb.h"

enum {
	FDB_SLOTS_MIN = 256,
	FDB_STEP = 4096,         /* slots that one tick may look at */
	FDB_SWEEP_MAX_S = 10000, /* the longest a sweep round may take */
	FDB_STAMP_BITS = 20,     /* 12 days of seconds */
	FDB_SEQ_BITS = 24,
};

#define FDB_TAKEN (UINT64_C(1) << 63)
#define FDB_TOMB UINT64_C(1) /* in the old table only: was moved on; keeps the probe runs whole */
#define FDB_STAMP_MASK ((UINT32_C(1) << FDB_STAMP_BITS) - 1)
#define FDB_SEQ_MASK ((UINT64_C(1) << FDB_SEQ_BITS) - 1)

static_assert((1 << FDB_STAMP_BITS) - FDB_AGE_MAX_S > 3 * FDB_SWEEP_MAX_S,
	      "two rounds before a stamp wraps");

struct fdb_slot {
	uint64_t key; /* 0: free */
	uint64_t val; /* port 16, kind 4, stamp 20, seq 24 bits, from the low end */
};

struct fdb_table {
	struct fdb_slot *slot;
	size_t slots, used; /* used: taken, void ones too */
};

struct fdb_port {
	uint64_t seq;     /* flush count when it was flushed last */
	uint32_t count;   /* entries that are not static; those that only aged are still in it */
	uint32_t limit;   /* of count; 0: none */
	uint32_t statics; /* entries that are */
};

struct fdb {
	struct fdb_table t, old; /* old: while growing, what is not yet moved; else no slots */
	size_t moved;            /* slots of old that are done */
	size_t max;
	uint64_t seed;
	int64_t birth;
	uint32_t age_s, persist_s;

	uint64_t seq, seq_floor; /* flushes so far; no entry was written before seq_floor */
	uint64_t all_seq;
	uint64_t *fid_seq,
		fid_never; /* by fid & fid_mask; until one is flushed all are fid_never */
	uint32_t fid_mask;
	struct fdb_port *port;
	unsigned ports;

	size_t cursor, hurry; /* sweep: next slot; steps still to do without a pause */
	size_t evict_from;    /* where the next search for a victim begins */
	int64_t sweep_due, grow_due;
	uint32_t round_s, last_round_s; /* when this sweep round and the one before began */
	uint32_t hurried_s;
	uint32_t counted_s;   /* the counts were made true in that second ... */
	uint64_t counted_seq; /* ... and after that flush */
	uint32_t last_s;      /* the latest second that anything may have been written in */
	uint64_t learned, move_count, full, evicted;
	fdb_aged_fn *aged;
	void *aged_ctx;
};

static inline uint64_t fdb_pack(unsigned port, enum fdb_kind kind, uint32_t now_s, uint64_t seq)
{
	return (uint64_t)port | (uint64_t)kind << 16 | (uint64_t)(now_s & FDB_STAMP_MASK) << 20 |
	       (seq & FDB_SEQ_MASK) << 40;
}

static inline unsigned slot_port(const struct fdb_slot *s)
{
	return s->val & 0xffff;
}

static inline enum fdb_kind slot_kind(const struct fdb_slot *s)
{
	return (enum fdb_kind)(s->val >> 16 & 0xf);
}

static inline uint32_t slot_stamp(const struct fdb_slot *s)
{
	return s->val >> 20 & FDB_STAMP_MASK;
}

static inline unsigned slot_fid(const struct fdb_slot *s)
{
	return s->key >> 48 & 0xfff;
}

static inline bool slot_taken(const struct fdb_slot *s)
{
	return s->key & FDB_TAKEN;
}

static inline uint32_t fdb_seconds(const struct fdb *f, int64_t now)
{
	return (uint32_t)((now - f->birth) / NS_PER_SEC);
}

static inline uint32_t slot_age(const struct fdb_slot *s, uint32_t now_s)
{
	return (now_s - slot_stamp(s)) & FDB_STAMP_MASK;
}

static inline uint64_t slot_seq(const struct fdb *f, const struct fdb_slot *s) /* in full */
{
	return f->seq - ((f->seq - (s->val >> 40)) & FDB_SEQ_MASK);
}

static inline bool slot_unflushed(const struct fdb *f, const struct fdb_slot *s)
{
	uint64_t seq = slot_seq(f, s);
	return seq >= f->all_seq && seq >= f->port[slot_port(s)].seq &&
	       seq >= f->fid_seq[slot_fid(s) & f->fid_mask];
}

static inline bool slot_alive(const struct fdb *f, const struct fdb_slot *s, uint32_t now_s)
{
	if (slot_kind(s) == FDB_STATIC)
		return true;
	if (now_s - f->last_s >= f->age_s || slot_age(s, now_s) >= f->age_s)
		return false; /* the first: nobody spoke for so long that stamps may have wrapped */
	return slot_unflushed(f, s);
}

static inline size_t fdb_home(const struct fdb *f, const struct fdb_table *t, uint64_t key)
{
	return mix64(key ^ f->seed) & (t->slots - 1);
}

static inline size_t fdb_room(size_t slots) /* 60 % */
{
	return slots / 5 * 3;
}

static inline size_t fdb_used(const struct fdb *f)
{
	return f->t.used + f->old.used;
}

/* fdb_slots.c: one table, and the counts of the ports */
struct fdb_slot *slot_find(const struct fdb *f, const struct fdb_table *t, uint64_t key);
/* Where `key`, which is not in the table, may go: a void entry on its way, else the free slot. */
struct fdb_slot *slot_place(const struct fdb *f, uint64_t key, uint32_t now_s);
void slot_write(struct fdb *f, struct fdb_slot *s, uint64_t key, uint64_t val); /* in t */
void slot_take_out(struct fdb *f, struct fdb_slot *s); /* of t; those behind it close up */
void slot_bury(struct fdb *f, struct fdb_slot *s);     /* of old */
void slot_tell_aged(const struct fdb *f, const struct fdb_slot *s); /* if it has, at last_s */

/* fdb_care.c: growing, sweeping, wrapping */
bool fdb_wants_growth(const struct fdb *f);
int fdb_resize(struct fdb *f, size_t slots);    /* begins to; 0 or -ENOMEM */
void fdb_settle(struct fdb *f, uint32_t now_s); /* all into one table, at once */
void fdb_purge(struct fdb *f, uint32_t now_s);  /* everything void goes, at once */
void fdb_hurry(struct fdb *f, int64_t now);     /* void entries are in the way: sweep soon */
void fdb_first_entry(struct fdb *f, int64_t now);

#endif
