/* SPDX-License-Identifier: MIT */
/* test_lines.c - bytes of a session to commands, for clients with newlines and without. */
#include "tests/unit/cmocka.h"

#include <stdio.h>
#include <string.h>

#include "lib/proto/lines.h"
#include "tests/unit/dice.h"

static int run_none(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	(void)ctx, (void)a, (void)o, (void)e;
	return 0;
}

static const struct cmd_row rows[] = {
	{ "showinfo", "", "", CMD_VDE, run_none },
	{ "port/print", "[N]", "", 0, run_none },
	{ NULL, NULL, NULL, 0, NULL },
};
static const struct cmd_table table = { rows, NULL };
static const struct cmd_set set = { &table, 1 };
static const struct cmd_set empty;

static void feed(struct lines *l, const char *bytes, size_t len)
{
	size_t room;
	char *at = lines_space(l, &room);
	assert_true(len <= room);
	memcpy(at, bytes, len);
	lines_filled(l, len);
}

static void assert_next(struct lines *l, const char *expected)
{
	bool toolong;
	const char *line = lines_next(l, &set, false, &toolong);
	assert_false(toolong);
	if (expected) {
		assert_non_null(line);
		assert_string_equal(line, expected);
	} else {
		assert_null(line);
	}
}

static void say(struct lines *l, const char *text)
{
	feed(l, text, strlen(text));
}

static void several_commands_in_one_read_are_several(void **state)
{
	(void)state;
	struct lines l = { .len = 0 };
	say(&l, "port/print\nport/create 9\r\n\n# x\n");
	assert_next(&l, "port/print");
	assert_next(&l, "port/create 9");
	assert_next(&l, "");
	assert_next(&l, "# x");
	assert_next(&l, NULL);
}

static void a_tail_that_is_a_command_runs_at_once_and_another_waits(void **state)
{
	(void)state;
	struct lines l = { .len = 0 };
	say(&l, "showinfo"); /* as vdeterm sends it */
	assert_next(&l, "showinfo");
	assert_next(&l, NULL);
	say(&l, "json port/print 3");
	assert_next(&l, "json port/print 3");
	say(&l, "show");
	assert_next(&l, NULL);
	say(&l, "inf");
	assert_next(&l, NULL);
	say(&l, "o\n");
	assert_next(&l, "showinfo");
	assert_next(&l, NULL);
	say(&l, "json");
	assert_next(&l, NULL);
	say(&l, " showinfo");
	assert_next(&l, "json showinfo");
}

static void a_carriage_return_waits_for_its_newline(void **state)
{
	(void)state;
	struct lines l = { .len = 0 };
	say(&l, "showinfo\r");
	assert_next(&l, NULL);
	say(&l, "\n");
	assert_next(&l, "showinfo");
}

static void a_nul_ends_a_line_too_but_makes_none_of_its_own(void **state)
{
	(void)state;
	struct lines l = { .len = 0 };
	feed(&l, "nosuch", 7);
	assert_next(&l, "nosuch");
	feed(&l, "nosuch\n", 8);
	assert_next(&l, "nosuch");
	assert_next(&l, NULL);
}

static void the_end_of_the_stream_makes_a_line_of_what_is_left(void **state)
{
	(void)state;
	struct lines l = { .len = 0 };
	bool toolong;
	say(&l, "nosuch");
	assert_next(&l, NULL);
	assert_string_equal(lines_next(&l, &set, true, &toolong), "nosuch");
	assert_null(lines_next(&l, &set, true, &toolong));
}

/* Feeds as much as there is room for, draining as a session does; counts lines and complaints. */
static void drain(struct lines *l, const char *bytes, size_t len, unsigned *lines,
		  unsigned *complaints)
{
	while (len) {
		size_t room;
		char *at = lines_space(l, &room);
		bool toolong;
		size_t n = len < room ? len : room;
		assert_true(n > 0);
		memcpy(at, bytes, n);
		lines_filled(l, n);
		bytes += n;
		len -= n;
		while (lines_next(l, &empty, false, &toolong)) {
			*complaints += toolong;
			*lines += !toolong;
		}
	}
}

