/* SPDX-License-Identifier: MIT */
/* fdb.c - the address table: learning, looking up, ageing, flushing, growing. See fdb.h.
 *
 * An entry is two words. The key is the address, the FID above it and a mark that the slot is
 * taken. The value holds the port, the kind, the second of the last frame (20 bits) and the flush
 * count at that time (24 bits). An entry is void once it is too old or once its port, its FID or
 * everything was flushed after it was written; a void entry is as good as none, wherever it lies.
 * Both fields wrap, so no void entry may live long enough to look young again: see sweep_step() and
 * purge(). */
#include "switch/core/fdb.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "lib/base/ether.h"
#include "lib/base/frame.h"
#include "lib/base/hash.h"
#include "lib/base/heap.h"
#include "lib/base/units.h"

enum {
	FDB_SLOTS_MIN = 256,
	FDB_STEP = 4096,     /* slots that one tick may look at */
	SWEEP_MAX_S = 10000, /* the longest a sweep round may take */
	STAMP_BITS = 20,     /* 12 days of seconds */
	SEQ_BITS = 24,
};

#define STEP_PAUSE_NS                                                                              \
	(50 * NS_PER_US) /* between two steps that are in a hurry: frames get their turn */
#define TAKEN (UINT64_C(1) << 63)
#define TOMB UINT64_C(1) /* in the old table only: was moved on; keeps the probe runs whole */
#define STAMP_MASK ((UINT32_C(1) << STAMP_BITS) - 1)
#define SEQ_MASK ((UINT64_C(1) << SEQ_BITS) - 1)

static_assert((1 << STAMP_BITS) - FDB_AGE_MAX_S > 3 * SWEEP_MAX_S,
	      "two rounds fit before a stamp wraps");

struct slot {
	uint64_t key; /* 0: free */
	uint64_t val; /* port 16, kind 4, stamp 20, seq 24 bits, from the low end */
};

struct table {
	struct slot *slot;
	size_t slots, used; /* used: taken, void ones too */
};

struct fdb {
	struct table t, old; /* old: while growing, what is not yet moved; else no slots */
	size_t moved;        /* slots of old that are done */
	size_t max;
	uint64_t seed;
	int64_t birth;
	uint32_t age_s;

	uint64_t seq, seq_floor; /* flushes so far; no entry was written before seq_floor */
	uint64_t all_seq, *port_seq, fid_seq[VID_COUNT];
	unsigned ports;

	size_t cursor, hurry; /* sweep: next slot; steps still to do without a pause */
	int64_t sweep_due, grow_due;
	uint32_t round_s, last_round_s; /* when this sweep round and the one before began */
	uint32_t hurried_s, last_s;     /* last_s: the latest second anything was written in */
	uint64_t learned, move_count, full;
};

static uint64_t pack(unsigned port, enum fdb_kind kind, uint32_t now_s, uint64_t seq)
{
	return (uint64_t)port | (uint64_t)kind << 16 | (uint64_t)(now_s & STAMP_MASK) << 20 |
	       (seq & SEQ_MASK) << 40;
}

static unsigned port_of(uint64_t val)
{
	return val & 0xffff;
}

static enum fdb_kind kind_of(uint64_t val)
{
	return (enum fdb_kind)(val >> 16 & 0xf);
}

static uint32_t stamp_of(uint64_t val)
{
	return val >> 20 & STAMP_MASK;
}

static unsigned fid_of(uint64_t key)
{
	return key >> 48 & 0xfff;
}

static bool taken(const struct slot *s)
{
	return s->key & TAKEN;
}

static uint32_t seconds(const struct fdb *f, int64_t now)
{
	return (uint32_t)((now - f->birth) / NS_PER_SEC);
}

static uint32_t age_of(uint64_t val, uint32_t now_s)
{
	return (now_s - stamp_of(val)) & STAMP_MASK;
}

static bool alive(const struct fdb *f, const struct slot *s, uint32_t now_s)
{
	if (kind_of(s->val) == FDB_STATIC)
		return true;
	if (now_s - f->last_s >= f->age_s || age_of(s->val, now_s) >= f->age_s)
		return false; /* the first: nobody spoke for so long that stamps may have wrapped */
	uint64_t seq = f->seq - ((f->seq - (s->val >> 40)) & SEQ_MASK);
	return seq >= f->all_seq && seq >= f->port_seq[port_of(s->val)] &&
	       seq >= f->fid_seq[fid_of(s->key)];
}

