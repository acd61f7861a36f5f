/* SPDX-License-Identifier: MIT */
/* test_fdb.c - the address table: ageing, flushing, growing, wrapping, and a plain model beside it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/ether.h"
#include "lib/base/heap.h"
#include "lib/base/units.h"
#include "switch/core/fdb.h"
#include "tests/unit/cmocka.h"
#include "tests/unit/dice.h"

#define SEC(n) ((int64_t)(n)*NS_PER_SEC)

enum { PORTS = 8, MAC_A = 0x02, MAC_B = 0x04, MAC_C = 0x06 };

static uint64_t mac(uint64_t n) /* the n-th individual address */
{
	return UINT64_C(0x020000000000) + n;
}

static int setup(void **state)
{
	*state = fdb_new(1 << 20, PORTS, SEC(300), 7, 0);
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	fdb_free(*state);
	return 0;
}

/* Both halves at once: 1 new or moved, 0 known, else why not. */
static int learn_was(struct fdb *f, uint64_t key, unsigned port, int64_t now, unsigned *was)
{
	static const int code[] = { [FDB_KNOWN] = 0,
				    [FDB_NEW] = 1,
				    [FDB_MOVED] = 1,
				    [FDB_FIXED] = -EEXIST,
				    [FDB_OVER_LIMIT] = -EDQUOT,
				    [FDB_FULL] = -ENOSPC };
	fdb_begin(f, now);
	struct fdb_meeting m = fdb_meet(f, key, port, now);
	if (m.verdict == FDB_OVER_LIMIT && fdb_recount(f, now))
		m = fdb_meet(f, key, port, now);
	fdb_note(f, key, port, now, &m);
	*was = m.was;
	return code[m.verdict];
}

static int learn(struct fdb *f, uint64_t key, unsigned port, int64_t now)
{
	unsigned was;
	return learn_was(f, key, port, now, &was);
}

static void run_ticks(struct fdb *f, int64_t now)
{
	while (fdb_next(f) <= now)
		fdb_tick(f, now);
}

static size_t count_at(struct fdb *f, int64_t now)
{
	struct fdb_counts c;
	fdb_counts(f, now, &c);
	return c.entries;
}

static void station_is_forgotten_when_silent(void **state)
{
	struct fdb *f = *state;
	assert_int_equal(learn(f, MAC_A, 3, SEC(0)), 1);
	assert_int_equal(fdb_lookup(f, MAC_A, SEC(299)), 3);
	assert_int_equal(fdb_lookup(f, MAC_A, SEC(300)), FDB_NONE);
}

static void an_age_is_exact_to_a_second_and_never_late(void **state)
{
	struct fdb *f = *state;
	assert_int_equal(learn(f, MAC_A, 3, SEC(1) - 1), 1);
	assert_int_equal(fdb_lookup(f, MAC_A, SEC(300) - 1), 3);
	assert_int_equal(fdb_lookup(f, MAC_A, SEC(300)),
			 FDB_NONE); /* 299.000000001 s: never late */
}

static void a_frame_keeps_its_station_alive(void **state)
{
	struct fdb *f = *state;
	assert_int_equal(learn(f, MAC_A, 3, SEC(0)), 1);
	assert_int_equal(learn(f, MAC_A, 3, SEC(299)), 0);
	assert_int_equal(fdb_lookup(f, MAC_A, SEC(598)), 3);
	assert_int_equal(fdb_lookup(f, MAC_A, SEC(599)), FDB_NONE);
}

static void station_moves_to_where_it_speaks(void **state)
{
	struct fdb *f = *state;
	unsigned was;
	assert_int_equal(learn_was(f, MAC_A, 3, 0, &was), 1);
	assert_int_equal(was, FDB_NONE);
	assert_int_equal(learn_was(f, MAC_A, 5, 1, &was), 1);
	assert_int_equal(was, 3);
	assert_int_equal(fdb_lookup(f, MAC_A, 2), 5);
}

