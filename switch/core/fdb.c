/* SPDX-License-Identifier: MIT */
/* fdb.c - the address table: meeting and noting stations, looking up, flushing. See fdb.h. */
#include "switch/core/fdb.h"

#include <errno.h>
#include <stdlib.h>

#include "switch/core/fdb_inner.h"

enum { VICTIMS = 128 }; /* slots that are looked at for one that may go */

/* --- the frame path --- */

void fdb_prefetch(const struct fdb *f, uint64_t key)
{
	__builtin_prefetch(&f->t.slot[fdb_home(f, &f->t, key | FDB_TAKEN)]);
}

static struct fdb_slot *find_alive(const struct fdb *f, uint64_t key, uint32_t now_s)
{
	struct fdb_slot *s = slot_find(f, &f->t, key);
	if (!s)
		s = slot_find(f, &f->old, key);
	return s && slot_alive(f, s, now_s) ? s : NULL;
}

unsigned fdb_lookup(const struct fdb *f, uint64_t key, int64_t now)
{
	const struct fdb_slot *s = find_alive(f, key | FDB_TAKEN, fdb_seconds(f, now));
	return s ? slot_port(s) : FDB_NONE;
}

static bool over_limit(const struct fdb *f, unsigned port)
{
	return f->port[port].limit && f->port[port].count >= f->port[port].limit;
}

/* Fair: the entry goes whose port has most, of those at hand; but only if its port has more than
 * the newcomer's. A port that floods the table with addresses so displaces its own. */
static struct fdb_slot *victim(const struct fdb *f, unsigned newcomer, uint32_t now_s)
{
	struct fdb_slot *best = NULL;
	uint32_t most = f->port[newcomer].count + 1;
	if (f->old.slots)
		return NULL;
	for (size_t i = 0; i < VICTIMS; i++) {
		struct fdb_slot *s = &f->t.slot[(f->evict_from + i) & (f->t.slots - 1)];
		if (!slot_taken(s) || slot_kind(s) != FDB_LEARNED)
			continue;
		uint32_t count = f->port[slot_port(s)].count;
		if (count > most ||
		    (best && count == most && slot_age(s, now_s) > slot_age(best, now_s))) {
			best = s;
			most = count;
		}
	}
	return best;
}

static bool has_room(const struct fdb *f, uint64_t key, uint32_t now_s)
{
	return slot_find(f, &f->t, key) || slot_place(f, key, now_s)->key ||
	       (fdb_used(f) < f->max && fdb_used(f) < fdb_room(f->t.slots));
}

struct fdb_meeting fdb_meet(const struct fdb *f, uint64_t key, unsigned port, int64_t now)
{
	assert(!(key >> 40 & 1) && port < f->ports && !(key >> 60));
	uint32_t now_s = fdb_seconds(f, now);
	struct fdb_slot *s = find_alive(f, key | FDB_TAKEN, now_s);
	struct fdb_meeting m = { .verdict = FDB_NEW, .was = s ? slot_port(s) : FDB_NONE, .at = s };
	if (m.was == port)
		m.verdict = FDB_KNOWN;
	else if (s && (slot_kind(s) != FDB_LEARNED || slot_age(s, now_s) < f->persist_s))
		m.verdict = FDB_FIXED;
	else if (over_limit(f, port))
		m.verdict = FDB_OVER_LIMIT;
	else if (s)
		m.verdict = FDB_MOVED;
	else if (!has_room(f, key | FDB_TAKEN, now_s) && !(m.at = victim(f, port, now_s)))
		m.verdict = FDB_FULL;
	return m;
}

uint64_t fdb_victim(const struct fdb_meeting *m)
{
	return m->verdict == FDB_NEW && m->at ? m->at->key & ~FDB_TAKEN : UINT64_MAX;
}

static void refresh(struct fdb *f, struct fdb_slot *s, uint32_t now_s)
{
	if (slot_kind(s) != FDB_STATIC && slot_stamp(s) != (now_s & FDB_STAMP_MASK))
		s->val = fdb_pack(slot_port(s), slot_kind(s), now_s, f->seq);
}

