/* SPDX-License-Identifier: MIT */
/* test_account.c - the account of a flow against a plain model, and the stamp in the payload. */
#include "lab/station/account.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/stream.h"

enum { SEED = 3, NUMBERS = 30000 };

static void stamp_is_read_back_and_laid_out_as_written_down(void **state)
{
	(void)state;
	static const uint8_t want[26] = { 'D', 'W', 'f', 'l', 0, 0, 0, 0, 0, 0, 0, 0, 0,
					  0,   1,   2,   0,   0, 0, 0, 0, 0, 0, 1, 0, 0 };
	uint8_t out[26];
	struct flow_stamp f = { .seq = 0x102, .sent_ns = 1 }, back;
	memset(out, 0xee, sizeof out);
	flow_stamp_write(&f, out, sizeof out);
	assert_memory_equal(out, want, sizeof want);
	assert_true(flow_stamp_read(&back, out, sizeof out));
	assert_int_equal(back.seq, 0x102);
	assert_int_equal(back.sent_ns, 1);
	for (size_t cut = 0; cut < FLOW_PAYLOAD_MIN; cut++)
		assert_false(flow_stamp_read(&back, out, cut));
	out[8] = 0x80; /* a number that nobody reaches */
	assert_false(flow_stamp_read(&back, out, sizeof out));
	out[8] = 0;
	out[0] = 'd';
	assert_false(flow_stamp_read(&back, out, sizeof out));
}

/* Numbers in a muddled order within the window, with copies and losses: every one is known. */
static void account_agrees_with_a_plain_model(void **state)
{
	(void)state;
	static bool seen[NUMBERS + ACCOUNT_WINDOW];
	struct stream chance = stream_of(SEED, "numbers");
	struct account *a = account_new(0);
	struct flow_account want = { 0 }, got;
	for (uint64_t n = 0; n < NUMBERS; n++) {
		uint64_t base = n > ACCOUNT_WINDOW / 4 ? n - ACCOUNT_WINDOW / 4 : 0;
		uint64_t seq = base + draw_below(chance, n, 0, ACCOUNT_WINDOW / 2);
		if (seen[seq]) {
			want.duplicated++;
		} else {
			want.received++;
			want.reordered += seq < want.highest;
		}
		seen[seq] = true;
		if (seq >= want.highest)
			want.highest = seq + 1;
		account_take(a, &(struct flow_stamp){ .seq = seq }, (int64_t)n);
	}
	account_read(a, &got);
	assert_int_equal(got.received, want.received);
	assert_int_equal(got.duplicated, want.duplicated);
	assert_int_equal(got.reordered, want.reordered);
	assert_int_equal(got.highest, want.highest);
	account_free(a);
}

static void gap_counts_only_between_new_numbers(void **state)
{
	(void)state;
	struct account *a = account_new(100);
	struct flow_account got;
	account_take(a, &(struct flow_stamp){ .seq = 0, .sent_ns = 100 }, 150);
	account_take(a, &(struct flow_stamp){ .seq = 0, .sent_ns = 100 }, 500); /* a copy */
	account_take(a, &(struct flow_stamp){ .seq = 1, .sent_ns = 100 }, 600);
	account_read(a, &got);
	assert_int_equal(got.started_ns, 100);
	assert_int_equal(got.longest_gap_ns, 450);
	assert_int_equal(got.last_ns, 600);
	assert_int_equal(got.duplicated, 1);
	account_free(a);
}

static void jump_over_the_whole_window_forgets_it(void **state)
{
	(void)state;
	struct account *a = account_new(0);
	struct flow_account got;
	account_take(a, &(struct flow_stamp){ .seq = 5 }, 1);
	account_take(a, &(struct flow_stamp){ .seq = 5 + 3 * ACCOUNT_WINDOW }, 2);
	account_take(a, &(struct flow_stamp){ .seq = 5 + 2 * ACCOUNT_WINDOW + 1 },
		     3);                                      /* the oldest told apart */
	account_take(a, &(struct flow_stamp){ .seq = 5 }, 4); /* beyond memory */
	account_read(a, &got);
	assert_int_equal(got.received, 4);
	assert_int_equal(got.reordered, 2);
	assert_int_equal(got.duplicated, 0);
	account_free(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stamp_is_read_back_and_laid_out_as_written_down),
		cmocka_unit_test(account_agrees_with_a_plain_model),
		cmocka_unit_test(gap_counts_only_between_new_numbers),
		cmocka_unit_test(jump_over_the_whole_window_forgets_it),
	};
	printf("# seed %d\n", SEED);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
