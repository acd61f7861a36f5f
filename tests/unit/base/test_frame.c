/* SPDX-License-Identifier: MIT */
/* test_frame.c - headers read once, frames kept, frames sent with another header. */
#include "tests/unit/cmocka.h"

#include <errno.h>
#include <string.h>

#include "lib/base/frame.h"
#include "tests/unit/dice.h"

#define ADDRESSES 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1

static const uint8_t untagged[] = { ADDRESSES, 0x08, 0x00, 'd', 'a', 't', 'a' };
static const uint8_t tagged[] = {
	ADDRESSES, 0x81, 0x00, 0xa0, 0x0a, 0x08, 0x00, 'd', 'a', 't', 'a'
};
static const uint8_t stacked[] = { ADDRESSES, 0x88, 0xa8, 0x00, 0x64, 0x81, 0x00, 0x00,
				   0x0a,      0x86, 0xdd, 'd',  'a',  't',  'a' };
static const uint8_t triple[] = { ADDRESSES, 0x88, 0xa8, 0x00, 0x64, 0x81, 0x00, 0x00,
				  0x0a,      0x81, 0x00, 0x00, 0x14, 0x08, 0x00, 'x' };

static void addresses_and_tags_are_read(void **state)
{
	(void)state;
	bool ok;
	struct frame f = frame_over(untagged, sizeof untagged, &ok);
	assert_true(ok);
	assert_memory_equal(f.mac, untagged, 12);
	assert_int_equal(f.ntags, 0);
	assert_int_equal(f.segs, 1);
	f = frame_over(tagged, sizeof tagged, &ok);
	assert_true(ok);
	assert_int_equal(f.ntags, 1);
	assert_int_equal(f.tag[0].tpid, 0x8100);
	assert_int_equal(f.tag[0].tci, 0xa00a);
	f = frame_over(stacked, sizeof stacked, &ok);
	assert_true(ok);
	assert_int_equal(f.ntags, 2);
	assert_int_equal(f.tag[0].tpid, 0x88a8);
	assert_int_equal(f.tag[0].tci, 0x0064);
	assert_int_equal(f.tag[1].tpid, 0x8100);
	assert_int_equal(f.tag[1].tci, 0x000a);
}

static void a_third_tag_is_payload(void **state)
{
	(void)state;
	bool ok;
	struct frame f = frame_over(triple, sizeof triple, &ok);
	assert_true(ok);
	assert_int_equal(f.ntags, 2);
	/* even when it is cut off: nobody here reads it */
	f = frame_over(triple, 22, &ok);
	assert_true(ok);
	assert_int_equal(f.ntags, 2);
}

static void runts_and_cut_tags_have_no_header(void **state)
{
	(void)state;
	static const struct {
		const uint8_t *bytes;
		size_t size, least; /* the shortest length that has a whole header */
	} cases[] = {
		{ untagged, sizeof untagged, 14 },
		{ tagged, sizeof tagged, 18 },
		{ stacked, sizeof stacked, 22 },
	};
	static const struct tag none[2];
	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		for (size_t len = 0; len <= cases[c].size; len++) {
			uint8_t *exact = malloc(len ? len : 1); /* the sanitizer watches the end */
			memcpy(exact, cases[c].bytes, len);
			bool ok;
			struct frame f = frame_over(exact, len, &ok);
			assert_int_equal(ok, len >= cases[c].least);
			assert_int_equal(f.len, len);
			if (!ok) {
				assert_int_equal(f.ntags, 0);
				assert_memory_equal(f.tag, none, sizeof none);
			}
			free(exact);
		}
	}
	frame_over(untagged, 3, NULL); /* who does not ask is not told */
	bool ok;
	frame_over(NULL, 0, &ok);
	assert_false(ok);
}

static void parsing_keeps_what_is_not_in_the_bytes(void **state)
{
	(void)state;
	struct frame f;
	memset(&f, 0xee, sizeof f);
	f.data = tagged;
	f.len = sizeof tagged;
	f.buf = NULL;
	f.rx_ns = 77;
	f.port = 5;
	assert_true(frame_parse(&f));
	assert_int_equal(f.rx_ns, 77);
	assert_int_equal(f.port, 5);
	assert_int_equal(f.vid | f.prio | f.flags, 0);
	assert_int_equal(f.segs, 1);
	assert_int_equal(f.gso_size & f.csum_start & f.csum_off, 0xeeee); /* left to be finished */
	assert_int_equal(f.tag[1].tpid | f.tag[1].tci, 0);
}

