/* SPDX-License-Identifier: MIT */
/* fdb.h - which port each station was last heard on. Pure. Open addressing with a seeded hash, two
 * words an entry, linear probing; starts at 256 slots and doubles in fdb_tick() only, a bounded
 * number of slots a call: learning never allocates. Ageing and flushing are stamps compared at
 * lookup.
 *
 * Time counts in whole seconds since birth: an entry is gone at the first instant at which the
 * second of its last frame lies `age` seconds back, so it lives up to one second less than asked,
 * never more. */
#ifndef DW_SWITCH_CORE_FDB_H
#define DW_SWITCH_CORE_FDB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	FDB_NONE = 0x10000,      /* no port knows it (ports are 0..65535) */
	FDB_AGE_MAX_S = 1000000, /* IEEE 802.1Q-2018 table 8-6: 10..1000000 s; we take 1 s too */
	FDB_MAX_DEFAULT = 1 << 20,
	FDB_MAX_MAX = 1 << 24,
};

enum fdb_kind {
	FDB_LEARNED, /* ages, moves to where the station speaks */
	FDB_STATIC,  /* given: neither ages nor moves, survives every flush */
	FDB_STICKY,  /* given: does not move, but ages and is flushed like a learned one */
};

struct fdb;

struct fdb_entry { /* as listed */
	uint8_t mac[6];
	uint16_t fid, port;
	enum fdb_kind kind;
	int64_t age_ns; /* since last heard, whole seconds; 0 when static */
};

struct fdb_counts {
	size_t entries, slots, max; /* entries: alive now */
	uint64_t learned, moved;
	uint64_t full;    /* could not be learned */
	uint64_t evicted; /* had to go because the table was full and their port had most */
};

/* For ports 0..ports-1. NULL: out of memory. Ages count whole seconds, 1 s to FDB_AGE_MAX_S
 * (asserted). */
struct fdb *fdb_new(size_t max, unsigned ports, int64_t age_ns, uint64_t seed, int64_t now);
void fdb_free(struct fdb *f);                         /* NULL is fine */
int fdb_reserve_ports(struct fdb *f, unsigned ports); /* more of them: 0 or -ENOMEM */
void fdb_set_age(struct fdb *f, int64_t age_ns,
		 int64_t now);               /* what is gone stays gone; O(slots) */
void fdb_set_max(struct fdb *f, size_t max); /* entries over it stay until they age */
void fdb_set_persist(struct fdb *f,
		     int64_t persist_ns); /* no move this soon after a frame; whole seconds */
/* At most so many learned and sticky addresses at a port; 0: no limit. Too many already: none goes,
 * none comes. What aged or left with its FID counts until somebody looks: fdb_recount() does,
 * O(slots), at most once a second. True: the counts are news, so meet again. */
void fdb_set_limit(struct fdb *f, unsigned port, uint32_t limit);
bool fdb_recount(struct fdb *f, int64_t now);
uint32_t fdb_port_count(const struct fdb *f, unsigned port); /* what the limit counts */
uint32_t fdb_port_statics(const struct fdb *f, unsigned port);

/* A notice of each address that silence has made void, when its slot is found so: half an ageing
 * time late at most. at: the second it was found in. It may not call the table. */
typedef void fdb_aged_fn(void *ctx, uint64_t key, unsigned port, int64_t at);
void fdb_on_aged(struct fdb *f, fdb_aged_fn *fn, void *ctx);

/* The batch: keys first (and their slots into the cache), then learning, then looking up. */
static inline uint64_t fdb_key(uint64_t mac48, unsigned fid)
{
	return mac48 | (uint64_t)fid << 48;
}
void fdb_prefetch(const struct fdb *f, uint64_t key);

/* A station met on a port, in two halves: fdb_meet() decides and changes nothing, fdb_note() acts
 * on that, with the same arguments and nothing in between. All at one instant, after fdb_begin().
 * The key's address must not be a group (asserted). */
enum fdb_verdict {
	FDB_KNOWN, /* here already */
	FDB_NEW,
	FDB_MOVED,      /* from `was` */
	FDB_FIXED,      /* static or sticky elsewhere, or moved too short ago: stays there */
	FDB_OVER_LIMIT, /* the port has as many as it may */
	FDB_FULL,       /* the table has; counted */
};
struct fdb_slot;
struct fdb_meeting {
	enum fdb_verdict verdict;
	unsigned was;        /* port before, or FDB_NONE */
	struct fdb_slot *at; /* private */
};
uint32_t fdb_begin(struct fdb *f, int64_t now); /* before a batch of them */
struct fdb_meeting fdb_meet(const struct fdb *f, uint64_t key, unsigned port, int64_t now);
void fdb_note(struct fdb *f, uint64_t key, unsigned port, int64_t now, const struct fdb_meeting *m);
uint64_t fdb_victim(
	const struct fdb_meeting *m); /* the key that has to go for a FDB_NEW, or UINT64_MAX */
unsigned fdb_lookup(const struct fdb *f, uint64_t key, int64_t now); /* port or FDB_NONE */

/* Off the frame path. Puts or replaces; may grow the table. 0, -ENOSPC (max reached) or -ENOMEM. */
int fdb_add(struct fdb *f, uint64_t key, unsigned port, enum fdb_kind kind, int64_t now);
/* Room for so many in all, so that fdb_add() finds memory as long as no others come. 0 or -ENOMEM.
 */
int fdb_reserve(struct fdb *f, size_t entries);
int fdb_del(struct fdb *f, uint64_t key, int64_t now); /* 0 or -ENOENT */
void fdb_flush_port(struct fdb *f, unsigned port);     /* all O(1); static ones stay */
void fdb_flush_fid(struct fdb *f, unsigned fid);
void fdb_flush_all(struct fdb *f);
void fdb_flush_port_fid(struct fdb *f, unsigned port, unsigned fid); /* O(slots) */
void fdb_remove_port(struct fdb *f, unsigned port); /* static ones too; O(slots) if there are any */

int64_t fdb_next(const struct fdb *f);     /* when it wants its tick */
void fdb_tick(struct fdb *f, int64_t now); /* bounded: at most FDB_STEP slots */

/* A copy of all live entries sorted by (fid, mac); the caller frees it. NULL with *count 0: none,
 * or out of memory (*count SIZE_MAX). */
struct fdb_entry *fdb_list(const struct fdb *f, int64_t now, size_t *count);
/* The same of those that `wanted` says yes to: what is not sorted costs little. NULL: all. */
typedef bool fdb_wanted_fn(void *ctx, const struct fdb_entry *e);
struct fdb_entry *fdb_list_some(const struct fdb *f, int64_t now, fdb_wanted_fn *wanted, void *ctx,
				size_t *count);
void fdb_counts(const struct fdb *f, int64_t now, struct fdb_counts *c); /* O(slots) */

#endif