/* --- one table --- */

static size_t home(const struct fdb *f, const struct table *t, uint64_t key)
{
	return mix64(key ^ f->seed) & (t->slots - 1);
}

static struct slot *find(const struct fdb *f, const struct table *t, uint64_t key)
{
	if (!t->slots)
		return NULL;
	for (size_t i = home(f, t, key); t->slot[i].key; i = (i + 1) & (t->slots - 1))
		if (t->slot[i].key == key)
			return &t->slot[i];
	return NULL;
}

/* Where `key`, which is not in the table, may go: a void entry on its way, else the free slot. */
static struct slot *place(const struct fdb *f, const struct table *t, uint64_t key, uint32_t now_s)
{
	size_t i = home(f, t, key);
	while (t->slot[i].key && alive(f, &t->slot[i], now_s))
		i = (i + 1) & (t->slots - 1);
	return &t->slot[i];
}

static void put(struct table *t, struct slot *s, uint64_t key, uint64_t val)
{
	if (!s->key)
		t->used++;
	*s = (struct slot){ key, val };
}

/* Knuth 6.4, algorithm R: close the gap, so that no tombstones gather. */
static void take_out(const struct fdb *f, struct table *t, struct slot *s)
{
	size_t mask = t->slots - 1, hole = (size_t)(s - t->slot);
	for (size_t j = (hole + 1) & mask; t->slot[j].key; j = (j + 1) & mask) {
		size_t h = home(f, t, t->slot[j].key);
		if (((j - h) & mask) >= ((j - hole) & mask)) {
			t->slot[hole] = t->slot[j];
			hole = j;
		}
	}
	t->slot[hole].key = 0;
	t->used--;
}

static void bury(struct table *old, struct slot *s)
{
	s->key = TOMB;
	old->used--;
}

/* --- growing, off the frame path ---------------------------------------------------------------
 */

static size_t room_of(size_t slots) /* 60 % */
{
	return slots / 5 * 3;
}

static size_t used(const struct fdb *f)
{
	return f->t.used + f->old.used;
}

/* Early enough that two more batches fit before the tick comes. */
static bool wants_growth(const struct fdb *f)
{
	size_t n = used(f);
	return !f->old.slots && room_of(f->t.slots) < f->max &&
	       (n > f->t.slots / 5 * 2 || n + 2 * BATCH_MAX > room_of(f->t.slots));
}

static int resize(struct fdb *f, size_t slots)
{
	assert(!f->old.slots);
	struct slot *s = calloc(slots, sizeof *s);
	if (!s)
		return -ENOMEM;
	f->old = f->t;
	f->t = (struct table){ .slot = s, .slots = slots };
	f->moved = 0;
	f->cursor = 0;
	return 0;
}

static void migrate(struct fdb *f, size_t steps, uint32_t now_s)
{
	for (; steps && f->moved < f->old.slots; steps--) {
		struct slot *s = &f->old.slot[f->moved++];
		if (!taken(s))
			continue;
		if (alive(f, s, now_s))
			put(&f->t, place(f, &f->t, s->key, now_s), s->key, s->val);
		bury(&f->old, s);
	}
	if (f->moved < f->old.slots)
		return;
	free(f->old.slot);
	f->old = (struct table){ 0 };
}

static void settle(struct fdb *f, uint32_t now_s) /* all into one table, at once */
{
	if (f->old.slots)
		migrate(f, f->old.slots, now_s);
}

/* --- sweeping: the count stays true and no stamp lives to wrap --- */

static size_t sweep_steps(const struct fdb *f) /* in one round */
{
	return (f->t.slots + FDB_STEP - 1) / FDB_STEP;
}

static int64_t sweep_pause(const struct fdb *f)
{
	int64_t round_s = f->age_s / 2 + 1;
	if (round_s > SWEEP_MAX_S)
		round_s = SWEEP_MAX_S;
	return round_s * NS_PER_SEC / (int64_t)sweep_steps(f);
}

