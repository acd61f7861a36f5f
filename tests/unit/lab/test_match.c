/* SPDX-License-Identifier: MIT */
/* test_match.c - which frames a script's pattern takes. */
#include "tests/unit/lab/lab.h"

static const uint8_t plain[] = { 1, 2, 3, 4, 5, 6, 2, 0, 0, 0, 0, 1, 0x88, 0xb5, 0xc0, 0xff, 0xee };
static const uint8_t tagged[] = { 1, 2,    3,    4,    5,    6,    2,    0,    0,    0,   0,
				  1, 0x81, 0x00, 0xa0, 0x05, 0x88, 0xb5, 0xc0, 0xff, 0xee };

static bool takes(struct frame_match m, const uint8_t *f, size_t len)
{
	return frame_matches(&m, f, (uint32_t)len);
}

static void an_empty_pattern_takes_any_frame(void **state)
{
	(void)state;
	assert_true(takes((struct frame_match){ 0 }, plain, sizeof plain));
	assert_true(takes((struct frame_match){ 0 }, tagged, sizeof tagged));
}

static void each_field_alone_decides(void **state)
{
	(void)state;
	struct frame_match dst = { .dst = true, .dst_mac = { 1, 2, 3, 4, 5, 6 } };
	struct frame_match src = { .src = true, .src_mac = { 2, 0, 0, 0, 0, 1 } };
	struct frame_match type = { .type = true, .ethertype = 0x88b5 };
	assert_true(takes(dst, plain, sizeof plain));
	assert_true(takes(src, plain, sizeof plain));
	assert_true(takes(type, plain, sizeof plain));
	assert_true(takes(type, tagged, sizeof tagged)); /* the type behind the tag */
	dst.dst_mac[5]++;
	src.src_mac[0]++;
	type.ethertype++;
	assert_false(takes(dst, plain, sizeof plain));
	assert_false(takes(src, plain, sizeof plain));
	assert_false(takes(type, plain, sizeof plain));
}

static void vlan_zero_is_no_tag(void **state)
{
	(void)state;
	struct frame_match none = { .vlan = true }, five = { .vlan = true, .vid = 5 };
	assert_true(takes(none, plain, sizeof plain));
	assert_false(takes(none, tagged, sizeof tagged));
	assert_true(takes(five, tagged, sizeof tagged)); /* whatever its priority */
	assert_false(takes(five, plain, sizeof plain));
}

static void data_is_the_beginning_of_what_follows_the_type(void **state)
{
	(void)state;
	struct frame_match m = { .data = (const uint8_t *)"\xc0\xff", .len = 2 };
	assert_true(takes(m, plain, sizeof plain));
	assert_true(takes(m, tagged, sizeof tagged));
	m = (struct frame_match){ .data = (const uint8_t *)"\xc0\xff\xee\x00", .len = 4 };
	assert_false(takes(m, plain, sizeof plain)); /* longer than the frame */
	m = (struct frame_match){ .data = (const uint8_t *)"\xc1", .len = 1 };
	assert_false(takes(m, plain, sizeof plain));
}

static void what_is_no_frame_matches_nothing(void **state)
{
	(void)state;
	for (size_t len = 0; len < 14; len++)
		assert_false(takes((struct frame_match){ 0 }, plain, len));
	for (size_t len = 14; len < 18; len++) /* a tag cut off, or no type behind it */
		assert_false(takes((struct frame_match){ 0 }, tagged, len));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_pattern_takes_any_frame),
		cmocka_unit_test(each_field_alone_decides),
		cmocka_unit_test(vlan_zero_is_no_tag),
		cmocka_unit_test(data_is_the_beginning_of_what_follows_the_type),
		cmocka_unit_test(what_is_no_frame_matches_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