static void fids_are_separate_tables(void **state)
{
	struct fdb *f = *state;
	assert_int_equal(learn(f, fdb_key(MAC_A, 10), 3, 0), 1);
	assert_int_equal(learn(f, fdb_key(MAC_A, 20), 4, 0), 1);
	assert_int_equal(fdb_lookup(f, fdb_key(MAC_A, 10), 0), 3);
	assert_int_equal(fdb_lookup(f, fdb_key(MAC_A, 20), 0), 4);
	assert_int_equal(fdb_lookup(f, MAC_A, 0), FDB_NONE);
}

static void the_null_address_is_an_address_like_others(void **state)
{
	struct fdb *f = *state;
	assert_int_equal(fdb_lookup(f, 0, 0), FDB_NONE);
	assert_int_equal(learn(f, 0, 2, 0), 1);
	assert_int_equal(fdb_lookup(f, 0, 0), 2);
}

static void flushing_a_port_leaves_the_others(void **state)
{
	struct fdb *f = *state;
	learn(f, MAC_A, 1, 0);
	learn(f, MAC_B, 2, 0);
	fdb_flush_port(f, 1);
	assert_int_equal(fdb_lookup(f, MAC_A, 0), FDB_NONE);
	assert_int_equal(fdb_lookup(f, MAC_B, 0), 2);
	assert_int_equal(learn(f, MAC_A, 1, 0), 1); /* and it can be learned again at once */
	assert_int_equal(fdb_lookup(f, MAC_A, 0), 1);
}

static void flushing_a_fid_leaves_the_others(void **state)
{
	struct fdb *f = *state;
	learn(f, fdb_key(MAC_A, 10), 1, 0);
	learn(f, fdb_key(MAC_A, 20), 1, 0);
	fdb_flush_fid(f, 10);
	assert_int_equal(fdb_lookup(f, fdb_key(MAC_A, 10), 0), FDB_NONE);
	assert_int_equal(fdb_lookup(f, fdb_key(MAC_A, 20), 0), 1);
}

static void flushing_a_port_in_a_fid_touches_nothing_else(void **state)
{
	struct fdb *f = *state;
	learn(f, fdb_key(MAC_A, 10), 1, 0);
	learn(f, fdb_key(MAC_B, 10), 2, 0);
	learn(f, fdb_key(MAC_A, 20), 1, 0);
	fdb_flush_port_fid(f, 1, 10);
	assert_int_equal(fdb_lookup(f, fdb_key(MAC_A, 10), 0), FDB_NONE);
	assert_int_equal(fdb_lookup(f, fdb_key(MAC_B, 10), 0), 2);
	assert_int_equal(fdb_lookup(f, fdb_key(MAC_A, 20), 0), 1);
}

static void a_static_entry_neither_ages_nor_moves_nor_is_flushed(void **state)
{
	struct fdb *f = *state;
	unsigned was;
	assert_int_equal(fdb_add(f, MAC_A, 1, FDB_STATIC, 0), 0);
	assert_int_equal(learn_was(f, MAC_A, 2, 1, &was), -EEXIST);
	assert_int_equal(was, 1);
	fdb_flush_all(f);
	fdb_flush_port(f, 1);
	fdb_flush_fid(f, 0);
	fdb_flush_port_fid(f, 1, 0);
	run_ticks(f, SEC(5000000));
	assert_int_equal(fdb_lookup(f, MAC_A, SEC(5000000)), 1);
	assert_int_equal(fdb_del(f, MAC_A, SEC(5000000)), 0);
	assert_int_equal(fdb_lookup(f, MAC_A, SEC(5000000)), FDB_NONE);
	assert_int_equal(fdb_del(f, MAC_A, SEC(5000000)), -ENOENT);
}