static void begin_rounds(struct fdb *f, uint32_t now_s)
{
	f->cursor = 0;
	f->round_s = f->last_round_s = now_s;
}

/* Everything void goes and everything alive gets today's flush count. */
static void purge(struct fdb *f, uint32_t now_s)
{
	settle(f, now_s);
	for (size_t i = 0; i < f->t.slots; i++) {
		struct slot *s = &f->t.slot[i];
		while (taken(s) && !alive(f, s, now_s))
			take_out(f, &f->t, s);
		if (taken(s))
			s->val = (s->val & ~(SEQ_MASK << 40)) | (f->seq & SEQ_MASK) << 40;
	}
	f->seq_floor = f->seq;
	begin_rounds(f, now_s);
}

static void shrink(struct fdb *f, int64_t now)
{
	size_t slots = f->t.slots;
	if (slots == FDB_SLOTS_MIN || f->t.used >= slots / 16)
		return;
	while (slots > FDB_SLOTS_MIN && f->t.used * 4 <= slots / 2)
		slots /= 2;
	f->grow_due = now + STEP_PAUSE_NS;
	(void)resize(f, slots); /* out of memory: the larger one still serves */
}

/* take_out() may pull an entry from before the cursor's reach to behind it, once a round at most:
 * what two rounds have passed over is gone. */
static void sweep_step(struct fdb *f, int64_t now)
{
	uint32_t now_s = seconds(f, now);
	size_t end = f->cursor + FDB_STEP < f->t.slots ? f->cursor + FDB_STEP : f->t.slots;
	for (; f->cursor < end; f->cursor++)
		while (taken(&f->t.slot[f->cursor]) && !alive(f, &f->t.slot[f->cursor], now_s))
			take_out(f, &f->t, &f->t.slot[f->cursor]);
	f->hurry -= f->hurry > 0;
	f->sweep_due = now + (f->hurry ? STEP_PAUSE_NS : sweep_pause(f));
	if (f->cursor < f->t.slots)
		return;
	f->cursor = 0;
	f->last_round_s = f->round_s;
	f->round_s = now_s;
	shrink(f, now);
}

/* Every call that may write begins here. A driver that slept through its ticks for days must not
 * find stamps that wrapped unseen. Returns the second of `now`. */
static uint32_t begin(struct fdb *f, int64_t now)
{
	uint32_t now_s = seconds(f, now);
	if (now_s - f->last_round_s >= STAMP_MASK - f->age_s)
		purge(f, now_s);
	return f->last_s = now_s;
}

static void first_entry(struct fdb *f, int64_t now)
{
	begin_rounds(f, seconds(f, now));
	f->sweep_due = now + sweep_pause(f);
}

/* The table is full of something: void entries, perhaps. Ages move once a second, so look that
 * often. */
static void hurry(struct fdb *f, int64_t now)
{
	uint32_t now_s = seconds(f, now);
	f->full++;
	if (f->hurried_s == now_s)
		return;
	f->hurried_s = now_s;
	f->hurry = sweep_steps(f);
	f->sweep_due = now;
}

int64_t fdb_next(const struct fdb *f)
{
	if (f->old.slots || wants_growth(f))
		return f->grow_due;
	return f->t.used || f->t.slots > FDB_SLOTS_MIN ? f->sweep_due : TIME_NEVER;
}

void fdb_tick(struct fdb *f, int64_t now)
{
	if (now < fdb_next(f))
		return;
	uint32_t now_s = begin(f, now);
	bool poor = wants_growth(f) && resize(f, f->t.slots * 2) < 0; /* out of memory: try again */
	f->grow_due = now + (poor ? NS_PER_SEC : STEP_PAUSE_NS);
	if (f->old.slots)
		migrate(f, FDB_STEP, now_s);
	else if (now >= f->sweep_due)
		sweep_step(f, now);
}

/* --- the frame path -----------------------------------------------------------------------------
 */

void fdb_prefetch(const struct fdb *f, uint64_t key)
{
	__builtin_prefetch(&f->t.slot[home(f, &f->t, key | TAKEN)]);
}

