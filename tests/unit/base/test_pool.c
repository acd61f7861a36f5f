/* SPDX-License-Identifier: MIT */
/* test_pool.c - buffers: sizes, limit, growth between batches only, ids, reference counts. */
#include "tests/unit/cmocka.h"

#include <string.h>

#include "lib/base/frame.h"
#include "tests/unit/dice.h"

enum { MANY = 4096 };

static void a_buffer_has_the_room_asked_for(void **state)
{
	(void)state;
	static const struct {
		uint32_t len, size;
	} want[] = {
		{ 0, 256 },     { 1, 256 },     { 256, 256 },    { 257, 2048 },    { 2048, 2048 },
		{ 2049, 9472 }, { 9472, 9472 }, { 9473, 65792 }, { 65792, 65792 },
	};
	struct pool *p = pool_new(SIZE_MAX);
	for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
		struct buf *b = pool_get(p, want[i].len);
		assert_non_null(b);
		assert_int_equal(b->size, want[i].size);
		assert_int_equal(b->refs, 1);
		memset(b->bytes, 0xa5, b->size); /* the sanitizer watches the end */
		buf_unref(b);
	}
	assert_null(pool_get(p, 65793));
	assert_false(pool_ran_dry(p)); /* too long is no shortage */
	pool_free(p);
}

static void buffers_are_zeroed_in_their_first_use(void **state)
{
	(void)state;
	static const uint8_t zero[2048];
	struct pool *p = pool_new(SIZE_MAX);
	struct buf *b = pool_get(p, 2048);
	assert_memory_equal(b->bytes, zero, sizeof zero);
	buf_unref(b);
	pool_free(p);
}

/* How many buffers of `len` can be had before the pool says no; all are given back. */
static size_t drain(struct pool *p, uint32_t len)
{
	static struct buf *taken[65536];
	size_t n = 0;
	while (n < 65536 && (taken[n] = pool_get(p, len)))
		n++;
	for (size_t i = 0; i < n; i++)
		buf_unref(taken[i]);
	return n;
}

static void only_grow_makes_more(void **state)
{
	(void)state;
	struct buf *b[MANY];
	struct pool *p = pool_new(SIZE_MAX);
	size_t first = drain(p, 1500);
	assert_true(pool_ran_dry(p));
	assert_in_range(first, 64, MANY);        /* a whole batch at least */
	assert_int_equal(drain(p, 1500), first); /* asking again makes none */
	for (size_t i = 0; i < first; i++)
		assert_non_null(b[i] = pool_get(p, 1500));
	assert_null(pool_get(p, 1500));
	pool_grow(p);
	size_t more = drain(p, 1500);
	assert_true(more >= first); /* topped up to the mark while all the others are out */
	pool_grow(p);
	assert_int_equal(drain(p, 1500), more); /* at the mark nothing is added */
	for (size_t i = 0; i < first; i++)
		buf_unref(b[i]);
	pool_free(p);
}

static void the_mark_rises_with_the_class(void **state)
{
	(void)state;
	static struct buf *out[MANY];
	struct pool *p = pool_new(SIZE_MAX);
	for (size_t n = 0; n < MANY; n++) {
		out[n] = pool_get(p, 100);
		assert_non_null(out[n]);
		pool_grow(p);
	}
	size_t left = drain(p, 100);
	assert_true(left >= MANY / 4);
	assert_true(left <= MANY); /* and it does not run away */
	for (size_t n = 0; n < MANY; n++)
		buf_unref(out[n]);
	pool_free(p);
}

static void fill_to(size_t limit)
{
	static struct buf *b[MANY];
	struct pool *p = pool_new(limit);
	size_t n = 0, bytes = 0;
	while (n < MANY && (b[n] = pool_get(p, 2048))) {
		bytes += b[n++]->size;
		pool_grow(p);
	}
	assert_in_range(n, 2, MANY - 1);
	assert_true(bytes <= limit);
	assert_true(bytes > limit * 8 / 10); /* and is made use of */
	assert_int_equal(pool_in_use(p), n);
	assert_true(pool_ran_dry(p));
	buf_unref(b[--n]);
	assert_non_null(b[n] = pool_get(p, 2048)); /* one back, one out */
	for (n++; n; n--)
		buf_unref(b[n - 1]);
	pool_free(p);
}

