/* SPDX-License-Identifier: MIT */
/* test_vxlan.c - the header of RFC 7348, bit by bit as section 5 draws it. */
#include "tests/unit/cmocka.h"

#include "lib/proto/vxlan.h"

/* R R R R I R R R, 24 reserved bits; VNI 0x123456, 8 reserved bits. */
static const uint8_t DRAWN[VXLAN_LEN] = { 0x08, 0, 0, 0, 0x12, 0x34, 0x56, 0 };

static bool reads(const uint8_t *bytes, size_t len, uint32_t *vni)
{
	struct rd r = rd_over(bytes, len);
	bool good = vxlan_read(&r, vni);
	return good && rd_left(&r) == len - VXLAN_LEN;
}

static void a_header_is_written_as_the_standard_draws_it(void **state)
{
	uint8_t out[VXLAN_LEN];
	(void)state;
	struct wr w = wr_over(out, sizeof out);
	vxlan_write(&w, 0x123456);
	assert_false(w.bad);
	assert_memory_equal(out, DRAWN, VXLAN_LEN);
}

static void what_was_written_is_read(void **state)
{
	uint32_t vni;
	(void)state;
	assert_true(reads(DRAWN, sizeof DRAWN, &vni));
	assert_int_equal(vni, 0x123456);
}

static void reserved_bits_are_ignored(void **state)
{
	static const uint8_t odd[VXLAN_LEN + 1] = { 0xff, 0xff, 0xff, 0xff, 0, 0, 1, 0xff, 0xaa };
	uint32_t vni;
	(void)state;
	assert_true(reads(odd, sizeof odd, &vni));
	assert_int_equal(vni, 1);
}

static void without_the_i_bit_it_names_no_network(void **state)
{
	static const uint8_t none[VXLAN_LEN] = { 0xf7, 0xff, 0xff, 0xff, 0x12, 0x34, 0x56, 0xff };
	uint32_t vni;
	(void)state;
	assert_false(reads(none, sizeof none, &vni));
}

static void a_cut_header_is_none(void **state)
{
	uint32_t vni;
	(void)state;
	for (size_t len = 0; len < VXLAN_LEN; len++) {
		struct rd r = rd_over(DRAWN, len);
		assert_false(vxlan_read(&r, &vni));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_header_is_written_as_the_standard_draws_it),
		cmocka_unit_test(what_was_written_is_read),
		cmocka_unit_test(reserved_bits_are_ignored),
		cmocka_unit_test(without_the_i_bit_it_names_no_network),
		cmocka_unit_test(a_cut_header_is_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