static void a_plain_txv_sends_the_very_same_bytes(void **state)
{
	(void)state;
	static const struct {
		const uint8_t *bytes;
		uint32_t size;
	} cases[] = { { untagged, sizeof untagged },
		      { tagged, sizeof tagged },
		      { stacked, sizeof stacked },
		      { triple, sizeof triple } };
	for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
		struct frame f = frame_over(cases[c].bytes, cases[c].size, NULL);
		struct txv v = txv_plain(&f);
		uint8_t out[64];
		assert_int_equal(txv_len(&v), cases[c].size);
		txv_copy(&v, out);
		assert_memory_equal(out, cases[c].bytes, cases[c].size);
	}
}

/* The txv of `f` with its outer tag taken off, or with one put on. */
static struct txv other_header(const struct frame *f, bool pop)
{
	struct frame g = *f;
	if (pop) {
		g.tag[0] = g.tag[1];
		g.ntags--;
	} else {
		g.tag[1] = g.tag[0];
		g.tag[0] = (struct tag){ .tpid = 0x88a8, .tci = 0x0123 };
		g.ntags++;
	}
	struct txv v = txv_plain(&g);
	v.f = f;
	return v;
}

static void a_borrowed_frame_is_copied_when_kept(void **state)
{
	(void)state;
	struct pool *p = pool_new(SIZE_MAX);
	uint8_t ring[sizeof tagged];
	memcpy(ring, tagged, sizeof ring);
	struct frame f = frame_over(ring, sizeof ring, NULL);
	f.rx_ns = 9;
	assert_int_equal(frame_keep(&f, p), 0);
	memset(ring, 0, sizeof ring); /* the ring goes on */
	assert_memory_equal(f.data, tagged, sizeof tagged);
	assert_int_equal(f.rx_ns, 9);
	assert_int_equal(f.ntags, 1);
	assert_int_equal(f.buf->refs, 1);
	buf_unref(f.buf);
	pool_free(p);
}

static void a_pooled_frame_is_shared_when_kept(void **state)
{
	(void)state;
	struct pool *p = pool_new(SIZE_MAX);
	struct frame f = frame_over(tagged, sizeof tagged, NULL);
	assert_int_equal(frame_keep(&f, p), 0);
	struct frame g = f;
	assert_int_equal(frame_keep(&g, p), 0);
	assert_ptr_equal(g.buf, f.buf);
	assert_ptr_equal(g.data, f.data);
	assert_int_equal(f.buf->refs, 2);
	assert_int_equal(pool_in_use(p), 1);
	buf_unref(f.buf);
	buf_unref(g.buf);
	pool_free(p);
}

static void keeping_without_buffers_leaves_the_frame_alone(void **state)
{
	(void)state;
	struct pool *p = pool_new(0);
	struct frame f = frame_over(tagged, sizeof tagged, NULL), before = f, out = f;
	struct txv v = other_header(&f, true);
	assert_int_equal(frame_keep(&f, p), -ENOBUFS);
	assert_memory_equal(&f, &before, sizeof f);
	assert_int_equal(frame_keep_txv(&out, &v, p), -ENOBUFS);
	assert_memory_equal(&out, &before, sizeof out);
	pool_free(p);
}

static void a_kept_txv_has_the_new_header_in_its_bytes(void **state)
{
	(void)state;
	struct pool *p = pool_new(SIZE_MAX);
	struct frame f = frame_over(tagged, sizeof tagged, NULL), out;
	f.rx_ns = 5;
	f.vid = 10;
	f.prio = 3;
	f.flags = FRAME_CONTROL;
	f.csum_start = 40;
	struct txv v = other_header(&f, true);
	assert_int_equal(frame_keep_txv(&out, &v, p), 0);
	assert_int_equal(out.len, sizeof untagged);
	assert_memory_equal(out.data, untagged, sizeof untagged);
	assert_int_equal(out.ntags, 0);
	assert_int_equal(out.csum_start, 36);
	assert_int_equal(out.rx_ns, 5);
	assert_int_equal(out.vid, 10);
	assert_int_equal(out.prio, 3);
	assert_int_equal(out.flags, FRAME_CONTROL);
	buf_unref(out.buf);
	v = other_header(&f, false);
	assert_int_equal(frame_keep_txv(&out, &v, p), 0);
	assert_int_equal(out.len, sizeof tagged + 4);
	assert_int_equal(out.ntags, 2);
	assert_int_equal(out.tag[0].tci, 0x0123);
	assert_int_equal(out.tag[1].tci, 0xa00a);
	assert_int_equal(out.csum_start, 44);
	buf_unref(out.buf);
	pool_free(p);
}