static void the_limit_holds(void **state)
{
	(void)state;
	fill_to(10000);  /* a few buffers */
	fill_to(100000); /* less than a slab */
	fill_to(800000); /* one and a half */
	fill_to(2500000);
	struct pool *p = pool_new(100); /* no buffer fits */
	assert_null(pool_get(p, 14));
	pool_grow(p);
	assert_null(pool_get(p, 14));
	assert_true(pool_ran_dry(p));
	pool_free(p);
}

static void a_larger_buffer_helps_out(void **state)
{
	(void)state;
	struct pool *p = pool_new(SIZE_MAX);
	buf_unref(pool_get(p, 2048)); /* its class is in use now */
	size_t small = 0;
	uint32_t first = 0, last = 0;
	struct buf *b[MANY];
	while (small < MANY && (b[small] = pool_get(p, 200))) {
		last = b[small++]->size;
		first = first ? first : last;
	}
	assert_int_equal(first, 256);
	assert_int_equal(last, 2048);
	while (small)
		buf_unref(b[--small]);
	pool_free(p);
}

/* What a run sees of a pool: ids and sizes, as one number. */
static uint64_t history(uint64_t *longest_id)
{
	struct dice d = dice_of("pool");
	struct pool *p = pool_new(4 << 20);
	static struct buf *held[256];
	uint64_t sum = 0;
	memset(held, 0, sizeof held);
	*longest_id = 0;
	for (int i = 0; i < 20000; i++) {
		size_t k = dice_below(&d, 256);
		uint32_t len = (uint32_t)dice_below(&d, 12) == 0
				       ? 9000
				       : 60 + (uint32_t)dice_below(&d, 1500);
		buf_unref(held[k]);
		held[k] = pool_get(p, len);
		if (held[k]) {
			assert_true(held[k]->size >= len);
			assert_true(held[k]->id > *longest_id); /* never used before */
			*longest_id = held[k]->id;
			sum = sum * 31 + held[k]->id * 7 + held[k]->size;
		}
		if (i % 64 == 0)
			pool_grow(p);
	}
	for (size_t k = 0; k < 256; k++)
		buf_unref(held[k]);
	assert_int_equal(pool_in_use(p), 0);
	pool_free(p);
	return sum;
}

static void ids_are_unique_and_the_same_in_every_run(void **state)
{
	(void)state;
	uint64_t a, b, sum = history(&a);
	assert_int_equal(history(&b), sum);
	assert_int_equal(a, b);
}

static void no_buffer_is_handed_out_twice(void **state)
{
	(void)state;
	struct dice d = dice_of("pool owners");
	struct pool *p = pool_new(1 << 20);
	struct buf *held[128] = { NULL };
	for (int i = 0; i < 20000; i++) {
		size_t k = dice_below(&d, 128);
		if (held[k]) {
			uint64_t mark;
			memcpy(&mark, held[k]->bytes, sizeof mark);
			assert_int_equal(mark, held[k]->id); /* nobody else wrote there */
			buf_unref(held[k]);
		}
		held[k] = pool_get(p, (uint32_t)dice_below(&d, 3000));
		if (held[k])
			memcpy(held[k]->bytes, &held[k]->id, sizeof held[k]->id);
		pool_grow(p);
	}
	for (size_t k = 0; k < 128; k++)
		buf_unref(held[k]);
	pool_free(p);
}

static void a_shared_buffer_goes_back_with_its_last_owner(void **state)
{
	(void)state;
	struct pool *p = pool_new(SIZE_MAX);
	struct buf *b = buf_ref(buf_ref(pool_get(p, 64)));
	assert_int_equal(pool_in_use(p), 1);
	buf_unref(b);
	buf_unref(b);
	assert_int_equal(pool_in_use(p), 1);
	buf_unref(b);
	assert_int_equal(pool_in_use(p), 0);
	buf_unref(NULL);
	pool_free(p);
	pool_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_buffer_has_the_room_asked_for),
		cmocka_unit_test(buffers_are_zeroed_in_their_first_use),
		cmocka_unit_test(only_grow_makes_more),
		cmocka_unit_test(the_mark_rises_with_the_class),
		cmocka_unit_test(the_limit_holds),
		cmocka_unit_test(a_larger_buffer_helps_out),
		cmocka_unit_test(ids_are_unique_and_the_same_in_every_run),
		cmocka_unit_test(no_buffer_is_handed_out_twice),
		cmocka_unit_test(a_shared_buffer_goes_back_with_its_last_owner),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
