/* SPDX-License-Identifier: MIT */
/* test_text.c - UTF-8, escapes and short numbers. */
#include "tests/unit/cmocka.h"

#include <string.h>

#include "console/text.h"
#include "tests/unit/dice.h"

static void every_character_reads_back(void **state)
{
	(void)state;
	for (uint32_t ch = 0; ch <= 0x10ffff; ch++) {
		char buf[5];
		uint32_t back;
		if (ch >= 0xd800 && ch < 0xe000)
			continue;
		size_t n = text_utf8(ch, buf);
		assert_int_equal(text_next(buf, buf + n, &back), n);
		assert_int_equal(back, ch);
	}
}

static void what_is_not_utf8_takes_one_byte(void **state)
{
	static const char *const bad[] = {
		"\x80",         "\xc0\xaf",         "\xc1\xbf",         "\xe0\x80\xaf",
		"\xed\xa0\x80", "\xf0\x80\x80\xaf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
		"\xff",         "\xe2\x82",         "\xe2\x28\xa1"
	};
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		uint32_t ch;
		assert_int_equal(text_next(bad[i], bad[i] + strlen(bad[i]), &ch), 1);
		assert_int_equal(ch, 0xfffd);
	}
}

static void any_bytes_end(void **state)
{
	struct dice d = dice_of("text");
	(void)state;
	for (int i = 0; i < 20000; i++) {
		char bytes[16];
		size_t len = dice_below(&d, sizeof bytes) + 1;
		for (size_t k = 0; k < len; k++)
			bytes[k] = (char)dice_bits(&d);
		for (const char *at = bytes; at < bytes + len;) {
			uint32_t ch;
			size_t n = text_next(at, bytes + len, &ch);
			assert_in_range(n, 1, (size_t)(bytes + len - at));
			at += n;
		}
	}
}

static void what_steers_a_terminal_has_no_width(void **state)
{
	static const uint32_t hidden[] = {
		0,      7,      '\n',   0x1b,   0x7f,   0x80,   0x9b,
		0x200b, 0x202e, 0x2066, 0x0301, 0xfeff, 0xe000, 0x10ffff
	};
	char buf[TEXT_ESCAPE_MAX];
	(void)state;
	for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++) {
		assert_int_equal(text_width(hidden[i]), 0);
		text_escape(hidden[i], buf);
		assert_int_equal(buf[0], '\\');
		assert_int_equal(strspn(buf, "\\xuUn0123456789abcdef"), strlen(buf));
	}
	text_escape(0x1b, buf);
	assert_string_equal(buf, "\\x1b");
	text_escape(0x202e, buf);
	assert_string_equal(buf, "\\u202e");
	text_escape('\n', buf);
	assert_string_equal(buf, "\\n");
	assert_int_equal(text_width('a'), 1);
	assert_int_equal(text_width(0xe4), 1);
	assert_int_equal(text_width(0x65e5), 2);
	assert_int_equal(text_width(0x2588), 1);
}

static void our_signs_have_a_likeness_in_ascii(void **state)
{
	static const uint32_t ours[] = { 0x2581, 0x2588, 0x2514, 0x2026, 0x2192,
					 0x2190, 0x25b2, 0x25bc, 0x2717 };
	(void)state;
	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
		assert_true(text_ascii(ours[i]) != '?' && text_ascii(ours[i]) > ' ' &&
			    text_ascii(ours[i]) < 0x7f);
	assert_int_equal(text_ascii('x'), 'x');
	assert_int_equal(text_ascii(0xe4), '?');
}

static void words_are_found_in_any_case(void **state)
{
	(void)state;
	assert_true(text_has("Port 3 UPLINK", "uplink"));
	assert_true(text_has("aab", "ab"));
	assert_true(text_has("x", ""));
	assert_true(text_has("", ""));
	assert_false(text_has("uplin", "uplink"));
	assert_false(text_has("", "a"));
}

static void numbers_are_cut_to_four_characters(void **state)
{
	static const struct {
		uint64_t n;
		const char *text;
	} cases[] = { { 0, "0" },          { 999, "999" },       { 1000, "1.0k" },
		      { 9999, "9.9k" },    { 10000, "10k" },     { 999999, "999k" },
		      { 1000000, "1.0M" }, { UINT64_MAX, "18E" } };
	char buf[TEXT_NUMBER_LEN];
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(text_count(buf, cases[i].n), cases[i].text);
	assert_string_equal(text_bits(buf, 1500000), "1.5Mb");
}

static void times_are_short(void **state)
{
	char buf[TEXT_NUMBER_LEN];
	int64_t s = 1000000000;
	(void)state;
	assert_string_equal(text_span(buf, -5), "0s");
	assert_string_equal(text_span(buf, 59 * s), "59s");
	assert_string_equal(text_span(buf, 60 * s), "1m");
	assert_string_equal(text_span(buf, 7200 * s), "2h");
	assert_string_equal(text_span(buf, 90000 * s), "1d");
	assert_string_equal(text_delay(buf, 999), "999ns");
	assert_string_equal(text_delay(buf, 5023000), "5.02ms");
	assert_string_equal(text_delay(buf, 50230000), "50.2ms");
	assert_string_equal(text_delay(buf, 999999999), "999ms");
	assert_string_equal(text_delay(buf, 61 * s), "61.0s");
	assert_string_equal(text_clock(buf, 86399 * s + 123456789), "23:59:59.123");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_character_reads_back),
		cmocka_unit_test(what_is_not_utf8_takes_one_byte),
		cmocka_unit_test(any_bytes_end),
		cmocka_unit_test(what_steers_a_terminal_has_no_width),
		cmocka_unit_test(our_signs_have_a_likeness_in_ascii),
		cmocka_unit_test(words_are_found_in_any_case),
		cmocka_unit_test(numbers_are_cut_to_four_characters),
		cmocka_unit_test(times_are_short),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
