/* SPDX-License-Identifier: MIT */
/* test_segment.c - the TCP header and its options on bytes worked out by hand; the bulk pattern. */
#include "lab/station/segment.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "lab/station/pattern.h"

#define IP_A UINT32_C(0x0a000001)
#define IP_B UINT32_C(0x0a000002)

/* 1024 to 80, sequence 0x01020304, SYN, window 65535, MSS 1460, scale 7. By hand, with the pseudo
 * header 0a00+0001+0a00+0002+0006+001c = 1425: 0400+0050+0102+0304+0000+0000+7002+ffff+0000+0000
 * = 17857, options 0204+05b4+0103+0307 = 0bc2; all 1983e, folded 983f, complement 67c0. */
static const uint8_t syn[28] = {
	0x04, 0x00, 0x00, 0x50, 1, 2, 3, 4, 0,    0,    0, 0, 0x70, 0x02,
	0xff, 0xff, 0x67, 0xc0, 0, 0, 2, 4, 0x05, 0xb4, 1, 3, 3,    7,
};

static enum segment_verdict read_it(struct segment *g, const uint8_t *bytes, size_t len)
{
	struct ipv4 ip = { .src = IP_A, .dst = IP_B, .proto = IPPROTO_OF_TCP };
	ip.payload = bytes;
	ip.len = (uint16_t)len;
	return segment_read(g, &ip);
}

/* The same after `at` became `byte`, with the checksum made right again. */
static enum segment_verdict read_with(struct segment *g, size_t at, uint8_t byte)
{
	uint8_t b[28];
	memcpy(b, syn, sizeof b);
	b[at] = byte;
	b[16] = b[17] = 0;
	uint64_t sum = inet_sum(ipv4_pseudo_sum(IP_A, IP_B, IPPROTO_OF_TCP, 28), b, 28);
	b[16] = (uint8_t)(inet_checksum(sum) >> 8);
	b[17] = (uint8_t)inet_checksum(sum);
	return read_it(g, b, 28);
}

static void syn_is_read_with_its_options(void **state)
{
	(void)state;
	struct segment g;
	assert_int_equal(read_it(&g, syn, sizeof syn), SEGMENT_GOOD);
	assert_int_equal(g.src, 1024);
	assert_int_equal(g.dst, 80);
	assert_int_equal(g.seq, 0x01020304);
	assert_int_equal(g.flags, TCP_SYN);
	assert_int_equal(g.window, 65535);
	assert_int_equal(g.mss, 1460);
	assert_true(g.scales);
	assert_int_equal(g.scale, 7);
	assert_int_equal(g.len, 0);
}

static void syn_is_written_as_by_hand(void **state)
{
	(void)state;
	struct segment g = { .src = 1024, .dst = 80, .seq = 0x01020304, .flags = TCP_SYN };
	uint8_t out[28];
	struct wr w = wr_over(out, sizeof out);
	g.window = 65535;
	g.mss = 1460;
	g.scales = true;
	g.scale = 7;
	segment_write(&w, &g);
	assert_false(w.bad);
	assert_int_equal(wr_len(&w), sizeof out);
	out[16] = 0x67;
	out[17] = 0xc0;
	assert_memory_equal(out, syn, sizeof syn);
}

static void headers_that_cannot_be_are_malformed(void **state)
{
	(void)state;
	struct segment g;
	for (size_t cut = 0; cut < 28; cut++)
		assert_int_not_equal(read_it(&g, syn, cut), SEGMENT_GOOD);
	assert_int_equal(read_it(&g, syn, 19), SEGMENT_MALFORMED);
	assert_int_equal(read_with(&g, 12, 0x40), SEGMENT_MALFORMED); /* header of 16 */
	assert_int_equal(read_with(&g, 12, 0x80), SEGMENT_MALFORMED); /* header of 32 in 28 */
	assert_int_equal(read_with(&g, 21, 1), SEGMENT_MALFORMED); /* option shorter than itself */
	assert_int_equal(read_with(&g, 21, 9), SEGMENT_MALFORMED); /* option over the end */
	assert_int_equal(read_with(&g, 21, 3), SEGMENT_MALFORMED); /* MSS of one byte */
	assert_int_equal(read_with(&g, 26, 2), SEGMENT_MALFORMED); /* scale without a value */
	assert_int_equal(read_it(&g, syn + 0, 28), SEGMENT_GOOD);
}

static void unknown_options_are_passed_over(void **state)
{
	(void)state;
	struct segment g;
	assert_int_equal(read_with(&g, 20, 77), SEGMENT_GOOD);
	assert_int_equal(g.mss, 0);
	assert_int_equal(g.scale, 7);
	assert_int_equal(read_with(&g, 24, 0), SEGMENT_GOOD); /* the end of options */
	assert_false(g.scales);
	assert_int_equal(read_with(&g, 27, 200), SEGMENT_GOOD); /* RFC 7323 2.3: as if 14 */
	assert_int_equal(g.scale, 14);
}

static void pattern_shows_a_byte_in_the_wrong_place(void **state)
{
	(void)state;
	uint8_t bytes[1000], piece[1000];
	pattern_fill(UINT64_C(1) << 33, bytes, sizeof bytes);
	for (size_t at = 0; at < sizeof bytes; at += 7) { /* any piece is the same piece */
		pattern_fill((UINT64_C(1) << 33) + at, piece, sizeof bytes - at);
		assert_memory_equal(piece, bytes + at, sizeof bytes - at);
	}
	assert_true(pattern_holds(UINT64_C(1) << 33, bytes, sizeof bytes));
	assert_false(pattern_holds((UINT64_C(1) << 33) + 1, bytes, sizeof bytes));
	assert_false(pattern_holds(0, bytes, 16));
	bytes[999] ^= 1;
	assert_false(pattern_holds(UINT64_C(1) << 33, bytes, sizeof bytes));
	assert_true(pattern_holds(5, bytes, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(syn_is_read_with_its_options),
		cmocka_unit_test(syn_is_written_as_by_hand),
		cmocka_unit_test(headers_that_cannot_be_are_malformed),
		cmocka_unit_test(unknown_options_are_passed_over),
		cmocka_unit_test(pattern_shows_a_byte_in_the_wrong_place),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
