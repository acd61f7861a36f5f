/* SPDX-License-Identifier: MIT */
/* test_fdb.c - the address table: ageing, flushing, limits, growing, wrapping. */
#include "tests/unit/bridge/fdb_rig.h"

enum { MAC_A = 0x02, MAC_B = 0x04, MAC_C = 0x06 };

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

static int learn(struct fdb *f, uint64_t key, unsigned port, int64_t now)
{
	unsigned was;
	return learn_was(f, key, port, now, &was);
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
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