static void a_sticky_entry_does_not_move_but_ages(void **state)
{
	struct fdb *f = *state;
	assert_int_equal(fdb_add(f, MAC_A, 1, FDB_STICKY, 0), 0);
	assert_int_equal(learn(f, MAC_A, 2, 1), -EEXIST);
	assert_int_equal(fdb_lookup(f, MAC_A, SEC(299)), 1);
	assert_int_equal(learn(f, MAC_A, 1, SEC(299)), 0); /* heard at its place: lives on */
	assert_int_equal(fdb_lookup(f, MAC_A, SEC(598)), 1);
	assert_int_equal(fdb_lookup(f, MAC_A, SEC(599)), FDB_NONE);
	assert_int_equal(learn(f, MAC_A, 2, SEC(599)), 1);
}

static void a_removed_port_takes_its_static_entries_along(void **state)
{
	struct fdb *f = *state;
	fdb_add(f, MAC_A, 1, FDB_STATIC, 0);
	fdb_add(f, MAC_B, 2, FDB_STATIC, 0);
	fdb_remove_port(f, 1);
	assert_int_equal(fdb_lookup(f, MAC_A, 0), FDB_NONE);
	assert_int_equal(fdb_lookup(f, MAC_B, 0), 2);
}

static void a_longer_age_brings_nothing_back(void **state)
{
	struct fdb *f = *state;
	learn(f, MAC_A, 1, SEC(0));
	learn(f, MAC_B, 1, SEC(200));
	fdb_set_age(f, SEC(1000), SEC(400));
	assert_int_equal(fdb_lookup(f, MAC_A, SEC(400)), FDB_NONE);
	assert_int_equal(fdb_lookup(f, MAC_B, SEC(1199)), 1);
	fdb_set_age(f, SEC(10), SEC(1100));
	assert_int_equal(fdb_lookup(f, MAC_B, SEC(1100)), FDB_NONE);
}

static void an_idle_empty_table_wants_nothing(void **state)
{
	struct fdb *f = *state;
	assert_true(fdb_next(f) == TIME_NEVER);
	learn(f, MAC_A, 1, 0);
	assert_true(fdb_next(f) < TIME_NEVER);
	unsigned ticks = 0;
	for (int64_t now; (now = fdb_next(f)) != TIME_NEVER; ticks++)
		fdb_tick(f, now);
	assert_in_range(ticks, 1, 4); /* a handful of wake-ups to forget one station */
}

static void lists_are_sorted_by_fid_and_address(void **state)
{
	struct fdb *f = *state;
	learn(f, fdb_key(MAC_C, 1), 1, SEC(1));
	learn(f, fdb_key(MAC_A, 2), 2, SEC(2));
	learn(f, fdb_key(MAC_A, 1), 3, SEC(3));
	fdb_add(f, fdb_key(MAC_B, 0), 4, FDB_STATIC, SEC(3));
	size_t n;
	struct fdb_entry *l = fdb_list(f, SEC(5), &n);
	assert_int_equal(n, 4);
	static const struct {
		unsigned fid, mac, port, age_s;
	} want[] = {
		{ 0, MAC_B, 4, 0 },
		{ 1, MAC_A, 3, 2 },
		{ 1, MAC_C, 1, 4 },
		{ 2, MAC_A, 2, 3 },
	};
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(l[i].fid, want[i].fid);
		assert_int_equal(l[i].mac[5], want[i].mac);
		assert_int_equal(l[i].port, want[i].port);
		assert_true(l[i].age_ns == SEC(want[i].age_s));
	}
	free(l);
}

static void a_full_table_says_so_and_recovers(void **state)
{
	(void)state;
	struct fdb *f = fdb_new(100, PORTS, SEC(300), 1, 0);
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(learn(f, mac(i), 1, 0), 1);
	assert_int_equal(learn(f, mac(100), 1, 0), -ENOSPC);
	struct fdb_counts c;
	fdb_counts(f, 0, &c);
	assert_int_equal(c.full, 1);
	assert_int_equal(c.entries, 100);
	assert_int_equal(learn(f, mac(0), 2, 1), 1); /* a known one may still move */
	assert_int_equal(fdb_add(f, mac(100), 1, FDB_STATIC, 1), -ENOSPC);
	fdb_flush_port(f, 1);
	for (unsigned i = 100; i < 199;
	     i++) { /* void entries make room: at once or after a sweep */
		if (learn(f, mac(i), 1, SEC(2)) == -ENOSPC) {
			run_ticks(f, SEC(3));
			assert_int_equal(learn(f, mac(i), 1, SEC(3)), 1);
		}
	}
	assert_int_equal(count_at(f, SEC(3)), 100);
	fdb_free(f);
}

