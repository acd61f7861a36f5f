/* SPDX-License-Identifier: MIT */
/* test_wire.c - the checked cursors: byte order, and nothing happens past the end. */
#include "tests/unit/cmocka.h"

#include <stdlib.h>

#include "lib/base/wire.h"

static void numbers_have_network_order(void **state)
{
	(void)state;
	uint8_t out[15];
	struct wr w = wr_over(out, sizeof out);
	wr_u8(&w, 0x01);
	wr_be16(&w, 0x0203);
	wr_be32(&w, 0x04050607);
	wr_be64(&w, UINT64_C(0x08090a0b0c0d0e0f));
	assert_false(w.bad);
	assert_int_equal(wr_len(&w), 15);
	for (size_t i = 0; i < sizeof out; i++)
		assert_int_equal(out[i], i + 1);
	struct rd r = rd_over(out, sizeof out);
	assert_int_equal(rd_u8(&r), 0x01);
	assert_int_equal(rd_be16(&r), 0x0203);
	assert_int_equal(rd_be32(&r), 0x04050607);
	assert_int_equal(rd_be64(&r), UINT64_C(0x08090a0b0c0d0e0f));
	assert_false(r.bad);
	assert_int_equal(rd_left(&r), 0);
}

static void host_numbers_come_back(void **state)
{
	(void)state;
	uint8_t out[6];
	struct wr w = wr_over(out, sizeof out);
	wr_host16(&w, 0xfeed);
	wr_host32(&w, 0xfeedface);
	struct rd r = rd_over(out, sizeof out);
	assert_int_equal(rd_host16(&r), 0xfeed);
	assert_int_equal(rd_host32(&r), 0xfeedface);
	assert_false(w.bad || r.bad);
}

/* On exact heap blocks, so that the sanitizer sees any byte too far. */
static void reading_past_the_end_gives_zero_and_stays_bad(void **state)
{
	(void)state;
	for (size_t len = 0; len < 8; len++) {
		volatile size_t hidden = len; /* or gcc warns of the reading that never happens */
		uint8_t *bytes = malloc(hidden ? hidden : 1);
		memset(bytes, 0xff, len);
		struct rd r = rd_over(bytes, len);
		uint8_t out[8] = { 1, 1, 1, 1, 1, 1, 1, 1 };
		rd_bytes(&r, out, sizeof out);
		for (size_t i = 0; i < sizeof out; i++)
			assert_int_equal(out[i], 0);
		assert_true(r.bad);
		assert_int_equal(rd_u8(&r), 0); /* also what would have fitted */
		assert_null(rd_take(&r, 0));
		assert_true(r.bad);
		free(bytes);
	}
}

static void writing_past_the_end_does_nothing_and_stays_bad(void **state)
{
	(void)state;
	volatile size_t len =
		3; /* not to be known before it runs, or gcc warns of what cannot be */
	uint8_t *room = calloc(1, len);
	struct wr w = wr_over(room, len);
	wr_be16(&w, 0xaabb);
	wr_be16(&w, 0xccdd);
	assert_true(w.bad);
	wr_u8(&w, 0xee); /* this one would fit */
	assert_int_equal(wr_len(&w), 2);
	assert_int_equal(room[2], 0);
	free(room);
}

static void no_bytes_at_all_are_no_trouble(void **state)
{
	(void)state;
	struct rd r = rd_over(NULL, 0);
	assert_int_equal(rd_left(&r), 0);
	rd_take(&r, 0);
	assert_false(r.bad);
	assert_int_equal(rd_be64(&r), 0);
	assert_true(r.bad);
	struct wr w = wr_over(NULL, 0);
	wr_bytes(&w, NULL, 0);
	wr_zero(&w, 0);
	assert_false(w.bad);
	wr_u8(&w, 1);
	assert_true(w.bad);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_have_network_order),
		cmocka_unit_test(host_numbers_come_back),
		cmocka_unit_test(reading_past_the_end_gives_zero_and_stays_bad),
		cmocka_unit_test(writing_past_the_end_does_nothing_and_stays_bad),
		cmocka_unit_test(no_bytes_at_all_are_no_trouble),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
