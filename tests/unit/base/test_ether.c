/* SPDX-License-Identifier: MIT */
/* test_ether.c - MAC addresses as text and as numbers. */
#include "tests/unit/cmocka.h"

#include <errno.h>

#include "lib/base/ether.h"
#include "tests/unit/dice.h"

static void text_comes_back_as_the_same_address(void **state)
{
	(void)state;
	struct dice d = dice_of("mac");
	for (int i = 0; i < 1000; i++) {
		uint8_t mac[6], back[6];
		char text[MAC_TEXT_LEN];
		mac_from_u64(mac, dice_bits(&d));
		assert_int_equal(mac_parse(back, mac_format(text, mac)), 0);
		assert_true(mac_eq(mac, back));
		assert_int_equal(mac_to_u64(mac), mac_to_u64(back));
	}
}

static void all_usual_spellings_are_read(void **state)
{
	(void)state;
	static const char *const same[] = { "02:00:00:00:0a:ff", "02-00-00-00-0A-FF",
					    "02.00.00.00.0a.ff", "2:0:0:0:a:ff",
					    "2.0.0.0.a.ff",      "2:00:0:00:a:Ff" };
	for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
		uint8_t mac[6];
		assert_int_equal(mac_parse(mac, same[i]), 0);
		assert_int_equal(mac_to_u64(mac), UINT64_C(0x020000000aff));
	}
}

static void other_text_is_refused_and_changes_nothing(void **state)
{
	(void)state;
	static const char *const bad[] = {
		"",
		"0",
		"02",
		":",
		"02:",
		"02:00:00:00:00",
		"02:00:00:00:00:",
		"02:00:00:00:00:0g",
		"02:00:00:00:00:001",
		"02:00:00:00:00:00:00",
		"02:00-00:00:00:00",
		" 2:0:0:0:0:0",
		"2:0:0:0:0:0 ",
		"020000000000",
		"002:00:00:00:00:00",
		"2::0:0:0:0",
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		uint8_t mac[6] = { 1, 2, 3, 4, 5, 6 };
		char *exact = strdup(bad[i]); /* the sanitizer watches the end */
		assert_int_equal(mac_parse(mac, exact), -EINVAL);
		assert_int_equal(mac_to_u64(mac), UINT64_C(0x010203040506));
		free(exact);
	}
}

static void kinds_of_addresses_are_told_apart(void **state)
{
	(void)state;
	uint8_t mac[6];
	mac_from_u64(mac, UINT64_C(0x0180c200000f));
	assert_true(mac_is_reserved(mac));
	assert_true(mac_is_group(mac));
	mac_from_u64(mac, UINT64_C(0x0180c2000010));
	assert_false(mac_is_reserved(mac));
	mac_from_u64(mac, UINT64_C(0x0080c2000000));
	assert_false(mac_is_reserved(mac));
	assert_false(mac_is_group(mac));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_comes_back_as_the_same_address),
		cmocka_unit_test(all_usual_spellings_are_read),
		cmocka_unit_test(other_text_is_refused_and_changes_nothing),
		cmocka_unit_test(kinds_of_addresses_are_told_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
