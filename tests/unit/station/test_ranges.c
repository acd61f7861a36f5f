/* SPDX-License-Identifier: MIT */
/* test_ranges.c - early pieces of a stream against a plain map of bytes. */
#include "lab/station/ranges.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/stream.h"

enum { SEED = 5, BYTES = 600 };

static void ranges_agree_with_a_map_of_bytes(void **state)
{
	(void)state;
	struct stream chance = stream_of(SEED, "pieces");
	for (unsigned run = 0; run < 200; run++) {
		struct ranges r = { 0 };
		bool here[BYTES + 16] = { 0 };
		uint64_t at = 0;
		for (unsigned n = 0; n < 400; n++) {
			uint64_t from = at + draw_below(chance, run * 1000 + n, 0, 80);
			uint64_t to = from + draw_below(chance, run * 1000 + n, 1, 12);
			if (to > BYTES)
				break;
			if (from > at) {
				if (ranges_add(&r, from, to))
					memset(here + from, 1, to - from);
				continue;
			}
			memset(here + from, 1, to - from);
			at = ranges_join(&r, to > at ? to : at);
			uint64_t want = 0;
			while (here[want])
				want++;
			assert_int_equal(at, want > at ? want : at);
			assert_true(want <= at);
		}
		for (unsigned i = 1; i < r.count; i++) /* disjoint, in order, never touching */
			assert_true(r.v[i - 1].to < r.v[i].from && r.v[i].from < r.v[i].to);
	}
}

static void too_many_pieces_are_refused_and_harmless(void **state)
{
	(void)state;
	struct ranges r = { 0 };
	for (uint64_t i = 0; i < RANGES_MAX; i++)
		assert_true(ranges_add(&r, 10 * i + 1, 10 * i + 5));
	assert_false(ranges_add(&r, 10 * RANGES_MAX + 1, 10 * RANGES_MAX + 2));
	assert_true(ranges_add(&r, 3, 25)); /* melts three into one: room again */
	assert_int_equal(r.count, RANGES_MAX - 2);
	assert_int_equal(ranges_join(&r, 1), 25);
	assert_int_equal(r.count, RANGES_MAX - 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges_agree_with_a_map_of_bytes),
		cmocka_unit_test(too_many_pieces_are_refused_and_harmless),
	};
	printf("# seed %d\n", SEED);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
