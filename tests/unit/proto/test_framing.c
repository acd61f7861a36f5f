/* SPDX-License-Identifier: MIT */
/* test_framing.c - the same bytes give the same frames, whatever way they were cut up. */
#include "tests/unit/cmocka.h"

#include <errno.h>
#include <string.h>

#include "lib/proto/framing.h"
#include "tests/unit/dice.h"

enum { MAX = 9234, STREAM_ROOM = 400000 };

struct stream_bytes {
	uint8_t bytes[STREAM_ROOM];
	size_t len;
};

static void put_frame(struct stream_bytes *s, unsigned head, uint32_t len, uint8_t fill)
{
	assert_true(s->len + head + len <= sizeof s->bytes);
	frame_head(s->bytes + s->len, head, len);
	memset(s->bytes + s->len + head, fill, len);
	if (len > 1)
		s->bytes[s->len + head + len - 1] = (uint8_t)~fill; /* its end must be its end */
	s->len += head + len;
}

/* What came out, folded into one number that depends on every length and byte. */
struct result {
	uint64_t frames, sum, oversize, pending;
};

static void take_frames(struct deframe *d, struct result *r)
{
	const uint8_t *frame;
	uint32_t len;
	while (deframe_next(d, &frame, &len) == 1) {
		r->frames++;
		r->sum = r->sum * 31 + len;
		for (uint32_t i = 0; i < len; i++)
			r->sum = r->sum * 31 + frame[i];
	}
}

/* Feeds `s` in pieces; `next_piece` says how long the next one is (0: all that is left). */
static struct result feed(const struct stream_bytes *s, unsigned head, size_t (*next_piece)(void *),
			  void *ctx)
{
	struct result r = { 0 };
	struct deframe d;
	assert_int_equal(deframe_init(&d, head, MAX), 0);
	for (size_t at = 0; at < s->len;) {
		size_t room, n = next_piece(ctx);
		uint8_t *to = deframe_space(&d, &room);
		assert_true(room >= head + MAX);
		if (!n || n > s->len - at)
			n = s->len - at;
		if (n > room)
			n = room;
		memcpy(to, s->bytes + at, n);
		deframe_filled(&d, n);
		at += n;
		take_frames(&d, &r);
	}
	r.oversize = d.oversize;
	r.pending = deframe_pending(&d);
	deframe_fini(&d);
	return r;
}

static size_t whole(void *ctx)
{
	(void)ctx;
	return 0;
}

static size_t once_then_whole(void *ctx)
{
	size_t *n = ctx, piece = *n;
	*n = 0;
	return piece;
}

static size_t byte_by_byte(void *ctx)
{
	(void)ctx;
	return 1;
}

static size_t random_piece(void *ctx)
{
	struct dice *d = ctx;
	return 1 + dice_below(d, dice_below(d, 2) ? 4 : 12000);
}

static void assert_same(struct result a, struct result b)
{
	assert_int_equal(a.frames, b.frames);
	assert_int_equal(a.sum, b.sum);
	assert_int_equal(a.oversize, b.oversize);
	assert_int_equal(a.pending, b.pending);
}

static void every_cut_in_two_gives_the_same_frames(void **state)
{
	(void)state;
	for (unsigned head = 2; head <= 4; head += 2) {
		static struct stream_bytes s;
		s.len = 0;
		put_frame(&s, head, 60, 1);
		put_frame(&s, head, 0, 0);
		put_frame(&s, head, 1, 2);
		if (head == 2)
			put_frame(&s, head, MAX + 1, 3);
		put_frame(&s, head, 300, 4);
		struct result all = feed(&s, head, whole, NULL);
		assert_int_equal(all.frames, 3);
		assert_int_equal(all.oversize, head == 2);
		for (size_t cut = 1; cut < s.len; cut++) {
			size_t first = cut;
			assert_same(feed(&s, head, once_then_whole, &first), all);
		}
		assert_same(feed(&s, head, byte_by_byte, NULL), all);
	}
}