unsigned fdb_lookup(const struct fdb *f, uint64_t key, int64_t now)
{
	const struct slot *s = find(f, &f->t, key | TAKEN);
	if (!s)
		s = find(f, &f->old, key | TAKEN);
	return s && alive(f, s, seconds(f, now)) ? port_of(s->val) : FDB_NONE;
}

static int relearn(struct fdb *f, struct slot *s, unsigned port, uint32_t now_s, unsigned *was)
{
	*was = port_of(s->val);
	enum fdb_kind kind = kind_of(s->val);
	if (*was != port && kind != FDB_LEARNED)
		return -EEXIST;
	if (*was != port || (kind != FDB_STATIC && stamp_of(s->val) != (now_s & STAMP_MASK)))
		s->val = pack(port, kind, now_s, f->seq);
	f->move_count += *was != port;
	return *was != port;
}

/* A slot for a new key, or NULL: no room. Never allocates. */
static struct slot *room_for(struct fdb *f, uint64_t key, uint32_t now_s)
{
	struct slot *s = place(f, &f->t, key, now_s);
	if (!s->key && (used(f) >= f->max || used(f) >= room_of(f->t.slots)))
		return NULL;
	return s;
}

/* The slot of `key` if alive; a void one in the old table is buried, so that a key is in one place.
 */
static struct slot *find_alive(struct fdb *f, uint64_t key, uint32_t now_s)
{
	struct slot *s = find(f, &f->t, key);
	if (s)
		return alive(f, s, now_s) ? s : NULL;
	s = find(f, &f->old, key);
	if (!s || alive(f, s, now_s))
		return s;
	bury(&f->old, s);
	return NULL;
}

static void write_new(struct fdb *f, struct slot *s, uint64_t key, uint64_t val, int64_t now)
{
	if (!used(f))
		first_entry(f, now);
	bool content = !wants_growth(f);
	put(&f->t, s, key, val);
	if (content && wants_growth(f))
		f->grow_due = now;
}

int fdb_learn(struct fdb *f, uint64_t key, unsigned port, int64_t now, unsigned *was)
{
	assert(!(key >> 40 & 1) && port < f->ports && !(key >> 60));
	uint32_t now_s = begin(f, now);
	struct slot *s = find_alive(f, key | TAKEN, now_s);
	if (s)
		return relearn(f, s, port, now_s, was);
	*was = FDB_NONE;
	s = find(f, &f->t, key | TAKEN); /* its own void slot first: a key is in one place */
	if (!s)
		s = room_for(f, key | TAKEN, now_s);
	if (!s) {
		hurry(f, now);
		return -ENOSPC;
	}
	write_new(f, s, key | TAKEN, pack(port, FDB_LEARNED, now_s, f->seq), now);
	f->learned++;
	return 1;
}

/* --- what people and ports do --- */

int fdb_add(struct fdb *f, uint64_t key, unsigned port, enum fdb_kind kind, int64_t now)
{
	assert(!(key >> 40 & 1) && port < f->ports && !(key >> 60));
	uint32_t now_s = begin(f, now);
	settle(f, now_s);
	struct slot *s = find(f, &f->t, key | TAKEN);
	if (!s)
		s = room_for(f, key | TAKEN, now_s);
	if (!s) {
		purge(f, now_s);
		if (used(f) >= f->max)
			return -ENOSPC;
		if (resize(f, f->t.slots * 2) < 0)
			return -ENOMEM;
		settle(f, now_s);
		s = room_for(f, key | TAKEN, now_s);
	}
	write_new(f, s, key | TAKEN, pack(port, kind, now_s, f->seq), now);
	return 0;
}

int fdb_del(struct fdb *f, uint64_t key, int64_t now)
{
	uint32_t now_s = begin(f, now);
	struct slot *s = find_alive(f, key | TAKEN, now_s);
	if (!s)
		return -ENOENT;
	settle(f, now_s);
	take_out(f, &f->t, find(f, &f->t, key | TAKEN));
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
	if (f->seq - f->seq_floor >= SEQ_MASK / 2)
		purge(f, f->last_s);
}

void fdb_flush_port(struct fdb *f, unsigned port)
{
	assert(port < f->ports);
	f->port_seq[port] = flush(f);
	guard_seq(f);
}

