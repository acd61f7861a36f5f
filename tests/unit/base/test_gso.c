/* SPDX-License-Identifier: MIT */
/* test_gso.c - a bundle that is cut up is the same stream of bytes in right frames. The
 * checksums are verified the receiver's way: the sum over everything, checksum field included, is
 * all ones. */
#include "tests/unit/bundle.h"

static bool honest(const struct frame *f) /* a copy: what is no bundle is made a plain frame */
{
	struct frame copy = *f;
	frame_parse(&copy);
	return gso_check(&copy);
}

static uint32_t word(const uint8_t *p, size_t n)
{
	uint32_t v = 0;
	while (n--)
		v = v << 8 | *p++;
	return v;
}

static void check_frame(const uint8_t *f, size_t len, bool v6, bool udp, size_t l4)
{
	if (v6)
		assert_int_equal(word(f + 18, 2), len - 54);
	else
		assert_int_equal(word(f + 16, 2), len - 14);
	if (!v6)
		assert_int_equal(checksum_fold(checksum_add(0, f + 14, 20)), 0);
	uint32_t sum = checksum_add(0, f + (v6 ? 22 : 26), v6 ? 32 : 8) + (udp ? 17 : 6) +
		       (uint32_t)(len - l4);
	assert_int_equal(checksum_fold(checksum_add(sum, f + l4, len - l4)), 0);
	if (udp)
		assert_int_equal(word(f + l4 + 4, 2), len - l4);
}

/* What is cut out of the bundle, sent with these tags, is the same stream in right frames. */
static void cut_and_check(struct bundle *b, bool v6, bool udp, size_t payload, unsigned tags)
{
	size_t l4 = b->l4 + 4 * tags, head = l4 + (udp ? 8 : 32), got = 0, bytes = 0, longest = 0;
	unsigned frames = 0;
	struct gso g;
	assert_true(gso_check(&b->f));
	struct txv v = txv_plain(&b->f);
	for (unsigned i = 0; i < tags; i++, v.hlen += 4)
		memcpy(v.hdr + v.hlen, "\x81\0\0\7", 4);
	for (gso_begin(&g, &v); gso_more(&g); frames++) {
		uint8_t f[2000];
		size_t len = gso_next(&g, f);
		assert_true(len > head && len <= head + 100);
		memmove(f + 12, f + 12 + 4 * tags, len - 12 - 4 * tags);
		check_frame(f, len - 4 * tags, v6, udp, b->l4);
		for (size_t i = head; i < len; i++)
			assert_int_equal(f[i - 4 * tags], payload_at(got + i - head));
		if (!udp) {
			bool last = got + len - head == payload;
			assert_int_equal(word(f + b->l4 + 4, 4), (uint32_t)(0xffffff00u + got));
			assert_int_equal(f[b->l4 + 13],
					 0x10 | (last ? 0x09 : 0) | (frames ? 0 : 0x80));
		}
		if (!v6)
			assert_int_equal(word(f + 18, 2), (uint16_t)(0xfffe + frames));
		got += len - head;
		bytes += len;
		longest = len > longest ? len : longest;
	}
	assert_int_equal(got, payload);
	assert_int_equal(frames, (payload + 99) / 100);
	assert_int_equal(frames, b->f.segs);
	assert_int_equal(bytes, gso_bytes(&b->f, txv_len(&v)));
	assert_int_equal(longest, gso_longest(&b->f, txv_len(&v)));
}

static void every_kind_of_bundle_is_cut_into_right_frames(void **state)
{
	(void)state;
	static struct bundle b;
	static const size_t payloads[] = { 1, 99, 100, 101, 200, 1000, 4321 };
	for (unsigned kind = 0; kind < 4; kind++)
		for (size_t k = 0; k < sizeof payloads / sizeof *payloads; k++)
			for (unsigned tags = 0; tags < 3; tags++) {
				bool v6 = kind & 1, udp = kind & 2;
				make(&b, v6, udp, payloads[k], 100);
				cut_and_check(&b, v6, udp, payloads[k], tags);
			}
}

static void cutting_can_go_on_later(void **state)
{
	(void)state;
	static struct bundle b;
	uint8_t whole[2000], later[2000];
	for (unsigned skip = 0; skip < 10; skip++) {
		struct gso a, c;
		make(&b, false, false, 1000, 101);
		assert_true(gso_check(&b.f));
		struct txv v = txv_plain(&b.f);
		gso_begin(&a, &v);
		for (unsigned i = 0; i < skip; i++)
			gso_next(&a, whole);
		gso_begin(&c, &v);
		gso_skip(&c, skip);
		while (gso_more(&a)) {
			assert_true(gso_more(&c));
			uint32_t len = gso_next(&a, whole);
			assert_int_equal(len, gso_next(&c, later));
			assert_memory_equal(whole, later, len);
		}
		assert_false(gso_more(&c));
	}
}