static void random_cuts_of_random_streams_give_the_same_frames(void **state)
{
	(void)state;
	static struct stream_bytes s;
	struct dice d = dice_of("framing");
	for (int round = 0; round < 60; round++) {
		unsigned head = dice_below(&d, 2) ? 2 : 4;
		s.len = 0;
		for (unsigned i = 0; i < 20; i++) {
			uint32_t max = head == 2 && dice_below(&d, 5) == 0 ? 19000 : MAX;
			put_frame(&s, head, (uint32_t)dice_below(&d, max + 1), (uint8_t)i);
		}
		s.len -= dice_below(&d, 50); /* the last one may be cut off */
		struct result all = feed(&s, head, whole, NULL);
		for (int i = 0; i < 10; i++)
			assert_same(feed(&s, head, random_piece, &d), all);
	}
}

static void the_longest_frame_passes_and_one_byte_more_is_skipped_in_step(void **state)
{
	(void)state;
	static struct stream_bytes s;
	struct deframe d;
	size_t room;
	const uint8_t *frame;
	uint32_t len;
	s.len = 0;
	put_frame(&s, 2, MAX, 7);
	put_frame(&s, 2, MAX + 1, 8);
	put_frame(&s, 2, UINT16_MAX, 8);
	put_frame(&s, 2, 14, 9);
	assert_int_equal(deframe_init(&d, 2, MAX), 0);
	unsigned seen = 0;
	for (size_t at = 0; at < s.len;) {
		uint8_t *to = deframe_space(&d, &room);
		size_t n = room < s.len - at ? room : s.len - at;
		memcpy(to, s.bytes + at, n);
		deframe_filled(&d, n);
		at += n;
		while (deframe_next(&d, &frame, &len) == 1) {
			assert_int_equal(len, seen ? 14 : MAX);
			assert_int_equal(frame[0], seen ? 9 : 7);
			seen++;
		}
	}
	assert_int_equal(seen, 2);
	assert_int_equal(d.oversize, 2);
	assert_int_equal(deframe_pending(&d), 0);
	deframe_fini(&d);
}

static void an_impossible_length_of_four_bytes_says_close(void **state)
{
	(void)state;
	struct deframe d;
	size_t room;
	const uint8_t *frame;
	uint32_t len;
	assert_int_equal(deframe_init(&d, 4, MAX), 0);
	frame_head(deframe_space(&d, &room), 4, MAX + 1);
	deframe_filled(&d, 4);
	assert_int_equal(deframe_next(&d, &frame, &len), -EMSGSIZE);
	assert_int_equal(deframe_next(&d, &frame, &len), -EMSGSIZE); /* it stays beyond belief */
	deframe_fini(&d);
}

static void a_length_cut_in_the_middle_is_pending(void **state)
{
	(void)state;
	struct deframe d;
	size_t room;
	const uint8_t *frame;
	uint32_t len;
	assert_int_equal(deframe_init(&d, 2, MAX), 0);
	deframe_space(&d, &room)[0] = 0;
	deframe_filled(&d, 1);
	assert_int_equal(deframe_next(&d, &frame, &len), 0);
	assert_int_equal(deframe_pending(&d), 1);
	deframe_fini(&d);
}

static void lengths_are_big_endian(void **state)
{
	(void)state;
	uint8_t b[4];
	frame_head(b, 2, 0x0102);
	assert_memory_equal(b, "\x01\x02", 2);
	frame_head(b, 4, 0x01020304);
	assert_memory_equal(b, "\x01\x02\x03\x04", 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cut_in_two_gives_the_same_frames),
		cmocka_unit_test(random_cuts_of_random_streams_give_the_same_frames),
		cmocka_unit_test(the_longest_frame_passes_and_one_byte_more_is_skipped_in_step),
		cmocka_unit_test(an_impossible_length_of_four_bytes_says_close),
		cmocka_unit_test(a_length_cut_in_the_middle_is_pending),
		cmocka_unit_test(lengths_are_big_endian),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