static void an_overlong_line_is_told_once_and_the_next_one_is_in_step(void **state)
{
	(void)state;
	static char bytes[3 * CMD_LINE_MAX + 20];
	static const char end[10] = { '\n', 's', 'h', 'o', 'w', 'i', 'n', 'f', 'o', '\n' };
	struct lines l = { .len = 0 };
	unsigned lines = 0, complaints = 0;
	memset(bytes, 'x', sizeof bytes);
	memcpy(bytes + sizeof bytes - sizeof end, end, sizeof end);
	drain(&l, bytes, sizeof bytes, &lines, &complaints);
	assert_int_equal(complaints, 1);
	assert_int_equal(lines, 1);
}

static void a_line_of_exactly_the_limit_is_a_line(void **state)
{
	(void)state;
	static char bytes[CMD_LINE_MAX + 1];
	for (int over = 0; over <= 1; over++) {
		struct lines l = { .len = 0 };
		unsigned lines = 0, complaints = 0;
		memset(bytes, 'x', sizeof bytes);
		drain(&l, bytes, CMD_LINE_MAX + (size_t)over, &lines, &complaints);
		drain(&l, "\n", 1, &lines, &complaints);
		assert_int_equal(lines, !over);
		assert_int_equal(complaints, over);
	}
}

static void a_tail_at_the_end_of_the_room_is_still_seen(void **state)
{
	(void)state;
	static char bytes[CMD_LINE_MAX + 1];
	static const char tail[8] = { 's', 'h', 'o', 'w', 'i', 'n', 'f', 'o' };
	struct lines l = { .len = 0 };
	bool toolong;
	memset(bytes, '#', sizeof bytes);
	bytes[CMD_LINE_MAX - 8] = '\n'; /* then eight bytes to the very end */
	memcpy(bytes + sizeof bytes - sizeof tail, tail, sizeof tail);
	feed(&l, bytes, sizeof bytes);
	assert_non_null(lines_next(&l, &set, false, &toolong));
	assert_string_equal(lines_next(&l, &set, false, &toolong), "showinfo");
}

static uint64_t digest(uint64_t sum, const char *line, bool toolong)
{
	for (; *line; line++)
		sum = sum * 31 + (uint8_t)*line;
	return sum * 31 + 1 + toolong;
}

/* Random text with long and short lines, in random pieces: always the same commands. */
static void any_cut_of_whole_lines_gives_the_same_commands(void **state)
{
	(void)state;
	static char bytes[60000];
	struct dice d = dice_of("lines");
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = dice_below(&d, i > 40000 ? 20 : 3000) ? (char)(' ' + dice_below(&d, 90))
								 : '\n';
	uint64_t first = 0;
	for (int round = 0; round < 50; round++) {
		struct lines l = { .len = 0 };
		uint64_t sum = 0;
		for (size_t at = 0; at < sizeof bytes;) {
			size_t room,
				n = round ? 1 + dice_below(&d, dice_below(&d, 2) ? 9 : 5000) : 5000;
			char *to = lines_space(&l, &room);
			bool toolong;
			const char *line;
			n = n < room ? n : room;
			n = n < sizeof bytes - at ? n : sizeof bytes - at;
			memcpy(to, bytes + at, n);
			lines_filled(&l, n);
			at += n;
			while ((line = lines_next(&l, &empty, at == sizeof bytes, &toolong)))
				sum = digest(sum, line, toolong);
		}
		if (!round)
			first = sum;
		assert_int_equal(sum, first);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(several_commands_in_one_read_are_several),
		cmocka_unit_test(a_tail_that_is_a_command_runs_at_once_and_another_waits),
		cmocka_unit_test(a_carriage_return_waits_for_its_newline),
		cmocka_unit_test(a_nul_ends_a_line_too_but_makes_none_of_its_own),
		cmocka_unit_test(the_end_of_the_stream_makes_a_line_of_what_is_left),
		cmocka_unit_test(an_overlong_line_is_told_once_and_the_next_one_is_in_step),
		cmocka_unit_test(a_line_of_exactly_the_limit_is_a_line),
		cmocka_unit_test(a_tail_at_the_end_of_the_room_is_still_seen),
		cmocka_unit_test(any_cut_of_whole_lines_gives_the_same_commands),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