static void move(struct fdb *f, struct fdb_slot *s, unsigned port, uint32_t now_s)
{
	f->port[slot_port(s)].count--; /* it is alive, so it was counted */
	f->port[port].count++;
	s->val = fdb_pack(port, FDB_LEARNED, now_s, f->seq);
	f->move_count++;
}

/* A key is in one place: its own void slot is used again, or buried where it lies in the old table.
 */
static void write_new(struct fdb *f, uint64_t key, uint64_t val, int64_t now)
{
	uint32_t now_s = fdb_seconds(f, now);
	if (!fdb_used(f))
		fdb_first_entry(f, now);
	struct fdb_slot *s = slot_find(f, &f->old, key);
	if (s)
		slot_bury(f, s);
	s = slot_find(f, &f->t, key);
	bool content = !fdb_wants_growth(f);
	slot_write(f, s ? s : slot_place(f, key, now_s), key, val);
	if (content && fdb_wants_growth(f))
		f->grow_due = now;
}

static void evict(struct fdb *f, struct fdb_slot *s)
{
	f->evict_from = (f->evict_from + VICTIMS) & (f->t.slots - 1);
	f->evicted++;
	slot_take_out(f, s);
}

void fdb_note(struct fdb *f, uint64_t key, unsigned port, int64_t now, const struct fdb_meeting *m)
{
	uint32_t now_s = fdb_seconds(f, now);
	switch (m->verdict) {
	case FDB_KNOWN:
		refresh(f, m->at, now_s);
		return;
	case FDB_MOVED:
		move(f, m->at, port, now_s);
		return;
	case FDB_NEW:
		if (m->at)
			evict(f, m->at);
		write_new(f, key | FDB_TAKEN, fdb_pack(port, FDB_LEARNED, now_s, f->seq), now);
		f->learned++;
		return;
	case FDB_FULL:
		f->full++;
		fdb_hurry(f, now);
		return;
	case FDB_OVER_LIMIT:
	case FDB_FIXED:
		return;
	}
}

/* --- what people and ports do --- */

int fdb_add(struct fdb *f, uint64_t key, unsigned port, enum fdb_kind kind, int64_t now)
{
	assert(!(key >> 40 & 1) && port < f->ports && !(key >> 60));
	uint32_t now_s = fdb_begin(f, now);
	fdb_settle(f, now_s);
	if (!has_room(f, key | FDB_TAKEN, now_s)) {
		fdb_purge(f, now_s);
		if (fdb_used(f) >= f->max)
			return -ENOSPC;
		if (fdb_used(f) >= fdb_room(f->t.slots) && fdb_resize(f, f->t.slots * 2) < 0)
			return -ENOMEM;
		fdb_settle(f, now_s);
	}
	write_new(f, key | FDB_TAKEN, fdb_pack(port, kind, now_s, f->seq), now);
	return 0;
}

int fdb_reserve(struct fdb *f, size_t entries)
{
	size_t slots = f->t.slots;
	while (fdb_room(slots) < entries)
		slots *= 2;
	fdb_settle(f, f->last_s);
	int r = slots > f->t.slots ? fdb_resize(f, slots) : 0;
	fdb_settle(f, f->last_s);
	return r;
}

int fdb_del(struct fdb *f, uint64_t key, int64_t now)
{
	uint32_t now_s = fdb_begin(f, now);
	if (!find_alive(f, key | FDB_TAKEN, now_s))
		return -ENOENT;
	fdb_settle(f, now_s);
	slot_take_out(f, slot_find(f, &f->t, key | FDB_TAKEN));
	return 0;
}

static uint64_t flush(struct fdb *f) /* the count as it is from now on */
{
	f->hurried_s = UINT32_MAX;
	return ++f->seq;
}

/* Half the range of the counter since the last look at every entry: look at every entry. Once in
 * eight million flushes, so a flush still costs O(1). */
static void guard_seq(struct fdb *f)
{
	if (f->seq - f->seq_floor >= FDB_SEQ_MASK / 2)
		fdb_purge(f, f->last_s);
}

void fdb_flush_port(struct fdb *f, unsigned port)
{
	assert(port < f->ports);
	f->port[port].seq = flush(f);
	f->port[port].count = 0;
	guard_seq(f);
}

