/* SPDX-License-Identifier: MIT */
/* test_line.c - editing one line. */
#include "tests/unit/cmocka.h"

#include <string.h>

#include "console/line.h"
#include "tests/unit/dice.h"

static void type(struct line *l, const char *text)
{
	for (; *text; text++)
		line_key(l, (unsigned char)*text);
}

static void text_is_typed_moved_in_and_cut(void **state)
{
	struct line l;
	(void)state;
	line_set(&l, "");
	type(&l, "port/don 3");
	line_key(&l, UI_LEFT);
	line_key(&l, UI_LEFT);
	line_key(&l, UI_LEFT);
	assert_true(line_key(&l, 'w'));
	assert_string_equal(l.text, "port/down 3");
	assert_int_equal(line_cursor(&l), 8);
	line_key(&l, UI_END);
	assert_true(line_key(&l, UI_BACKSPACE));
	assert_true(line_key(&l, UI_CTRL('w')));
	assert_string_equal(l.text, "");
	assert_false(line_key(&l, UI_BACKSPACE));
	line_set(&l, "abc def");
	line_key(&l, UI_HOME);
	line_key(&l, UI_DELETE);
	line_key(&l, UI_CTRL('k'));
	assert_string_equal(l.text, "");
}

static void characters_of_many_bytes_are_one(void **state)
{
	struct line l;
	(void)state;
	line_set(&l, "a");
	line_key(&l, 0x65e5);
	line_key(&l, 0xe4);
	assert_int_equal(l.len, 6);
	assert_int_equal(line_cursor(&l), 4);
	line_key(&l, UI_LEFT);
	line_key(&l, UI_BACKSPACE);
	assert_string_equal(l.text, "a\xc3\xa4");
	assert_false(line_key(&l, 0x202e)); /* nothing that turns the line around */
	assert_false(line_key(&l, 7));
}

static void history_comes_back_newest_first(void **state)
{
	struct line_history h = { .at = 0 };
	struct line l;
	(void)state;
	line_remember(&h, "one");
	line_remember(&h, "two");
	line_remember(&h, "two");
	line_remember(&h, "");
	line_set(&l, "new");
	line_recall(&h, &l, 1);
	assert_string_equal(l.text, "two");
	line_recall(&h, &l, 1);
	line_recall(&h, &l, 1);
	assert_string_equal(l.text, "one");
	line_recall(&h, &l, -1);
	assert_string_equal(l.text, "two");
	line_recall(&h, &l, -1);
	assert_string_equal(l.text, "");
	for (int i = 0; i < 3 * HISTORY_LINES; i++) {
		char text[16];
		snprintf(text, sizeof text, "%d", i);
		line_remember(&h, text);
	}
	for (int i = 0; i < 5 * HISTORY_LINES; i++)
		line_recall(&h, &l, 1);
	assert_string_equal(l.text, "64");
	line_history_fini(&h);
}

static const char *word_at(const void *ctx, size_t i)
{
	static const char *const words[] = { "port/up", "port/print", "port/pprint", "set", NULL };
	(void)ctx;
	return words[i];
}

static void completion_takes_what_all_share(void **state)
{
	struct line l;
	(void)state;
	line_set(&l, "po");
	assert_int_equal(line_complete(&l, word_at, NULL), 3);
	assert_string_equal(l.text, "port/");
	line_set(&l, "port/pr");
	assert_int_equal(line_complete(&l, word_at, NULL), 1);
	assert_string_equal(l.text, "port/print ");
	line_set(&l, "x");
	assert_int_equal(line_complete(&l, word_at, NULL), 0);
	assert_string_equal(l.text, "x");
}

static void any_keys_leave_a_line(void **state)
{
	struct dice d = dice_of("line");
	struct line l;
	(void)state;
	line_set(&l, "");
	for (int i = 0; i < 200000; i++) {
		int key = dice_below(&d, 3) ? (int)dice_below(&d, 0x3000)
					    : UI_KEY + (int)dice_below(&d, 12);
		line_key(&l, key);
		assert_true(l.len < LINE_MAX_LEN && l.at <= l.len && strlen(l.text) == l.len);
		assert_true(l.at == l.len || (l.text[l.at] & 0xc0) != 0x80);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_typed_moved_in_and_cut),
		cmocka_unit_test(characters_of_many_bytes_are_one),
		cmocka_unit_test(history_comes_back_newest_first),
		cmocka_unit_test(completion_takes_what_all_share),
		cmocka_unit_test(any_keys_leave_a_line),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