static void a_port_has_no_more_addresses_than_it_may(void **state)
{
	struct fdb *f = *state;
	fdb_set_limit(f, 1, 3);
	fdb_add(f, mac(9), 1, FDB_STATIC, 0); /* given by hand: not counted */
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(learn(f, mac(i), 1, SEC(i)), 1);
	assert_int_equal(learn(f, mac(3), 1, SEC(2)), -EDQUOT);
	assert_int_equal(learn(f, mac(2), 1, SEC(100)), 0); /* the known ones stay known */
	assert_int_equal(learn(f, mac(5), 2, SEC(100)), 1);
	assert_int_equal(learn(f, mac(5), 1, SEC(100)), -EDQUOT); /* nor may one move here */
	assert_int_equal(fdb_lookup(f, mac(5), SEC(100)), 2);
	assert_int_equal(learn(f, mac(2), 2, SEC(100)), 1); /* one leaves */
	assert_int_equal(learn(f, mac(3), 1, SEC(100)), 1);
	assert_int_equal(learn(f, mac(4), 1, SEC(299)), -EDQUOT);
	assert_int_equal(learn(f, mac(4), 1, SEC(300)), 1); /* mac(0) has aged this second */
	assert_int_equal(learn(f, mac(6), 1, SEC(300)), -EDQUOT);
	fdb_flush_port(f, 1);
	assert_int_equal(fdb_port_count(f, 1), 0);
	assert_int_equal(learn(f, mac(20), 1, SEC(301)), 1);
}

static void whoever_floods_the_table_displaces_only_himself(void **state)
{
	(void)state;
	struct fdb *f = fdb_new(1000, PORTS, SEC(300), 1, 0);
	int64_t now = 0;
	for (unsigned i = 0; i < 50; i++) /* honest stations */
		assert_int_equal(learn(f, mac(i), 1 + i % 5, now), 1);
	for (unsigned i = 0; i < 50000; i++) { /* port 7 invents addresses */
		int r = learn(f, mac(1000 + i), 7, now);
		assert_true(r == 1 || r == -ENOSPC);
		if (i % 64 == 0)
			run_ticks(f, now += 50 * NS_PER_US);
	}
	for (unsigned i = 0; i < 50; i++)
		assert_int_equal(fdb_lookup(f, mac(i), now), 1 + i % 5);
	for (unsigned i = 50; i < 100; i++) /* newcomers on honest ports still find a place */
		assert_int_equal(learn(f, mac(i), 1 + i % 5, now), 1);
	for (unsigned i = 0; i < 100; i++)
		assert_int_equal(fdb_lookup(f, mac(i), now), 1 + i % 5);
	struct fdb_counts c;
	fdb_counts(f, now, &c);
	assert_int_equal(c.entries, 1000);
	assert_int_equal(c.evicted, 50);
	fdb_free(f);
}

static void a_station_does_not_move_sooner_than_it_may(void **state)
{
	struct fdb *f = *state;
	fdb_set_persist(f, SEC(3));
	assert_int_equal(learn(f, MAC_A, 1, SEC(0)), 1);
	assert_int_equal(learn(f, MAC_A, 2, SEC(2)), -EEXIST);
	assert_int_equal(fdb_lookup(f, MAC_A, SEC(2)), 1);
	assert_int_equal(learn(f, MAC_A, 2, SEC(3)), 1);
	assert_int_equal(fdb_lookup(f, MAC_A, SEC(3)), 2);
}