void fdb_flush_fid(struct fdb *f, unsigned fid)
{
	assert(fid < VID_COUNT);
	if (f->fid_seq == &f->fid_never) {
		uint64_t *all = calloc(VID_COUNT, sizeof *all);
		if (!all) { /* forgetting more than was asked is always right */
			fdb_flush_all(f);
			return;
		}
		f->fid_seq = all;
		f->fid_mask = VID_COUNT - 1;
	}
	f->fid_seq[fid] = flush(f);
	guard_seq(f);
}

void fdb_flush_all(struct fdb *f)
{
	f->all_seq = flush(f);
	for (unsigned p = 0; p < f->ports; p++)
		f->port[p].count = 0;
	guard_seq(f);
}

void fdb_flush_port_fid(struct fdb *f, unsigned port, unsigned fid)
{
	fdb_settle(f, f->last_s);
	for (size_t i = 0; i < f->t.slots; i++) {
		struct fdb_slot *s = &f->t.slot[i];
		while (slot_taken(s) && slot_port(s) == port && slot_fid(s) == fid &&
		       slot_kind(s) != FDB_STATIC)
			slot_take_out(f, s);
	}
}

void fdb_remove_port(struct fdb *f, unsigned port)
{
	f->port[port].limit = 0;
	fdb_flush_port(f, port);
	if (!f->port[port].statics)
		return;
	fdb_settle(f, f->last_s);
	for (size_t i = 0; i < f->t.slots; i++)
		while (slot_taken(&f->t.slot[i]) && slot_port(&f->t.slot[i]) == port)
			slot_take_out(f, &f->t.slot[i]);
}

/* --- life --- */

struct fdb *fdb_new(size_t max, unsigned ports, int64_t age_ns, uint64_t seed, int64_t now)
{
	assert(age_ns >= NS_PER_SEC && age_ns <= FDB_AGE_MAX_S * NS_PER_SEC);
	struct fdb *f = calloc(1, sizeof *f);
	if (!f)
		return NULL;
	f->max = max;
	f->birth = now;
	f->seed =
		mix64(seed ^ 0x6664625f73656564u); /* not the bare seed that other hashes may use */
	f->age_s = (uint32_t)(age_ns / NS_PER_SEC);
	f->fid_seq = &f->fid_never;
	f->hurried_s = f->counted_s = UINT32_MAX;
	f->t.slots = FDB_SLOTS_MIN;
	f->t.slot = calloc(f->t.slots, sizeof *f->t.slot);
	if (!f->t.slot || fdb_reserve_ports(f, ports) < 0) {
		fdb_free(f);
		return NULL;
	}
	return f;
}

void fdb_free(struct fdb *f)
{
	if (!f)
		return;
	free(f->t.slot);
	free(f->old.slot);
	free(f->port);
	if (f->fid_seq != &f->fid_never)
		free(f->fid_seq);
	free(f);
}

int fdb_reserve_ports(struct fdb *f, unsigned ports)
{
	if (ports <= f->ports)
		return 0;
	struct fdb_port *p = calloc(ports, sizeof *p);
	if (!p)
		return -ENOMEM;
	if (f->ports)
		memcpy(p, f->port, f->ports * sizeof *p);
	free(f->port);
	f->port = p;
	f->ports = ports;
	return 0;
}

void fdb_on_aged(struct fdb *f, fdb_aged_fn *fn, void *ctx)
{
	f->aged = fn;
	f->aged_ctx = ctx;
}

void fdb_set_max(struct fdb *f, size_t max)
{
	f->max = max;
}

void fdb_set_persist(struct fdb *f, int64_t persist_ns)
{
	f->persist_s = (uint32_t)(persist_ns / NS_PER_SEC);
}

void fdb_set_limit(struct fdb *f, unsigned port, uint32_t limit)
{
	assert(port < f->ports);
	f->port[port].limit = limit;
}

uint32_t fdb_port_count(const struct fdb *f, unsigned port)
{
	return f->port[port].count;
}

uint32_t fdb_port_statics(const struct fdb *f, unsigned port)
{
	return f->port[port].statics;
}