static void a_kept_txv_with_the_old_header_shares_the_buffer(void **state)
{
	(void)state;
	struct pool *p = pool_new(SIZE_MAX);
	struct frame f = frame_over(stacked, sizeof stacked, NULL), out;
	assert_int_equal(frame_keep(&f, p), 0);
	struct txv v = txv_plain(&f);
	assert_int_equal(frame_keep_txv(&out, &v, p), 0);
	assert_ptr_equal(out.buf, f.buf);
	buf_unref(out.buf);
	f.mac[0] ^= 1; /* decided otherwise: its own copy */
	v = txv_plain(&f);
	assert_int_equal(frame_keep_txv(&out, &v, p), 0);
	assert_ptr_not_equal(out.buf, f.buf);
	assert_memory_equal(out.data, f.mac, 12);
	buf_unref(out.buf);
	buf_unref(f.buf);
	assert_int_equal(pool_in_use(p), 0);
	pool_free(p);
}

static void a_txv_that_would_end_inside_a_tag_is_not_kept(void **state)
{
	(void)state;
	struct pool *p = pool_new(SIZE_MAX);
	struct frame f = frame_over(triple, 22, NULL),
		     out; /* the third tag is cut: payload so far */
	struct txv v = other_header(&f, true);
	assert_int_equal(frame_keep_txv(&out, &v, p), -EINVAL);
	assert_int_equal(pool_in_use(p), 0);
	pool_free(p);
}

/* Any bytes, any header: what is kept reads back as what was sent. */
static void random_frames_survive_keeping(void **state)
{
	(void)state;
	static const uint8_t tpids[2][2] = { { 0x81, 0x00 }, { 0x88, 0xa8 } };
	struct dice d = dice_of("frames");
	struct pool *p = pool_new(SIZE_MAX);
	for (int i = 0; i < 5000; i++) {
		uint8_t bytes[80], want[100];
		size_t len = dice_below(&d, sizeof bytes);
		for (size_t k = 0; k < len; k++)
			bytes[k] = (uint8_t)dice_bits(&d);
		for (size_t k = 12; k + 2 <= len && k <= 20; k += 4)
			if (dice_below(&d, 2))
				memcpy(bytes + k, tpids[dice_below(&d, 2)], 2);
		bool ok;
		struct frame f = frame_over(bytes, len, &ok), out;
		if (!ok || f.ntags == 2)
			continue;
		struct txv v = other_header(&f, f.ntags && dice_below(&d, 2));
		txv_copy(&v, want);
		int r = frame_keep_txv(&out, &v, p);
		assert_int_equal(r, 0);
		assert_int_equal(out.len, txv_len(&v));
		assert_memory_equal(out.data, want, out.len);
		buf_unref(out.buf);
		pool_grow(p);
	}
	pool_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_and_tags_are_read),
		cmocka_unit_test(a_third_tag_is_payload),
		cmocka_unit_test(runts_and_cut_tags_have_no_header),
		cmocka_unit_test(parsing_keeps_what_is_not_in_the_bytes),
		cmocka_unit_test(a_plain_txv_sends_the_very_same_bytes),
		cmocka_unit_test(a_borrowed_frame_is_copied_when_kept),
		cmocka_unit_test(a_pooled_frame_is_shared_when_kept),
		cmocka_unit_test(keeping_without_buffers_leaves_the_frame_alone),
		cmocka_unit_test(a_kept_txv_has_the_new_header_in_its_bytes),
		cmocka_unit_test(a_kept_txv_with_the_old_header_shares_the_buffer),
		cmocka_unit_test(a_txv_that_would_end_inside_a_tag_is_not_kept),
		cmocka_unit_test(random_frames_survive_keeping),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