static void a_million_addresses_are_learned_found_and_forgotten(void **state)
{
	struct fdb *f = *state;
	enum { MANY = 1 << 20 };
	int64_t now = 0;
	for (unsigned i = 0; i < MANY; i++) {
		assert_int_equal(learn(f, mac(i), i % PORTS, now), 1);
		if (i % 64 == 63) { /* the driver ticks between batches */
			now += 50 * NS_PER_US;
			run_ticks(f, now);
		}
	}
	for (unsigned i = 0; i < MANY; i++)
		assert_int_equal(fdb_lookup(f, mac(i), now), i % PORTS);
	struct fdb_counts c;
	fdb_counts(f, now, &c);
	assert_int_equal(c.entries, MANY);
	assert_int_equal(c.full, 0);
	assert_int_equal(c.slots, 2 * MANY);
	assert_int_equal(learn(f, mac(MANY), 1, now), -ENOSPC);
	unsigned ticks = 0;
	for (int64_t at; (at = fdb_next(f)) != TIME_NEVER; ticks++)
		fdb_tick(f, at);
	fdb_counts(f, SEC(2000), &c);
	assert_int_equal(c.entries, 0);
	assert_true(c.slots < MANY); /* and the memory comes back */
	assert_in_range(ticks, 512, 4096);
}

static void each_tick_is_bounded_while_growing(void **state)
{
	struct fdb *f = *state;
	int64_t now = 0;
	unsigned was;
	for (unsigned i = 0; i < 60000; i++) {
		assert_int_equal(learn_was(f, mac(i * 7919ull), i % PORTS, now, &was), 1);
		if (i % 64 == 63)
			fdb_tick(f, now += 50 * NS_PER_US);
		if (i % 997 == 0) /* found in whichever table it lies in now */
			for (unsigned j = 0; j <= i; j += 61)
				assert_int_equal(fdb_lookup(f, mac(j * 7919ull), now), j % PORTS);
	}
}

static void millions_of_flushes_bring_nothing_back(void **state)
{
	struct fdb *f = *state;
	learn(f, MAC_A, 1, 0);
	learn(f, MAC_B, 2, 0);
	fdb_flush_port(f, 2);
	for (unsigned i = 0; i < (1 << 24) + 100; i++) {
		fdb_flush_port(f, 3);
		if (!(i & 0xfffff) || i + 200 > 1 << 24) {
			assert_int_equal(fdb_lookup(f, MAC_A, SEC(1)), 1);
			assert_int_equal(fdb_lookup(f, MAC_B, SEC(1)), FDB_NONE);
		}
	}
}

static void no_stamp_wraps_to_look_young(void **state)
{
	struct fdb *f = *state;
	learn(f, MAC_A, 1, 0);
	int64_t wrap = SEC(1 << 20);
	for (int64_t now = 0; now < wrap + SEC(600); now += SEC(1000))
		run_ticks(f, now);
	for (int64_t s = -2; s < 300; s++)
		assert_int_equal(fdb_lookup(f, MAC_A, wrap + SEC(s)), FDB_NONE);
}

static void a_driver_that_slept_for_twelve_days_is_forgiven(void **state)
{
	struct fdb *f = *state;
	learn(f, MAC_A, 1, 0);
	int64_t wrap = SEC(1 << 20);
	learn(f, MAC_B, 1, wrap); /* the first call after the sleep */
	assert_int_equal(fdb_lookup(f, MAC_A, wrap), FDB_NONE);
}

/* --- the model ---------------------------------------------------------------------------------
 */

enum { MODEL_MACS = 2000, MODEL_FIDS = 3, MODEL_KEYS = MODEL_MACS * MODEL_FIDS };

struct model_entry {
	bool there;
	enum fdb_kind kind;
	unsigned port;
	int64_t seen_s;
};

struct model {
	struct model_entry e[MODEL_KEYS];
	int64_t age_s;
};