void fdb_flush_fid(struct fdb *f, unsigned fid)
{
	assert(fid < VID_COUNT);
	f->fid_seq[fid] = flush(f);
	guard_seq(f);
}

void fdb_flush_all(struct fdb *f)
{
	f->all_seq = flush(f);
	guard_seq(f);
}

void fdb_flush_port_fid(struct fdb *f, unsigned port, unsigned fid)
{
	settle(f, f->last_s);
	for (size_t i = 0; i < f->t.slots; i++) {
		struct slot *s = &f->t.slot[i];
		while (taken(s) && port_of(s->val) == port && fid_of(s->key) == fid &&
		       kind_of(s->val) != FDB_STATIC)
			take_out(f, &f->t, s);
	}
}

void fdb_remove_port(struct fdb *f, unsigned port)
{
	settle(f, f->last_s);
	for (size_t i = 0; i < f->t.slots; i++)
		while (taken(&f->t.slot[i]) && port_of(f->t.slot[i].val) == port)
			take_out(f, &f->t, &f->t.slot[i]);
}

/* --- lists and counts --- */

/* The next live entry at or after place *i (of t, then of old); *i is moved past it. */
static const struct slot *next_alive(const struct fdb *f, size_t *i, uint32_t now_s)
{
	while (*i < f->t.slots + f->old.slots) {
		size_t at = (*i)++;
		const struct slot *s =
			at < f->t.slots ? &f->t.slot[at] : &f->old.slot[at - f->t.slots];
		if (taken(s) && alive(f, s, now_s))
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
	uint32_t now_s = seconds(f, now);
	*count = 0;
	if (!used(f))
		return NULL;
	struct fdb_entry *list = malloc(used(f) * sizeof *list);
	if (!list) {
		*count = SIZE_MAX;
		return NULL;
	}
	size_t i = 0;
	for (const struct slot *s; (s = next_alive(f, &i, now_s));) {
		struct fdb_entry *e = &list[(*count)++];
		*e = (struct fdb_entry){ .fid = (uint16_t)fid_of(s->key),
					 .port = (uint16_t)port_of(s->val),
					 .kind = kind_of(s->val) };
		mac_from_u64(e->mac, s->key);
		if (e->kind != FDB_STATIC)
			e->age_ns = age_of(s->val, now_s) * NS_PER_SEC;
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
	*c = (struct fdb_counts){ .slots = f->t.slots,
				  .max = f->max,
				  .learned = f->learned,
				  .moved = f->move_count,
				  .full = f->full };
	uint32_t now_s = seconds(f, now);
	for (size_t i = 0; next_alive(f, &i, now_s);)
		c->entries++;
}

/* --- life --- */

static uint32_t age_limit(int64_t age_ns)
{
	int64_t s = age_ns / NS_PER_SEC;
	return (uint32_t)(s < 1 ? 1 : s > FDB_AGE_MAX_S ? FDB_AGE_MAX_S : s);
}

struct fdb *fdb_new(size_t max, unsigned ports, int64_t age_ns, uint64_t seed, int64_t now)
{
	struct fdb *f = calloc(1, sizeof *f);
	if (!f)
		return NULL;
	f->max = max;
	f->birth = now;
	f->seed =
		mix64(seed ^ 0x6664625f73656564u); /* not the bare seed that other hashes may use */
	f->age_s = age_limit(age_ns);
	f->hurried_s = UINT32_MAX;
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
	free(f->port_seq);
	free(f);
}

int fdb_reserve_ports(struct fdb *f, unsigned ports)
{
	if (ports <= f->ports)
		return 0;
	uint64_t *seq = calloc(ports, sizeof *seq);
	if (!seq)
		return -ENOMEM;
	if (f->ports)
		memcpy(seq, f->port_seq, f->ports * sizeof *seq);
	free(f->port_seq);
	f->port_seq = seq;
	f->ports = ports;
	return 0;
}

void fdb_set_age(struct fdb *f, int64_t age_ns, int64_t now)
{
	purge(f, begin(f, now)); /* by the old age: a longer one must not bring anything back */
	f->age_s = age_limit(age_ns);
	f->sweep_due = now + sweep_pause(f);
}

void fdb_set_max(struct fdb *f, size_t max)
{
	f->max = max;
}