static void what_is_no_bundle_is_refused(void **state)
{
	(void)state;
	static struct bundle b;
	make(&b, false, false, 500, 100);
	struct frame f = b.f;
	for (f.len = 14; f.len <= L4_V4 + 32; f.len++) /* cut in its headers, or nothing behind */
		assert_false(honest(&f));
	f = b.f;
	f.gso_size = GSO_SIZE_LEAST - 1;
	assert_false(honest(&f));
	f = b.f;
	f.gso_type = GSO_TCP6;
	assert_false(honest(&f));
	f.gso_type = 3; /* fragments: nobody sends them any more */
	assert_false(honest(&f));
	f = b.f;
	f.csum_start = 60000;
	assert_false(honest(&f));
	f.csum_start = 0; /* a bundle without a checksum to be put in */
	assert_false(honest(&f));
	f = b.f;
	f.csum_off = 6; /* UDP's */
	assert_false(honest(&f));
	b.bytes[L4_V4 + 12] = 0x10; /* a TCP header of 4 bytes */
	assert_false(honest(&b.f));
	b.bytes[L4_V4 + 12] = 0xf0;
	assert_true(honest(&b.f));
	b.bytes[14] = 0x41; /* an IP header of 4 bytes */
	assert_false(honest(&b.f));
	assert_false(gso_check(&b.f)); /* and it is a plain frame from here on */
	assert_int_equal(gso_needs(&b.f), 0);
	assert_int_equal(b.f.segs, 1);
}

static void headers_that_only_make_work_are_refused(void **state)
{
	(void)state;
	static struct bundle b;
	make(&b, true, false, 5000, 100);
	assert_true(honest(&b.f));
	b.f.csum_start = 300; /* far behind IPv6's header: each frame would repeat all of it */
	b.bytes[300 + 12] = 0x50;
	assert_false(honest(&b.f));
}

static void a_checksum_left_to_the_card_is_put_in(void **state)
{
	(void)state;
	static struct bundle b;
	uint8_t out[200];
	make(&b, false, true, 33, 0);
	b.bytes[L4_V4 + 5] = 41;
	b.bytes[17] = 61;
	uint16_t partial = (uint16_t)~checksum_fold(checksum_add(0, b.bytes + 26, 8) + 17 + 41);
	b.bytes[L4_V4 + 6] = (uint8_t)(partial >> 8);
	b.bytes[L4_V4 + 7] = (uint8_t)partial;
	assert_int_equal(gso_needs(&b.f), OFFLOAD_CSUM);
	assert_true(gso_check(&b.f));
	struct txv v = txv_plain(&b.f);
	struct gso g;
	gso_begin(&g, &v);
	assert_int_equal(gso_next(&g, out), b.len);
	assert_false(gso_more(&g));
	uint32_t sum = checksum_add(0, out + 26, 8) + 17 + 41;
	assert_int_equal(checksum_fold(checksum_add(sum, out + L4_V4, 41)), 0);
	static const uint16_t outside[][2] = {
		{ 65535, 6 }, { 70, 6 }, { 74, 0 }, { 34, 65535 }, { 13, 0 }
	};
	for (size_t i = 0; i < sizeof outside / sizeof *outside; i++) {
		struct frame f = b.f;
		f.csum_start = outside[i][0];
		f.csum_off = outside[i][1];
		assert_false(honest(&f));
	}
}

/* Byte by byte, as RFC 1071 4.1 has it. */
static uint16_t slowly(const uint8_t *p, size_t len)
{
	uint32_t sum = 0;
	for (size_t i = 0; i < len; i++)
		sum += i & 1 ? p[i] : (uint32_t)p[i] << 8;
	return checksum_fold(sum);
}

static void sums_are_those_of_the_standard(void **state)
{
	(void)state;
	static const uint8_t example[] = { 0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7 };
	static uint8_t bytes[300];
	/* RFC 1071 section 3: the sum is ddf2. */
	assert_int_equal((uint16_t)~checksum_fold(checksum_add(0, example, 8)), 0xddf2);
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)(i * 167 + 255);
	for (size_t from = 0; from < 9; from++)
		for (size_t len = 0; len < 280; len++)
			assert_int_equal(checksum_fold(checksum_add(0, bytes + from, len)),
					 slowly(bytes + from, len));
	memset(bytes, 0xff, sizeof bytes);
	assert_int_equal(checksum_fold(checksum_add(0xffffffff, bytes, sizeof bytes)), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_of_bundle_is_cut_into_right_frames),
		cmocka_unit_test(cutting_can_go_on_later),
		cmocka_unit_test(what_is_no_bundle_is_refused),
		cmocka_unit_test(headers_that_only_make_work_are_refused),
		cmocka_unit_test(a_checksum_left_to_the_card_is_put_in),
		cmocka_unit_test(sums_are_those_of_the_standard),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
