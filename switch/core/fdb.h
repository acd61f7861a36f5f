/* SPDX-License-Identifier: MIT */
/* fdb.h - which port each station was last heard on. Pure. Open addressing with a seeded hash, two
 * words an entry, linear probing; starts at 256 slots and doubles in fdb_tick() only, a bounded number
 * of slots a call: learning never allocates. Ageing and flushing are stamps compared at lookup. */
#ifndef DW_SWITCH_CORE_FDB_H
#define DW_SWITCH_CORE_FDB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FDB_NONE = 0xffff }; /* no port knows it (ports are 0..65534 here) */

struct fdb;

struct fdb_entry { /* as listed */
	uint8_t mac[6];
	uint16_t fid, port;
	bool fixed;      /* static: does not age, does not move */
	int64_t age_ns;  /* since last heard; 0 when fixed */
};

struct fdb_counts {
	size_t entries, slots, max;
	uint64_t learned, moved, full; /* full: could not be learned */
};

struct fdb *fdb_new(size_t max, int64_t age_ns, uint64_t seed, int64_t now); /* NULL: out of memory */
void fdb_free(struct fdb *f);
void fdb_set_age(struct fdb *f, int64_t age_ns);

/* The batch: keys first (and their slots into the cache), then learning, then looking up. */
static inline uint64_t fdb_key(uint64_t mac48, unsigned fid)
{
	return mac48 | (uint64_t)fid << 48;
}
void fdb_prefetch(const struct fdb *f, uint64_t key);
/* 1: new or moved (*was: the port before, FDB_NONE if new); 0: known; -EEXIST: fixed elsewhere;
 * -ENOSPC: full, counted. The key's address must not be a group address (asserted). */
int fdb_learn(struct fdb *f, uint64_t key, unsigned port, int64_t now, unsigned *was);
unsigned fdb_lookup(const struct fdb *f, uint64_t key, int64_t now); /* port or FDB_NONE */

int fdb_add_fixed(struct fdb *f, uint64_t key, unsigned port, int64_t now);
int fdb_del(struct fdb *f, uint64_t key, int64_t now);         /* 0 or -ENOENT */
void fdb_flush_port(struct fdb *f, unsigned port);             /* all O(1); fixed ones stay */
void fdb_flush_fid(struct fdb *f, unsigned fid);
void fdb_flush_all(struct fdb *f);
void fdb_flush_port_fid(struct fdb *f, unsigned port, unsigned fid, int64_t now); /* O(slots) */

int64_t fdb_next(const struct fdb *f);  /* when it wants its tick */
void fdb_tick(struct fdb *f, int64_t now);

/* A copy of all live entries sorted by (fid, mac); the caller frees it. NULL with *count 0: none, or
 * out of memory (*count SIZE_MAX). */
struct fdb_entry *fdb_list(const struct fdb *f, int64_t now, size_t *count);
void fdb_counts(const struct fdb *f, struct fdb_counts *c);

#endif