static uint64_t model_key(unsigned i)
{
	return fdb_key(mac(i / MODEL_FIDS * 257), i % MODEL_FIDS);
}

static struct model_entry *model_find(struct model *m, unsigned i, int64_t now)
{
	struct model_entry *e = &m->e[i];
	if (e->there && e->kind != FDB_STATIC && now / NS_PER_SEC - e->seen_s >= m->age_s)
		e->there = false;
	return e->there ? e : NULL;
}

static void model_learn(struct model *m, struct fdb *f, unsigned i, unsigned port, int64_t now)
{
	unsigned was;
	struct model_entry *e = model_find(m, i, now);
	int r = learn_was(f, model_key(i), port, now, &was);
	if (!e) {
		assert_int_equal(r, 1);
		assert_int_equal(was, FDB_NONE);
		m->e[i] = (struct model_entry){ true, FDB_LEARNED, port, now / NS_PER_SEC };
		return;
	}
	assert_int_equal(was, e->port);
	if (e->port != port && e->kind != FDB_LEARNED) {
		assert_int_equal(r, -EEXIST);
		return;
	}
	assert_int_equal(r, e->port != port);
	e->port = port;
	e->seen_s = now / NS_PER_SEC;
}

static void model_flush(struct model *m, int port, int fid)
{
	for (unsigned i = 0; i < MODEL_KEYS; i++) {
		struct model_entry *e = &m->e[i];
		if (e->kind != FDB_STATIC && (port < 0 || e->port == (unsigned)port) &&
		    (fid < 0 || i % MODEL_FIDS == (unsigned)fid))
			e->there = false;
	}
}

static void flush_somehow(struct model *m, struct fdb *f, struct dice *d)
{
	unsigned port = (unsigned)dice_below(d, PORTS), fid = (unsigned)dice_below(d, MODEL_FIDS);
	switch (dice_below(d, 4)) {
	case 0:
		fdb_flush_port(f, port);
		model_flush(m, (int)port, -1);
		break;
	case 1:
		fdb_flush_fid(f, fid);
		model_flush(m, -1, (int)fid);
		break;
	case 2:
		fdb_flush_port_fid(f, port, fid);
		model_flush(m, (int)port, (int)fid);
		break;
	default:
		if (dice_below(d, 8) == 0) {
			fdb_flush_all(f);
			model_flush(m, -1, -1);
		}
	}
}

/* What aged may still be counted until a sweep; nothing that lives is ever missing. */
static void compare_port_counts(struct model *m, struct fdb *f, int64_t now)
{
	uint32_t want[PORTS] = { 0 };
	for (unsigned i = 0; i < MODEL_KEYS; i++) {
		struct model_entry *e = model_find(m, i, now);
		if (e && e->kind != FDB_STATIC)
			want[e->port]++;
	}
	for (unsigned p = 0; p < PORTS; p++)
		assert_true(fdb_port_count(f, p) >= want[p]);
	fdb_set_age(f, SEC(m->age_s), now); /* looks at every entry */
	for (unsigned p = 0; p < PORTS; p++)
		assert_int_equal(fdb_port_count(f, p), want[p]);
}

static void compare_lists(struct model *m, struct fdb *f, bool port_counts, int64_t now)
{
	size_t n, want = 0;
	struct fdb_entry *l = fdb_list(f, now, &n);
	for (unsigned i = 0; i < MODEL_KEYS; i++)
		want += model_find(m, i, now) != NULL;
	assert_int_equal(n, want);
	if (port_counts)
		compare_port_counts(m, f, now);
	assert_int_equal(count_at(f, now), want);
	for (size_t i = 1; i < n; i++)
		assert_true(l[i - 1].fid < l[i].fid ||
			    (l[i - 1].fid == l[i].fid && memcmp(l[i - 1].mac, l[i].mac, 6) < 0));
	free(l);
}

