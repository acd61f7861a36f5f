/* SPDX-License-Identifier: MIT */
/* test_grid.c - cells: clipping, wide characters, escapes, and nothing that gets out. */
#include "tests/unit/cmocka.h"

#include <string.h>

#include "console/grid.h"
#include "console/text.h"
#include "tests/unit/dice.h"

static void assert_line(const struct grid *g, const char *want)
{
	struct out o;
	out_init(&o, false);
	grid_text(g, &o);
	o.text[strcspn(o.text, "\n")] = '\0';
	assert_string_equal(o.text, want);
	out_fini(&o);
}

static void text_is_cut_with_a_mark(void **state)
{
	struct grid g;
	(void)state;
	assert_int_equal(grid_init(&g, 12, 1, false), 0);
	assert_int_equal(grid_put(&g, 0, 0, 5, ST_PLAIN, "hello"), 5);
	assert_int_equal(grid_put(&g, 6, 0, 5, ST_PLAIN, "hello!"), 5);
	assert_line(&g, "hello hell…");
	grid_clear(&g);
	assert_int_equal(grid_put_right(&g, 0, 0, 8, ST_PLAIN, "abc"), 3);
	assert_line(&g, "     abc");
	grid_fini(&g);
}

static void wide_characters_take_two_cells_or_none(void **state)
{
	struct grid g;
	(void)state;
	assert_int_equal(grid_init(&g, 5, 1, false), 0);
	assert_int_equal(grid_put(&g, 0, 0, 5, ST_PLAIN, "日本"), 4);
	assert_int_equal(grid_at(&g, 1, 0)->ch, 0);
	grid_put(&g, 1, 0, 1, ST_PLAIN, "x"); /* half of one is a blank */
	assert_line(&g, " x本");
	grid_clear(&g);
	assert_int_equal(grid_put(&g, 0, 0, 3, ST_PLAIN, "日本"), 3);
	assert_line(&g, "日…");
	grid_clear(&g);
	grid_put(&g, 4, 0, 4, ST_PLAIN, "日"); /* no room at the edge */
	assert_line(&g, "");
	grid_fini(&g);
}

static void controls_are_escaped_whole(void **state)
{
	struct grid g;
	(void)state;
	assert_int_equal(grid_init(&g, 40, 1, false), 0);
	grid_put(&g, 0, 0, 40, ST_PLAIN, "a\x1b[2J\x07\xff\xc2\x9b\xe2\x80\xae");
	assert_line(&g, "a\\x1b[2J\\x07�\\x9b\\u202e");
	grid_clear(&g);
	grid_put(&g, 0, 0, 5, ST_PLAIN, "abc\x1b");
	assert_line(&g, "abc…");
	grid_fini(&g);
}

static void ascii_has_no_other_byte(void **state)
{
	struct grid g;
	struct out o;
	(void)state;
	out_init(&o, false);
	assert_int_equal(grid_init(&g, 30, 2, true), 0);
	grid_put(&g, 0, 0, 30, ST_PLAIN, "▁▂█ … 日 ä → └");
	grid_put(&g, 0, 1, 5, ST_PLAIN, "much too long");
	grid_text(&g, &o);
	assert_string_equal(o.text, "_.# ~ ?  ? > `\nmuch~\n");
	out_fini(&o);
	grid_fini(&g);
}

static void sparks_scale_to_the_largest(void **state)
{
	static const uint32_t v[] = { 0, 1, 50, 100 }, big[] = { UINT32_MAX, UINT32_MAX / 2 },
			      none[] = { 0, 0 };
	char buf[20];
	(void)state;
	grid_spark(buf, v, 4);
	assert_string_equal(buf, " ▁▄█");
	grid_spark(buf, big, 2);
	assert_string_equal(buf, "█▄");
	grid_spark(buf, none, 2);
	assert_string_equal(buf, "  ");
}

/* Any bytes, anywhere, on any size: only what has a width is in the cells, and no half of a wide
 * one. */
static void nothing_that_steers_a_terminal_gets_in(void **state)
{
	struct dice d = dice_of("grid");
	(void)state;
	for (int i = 0; i < 5000; i++) {
		struct grid g;
		char text[40];
		int w = 1 + (int)dice_below(&d, 30), h = 1 + (int)dice_below(&d, 4);
		assert_int_equal(grid_init(&g, w, h, dice_below(&d, 2)), 0);
		for (int k = 0; k < 6; k++) {
			size_t len = dice_below(&d, sizeof text - 1);
			for (size_t b = 0; b < len; b++)
				text[b] = (char)(1 + dice_below(&d, 255));
			text[len] = '\0';
			grid_put(&g, (int)dice_below(&d, 40) - 5, (int)dice_below(&d, 6) - 1,
				 (int)dice_below(&d, 50), ST_PLAIN, text);
		}
		for (int y = 0; y < h; y++)
			for (int x = 0; x < w; x++) {
				uint32_t ch = grid_at(&g, x, y)->ch;
				bool right = x + 1 < w && !grid_at(&g, x + 1, y)->ch;
				assert_true(ch ? text_width(ch) == (right ? 2 : 1) : x > 0);
			}
		grid_fini(&g);
	}
}

static void sizes_are_clamped(void **state)
{
	struct grid g;
	(void)state;
	assert_int_equal(grid_init(&g, -5, 1 << 20, false), 0);
	assert_int_equal(g.w, 1);
	assert_int_equal(g.h, GRID_MAX_H);
	assert_null(grid_at(&g, 1, 0));
	assert_null(grid_at(&g, 0, -1));
	grid_fini(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_cut_with_a_mark),
		cmocka_unit_test(wide_characters_take_two_cells_or_none),
		cmocka_unit_test(controls_are_escaped_whole),
		cmocka_unit_test(ascii_has_no_other_byte),
		cmocka_unit_test(sparks_scale_to_the_largest),
		cmocka_unit_test(nothing_that_steers_a_terminal_gets_in),
		cmocka_unit_test(sizes_are_clamped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