static int64_t some_time(struct dice *d)
{
	uint64_t kind = dice_below(d, 400);
	if (kind == 0)
		return (int64_t)dice_below(d, 3 << 20) * NS_PER_SEC; /* over the stamps' wrap */
	if (kind < 8)
		return (int64_t)dice_below(d, 400) * NS_PER_SEC;
	return (int64_t)dice_below(d, 300) * NS_PER_MS;
}

static void step(struct model *m, struct fdb *f, struct dice *d, int64_t now)
{
	unsigned i = (unsigned)dice_below(d, MODEL_KEYS), port = (unsigned)dice_below(d, PORTS);
	uint64_t what = dice_below(d, 100);
	if (what < 60) {
		model_learn(m, f, i, port, now);
	} else if (what < 64) {
		enum fdb_kind kind = (enum fdb_kind)dice_below(d, 3);
		assert_int_equal(fdb_add(f, model_key(i), port, kind, now), 0);
		m->e[i] = (struct model_entry){ true, kind, port, now / NS_PER_SEC };
	} else if (what < 68) {
		assert_int_equal(fdb_del(f, model_key(i), now),
				 model_find(m, i, now) ? 0 : -ENOENT);
		m->e[i].there = false;
	} else if (what == 68) {
		flush_somehow(m, f, d);
	} else if (what == 69 && dice_below(d, 20) == 0) {
		for (unsigned k = 0; k < MODEL_KEYS; k++)
			model_find(m, k, now);
		m->age_s = 1 + (int64_t)dice_below(d, 1000);
		fdb_set_age(f, SEC(m->age_s), now);
	}
	struct model_entry *e = model_find(m, i = (unsigned)dice_below(d, MODEL_KEYS), now);
	assert_int_equal(fdb_lookup(f, model_key(i), now), e ? e->port : FDB_NONE);
}

static void it_does_what_a_plain_model_does(void **state)
{
	(void)state;
	struct dice d = dice_of("fdb-model");
	struct model *m = calloc(1, sizeof *m);
	for (unsigned round = 0; round < 8; round++) {
		memset(m, 0, sizeof *m);
		m->age_s = 300;
		int64_t now = (int64_t)round;
		struct fdb *f = fdb_new(1 << 16, PORTS, SEC(300), dice_bits(&d), 0);
		for (unsigned n = 0; n < 30000; n++) {
			now += some_time(&d);
			run_ticks(f, now);
			step(m, f, &d, now);
			if (n % 1000 == 0)
				compare_lists(m, f, n % 7000 == 0, now);
		}
		fdb_free(f);
	}
	free(m);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(station_is_forgotten_when_silent),
		T(an_age_is_exact_to_a_second_and_never_late),
		T(a_frame_keeps_its_station_alive),
		T(station_moves_to_where_it_speaks),
		T(fids_are_separate_tables),
		T(the_null_address_is_an_address_like_others),
		T(flushing_a_port_leaves_the_others),
		T(flushing_a_fid_leaves_the_others),
		T(flushing_a_port_in_a_fid_touches_nothing_else),
		T(a_static_entry_neither_ages_nor_moves_nor_is_flushed),
		T(a_sticky_entry_does_not_move_but_ages),
		T(a_removed_port_takes_its_static_entries_along),
		T(a_longer_age_brings_nothing_back),
		T(an_idle_empty_table_wants_nothing),
		T(lists_are_sorted_by_fid_and_address),
		T(a_full_table_says_so_and_recovers),
		T(a_port_has_no_more_addresses_than_it_may),
		T(whoever_floods_the_table_displaces_only_himself),
		T(a_station_does_not_move_sooner_than_it_may),
		T(a_million_addresses_are_learned_found_and_forgotten),
		T(each_tick_is_bounded_while_growing),
		T(millions_of_flushes_bring_nothing_back),
		T(no_stamp_wraps_to_look_young),
		T(a_driver_that_slept_for_twelve_days_is_forgiven),
		T(it_does_what_a_plain_model_does),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
