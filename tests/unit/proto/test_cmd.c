/* SPDX-License-Identifier: MIT */
/* test_cmd.c - lines to rows and back: VDE's frame of replies, JSON, words, help. */
#include "tests/unit/cmocka.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/proto/cmd.h"
#include "tests/unit/json.h"

struct seen { /* what the handlers saw last */
	unsigned calls;
	char tail[CMD_LINE_MAX + 1], words[CMD_LINE_MAX + 1];
	unsigned count;
	int64_t now;
};

/* Notes what it was given and answers with its words, one a line. */
static int run_words(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	struct seen *s = ctx;
	size_t n = 0;
	(void)e;
	s->calls++;
	s->count = a->count;
	s->now = a->now;
	snprintf(s->tail, sizeof s->tail, "%s", a->tail);
	s->words[0] = '\0';
	out_list(o, "words");
	for (unsigned i = 0; i < a->count; i++) {
		n += (size_t)snprintf(s->words + n, sizeof s->words - n, "<%s>", a->word[i]);
		out_str(o, NULL, "%s\n", a->word[i]);
	}
	out_end_list(o);
	return 0;
}

static int run_raw(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	struct seen *s = ctx;
	(void)o, (void)e;
	s->calls++;
	s->count = a->count;
	snprintf(s->words, sizeof s->words, "<%s>", a->word[0]);
	return 0;
}

static int run_quiet(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	(void)a, (void)o, (void)e;
	((struct seen *)ctx)->calls++;
	return 0;
}

static int run_fail(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	(void)ctx;
	out_text(o, "half a reply\n");
	out_json_u64(o, "half", 1);
	return a->count ? err_set(e, -EINVAL, "%s", a->word[0]) : -ENXIO;
}

static int run_text(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	(void)ctx, (void)e;
	out_text(o, "%s", a->tail);
	return 0;
}

static int run_dots(void *ctx, const struct args *a, struct out *o, struct err *e)
{
	(void)ctx, (void)a, (void)e;
	out_text(o, ".\n..\n.");
	return 0;
}

static const struct cmd_row core_rows[] = {
	{ "show", "", "VDE's own", CMD_VDE, run_quiet },
	{ "port", "============", "PORT MENU", 0, NULL },
	{ "port/print", "[N]", "print ports", CMD_DATA, run_words },
	{ "port/printall", "", "print more", 0, run_quiet },
	{ "port/setuser", "N user", "VDE's parser", CMD_VDE | CMD_RAW | CMD_WRITES, run_raw },
	{ "fail", "[WORDS]", "fails", 0, run_fail },
	{ "both", "", "data and failure", CMD_VDE | CMD_DATA, run_fail },
	{ NULL, NULL, NULL, 0, NULL },
};

static const struct cmd_row shell_rows[] = {
	{ "port/add", "LOCATOR", "add a port", CMD_WRITES, run_words },
	{ "say", "TEXT", "says it", 0, run_text },
	{ "bare", "TEXT", "says it unframed", CMD_BARE, run_text },
	{ "dots", "", "lines of dots", 0, run_dots },
	{ "show", "", "hidden by the core's", 0, run_words },
	{ NULL, NULL, NULL, 0, NULL },
};

static struct seen seen;
static const struct cmd_table tables[] = { { core_rows, &seen }, { shell_rows, &seen } };
static const struct cmd_set set = { tables, 2 };

static void assert_reply(const char *line, int code, const char *expected)
{
	struct out reply;
	out_init(&reply, false);
	assert_int_equal(cmd_run(&set, line, 42, &reply), code);
	assert_string_equal(reply.text ? reply.text : "", expected);
	out_fini(&reply);
}

static void replies_have_vdes_frame(void **state)
{
	(void)state;
	assert_reply("port/print 3 4", 0, "0000 DATA END WITH '.'\n3\n4\n.\n1000 Success\n");
	assert_reply("port/printall", 0, "1000 Success\n");
	assert_reply("port/print", 0,
		     "0000 DATA END WITH '.'\n.\n1000 Success\n"); /* CMD_DATA: even when empty */
	assert_reply("say no newline", 0, "0000 DATA END WITH '.'\nno newline\n.\n1000 Success\n");
	assert_reply("bare vde[x]: y", 0, "vde[x]: y1000 Success\n");
	assert_reply("fail", -ENXIO, "1006 No such device or address\n");
	assert_reply("fail \"port 9: not there\"", -EINVAL, "1022 port 9: not there\n");
	assert_reply("nosuch", -ENOSYS, "1038 Function not implemented\n"); /* VDE's exact words */
}

static void vde_commands_with_data_print_both_data_and_error(void **state)
{
	(void)state;
	assert_reply("both", -ENXIO,
		     "0000 DATA END WITH '.'\nhalf a reply\n.\n1006 No such device or address\n");
}

static void json_is_one_line_of_data_or_only_the_error(void **state)
{
	(void)state;
	assert_reply("json port/print 3 4", 0,
		     "0000 DATA END WITH '.'\n{\"words\":[\"3\",\"4\"]}\n.\n1000 Success\n");
	assert_reply("json port/printall", 0, "0000 DATA END WITH '.'\n{}\n.\n1000 Success\n");
	assert_reply("  json   fail", -ENXIO, "1006 No such device or address\n");
	assert_reply("json both", -ENXIO, "1006 No such device or address\n");
	assert_reply("json port/prnt", -ENOSYS,
		     "1038 port/prnt: Function not implemented; did you mean port/print?\n");
	assert_reply("jsonx port/print", -ENOSYS, "1038 Function not implemented\n");
}

static void empty_lines_and_comments_answer_nothing(void **state)
{
	(void)state;
	assert_reply("", 0, "");
	assert_reply("  \t", 0, "");
	assert_reply("# port/print", 0, "");
	assert_reply("  # x", 0, "");
}

static void a_reply_is_appended_to_what_is_there(void **state)
{
	(void)state;
	struct out reply;
	out_init(&reply, false);
	cmd_run(&set, "port/printall", 0, &reply);
	cmd_run(&set, "fail", 0, &reply);
	assert_string_equal(reply.text, "1000 Success\n1006 No such device or address\n");
	out_fini(&reply);
}

static void nothing_in_the_data_looks_like_its_end(void **state)
{
	(void)state;
	assert_reply("dots", 0, "0000 DATA END WITH '.'\n .\n..\n .\n.\n1000 Success\n");
}

static void the_words_of_an_error_stay_on_one_line(void **state)
{
	(void)state;
	assert_reply("fail \"a\x1b\ab\"", -EINVAL, "1022 a??b\n");
}

static const struct cmd_row *find(const char *line, const char **tail)
{
	void *ctx;
	return cmd_find(&set, line, &ctx, tail);
}

static void an_exact_word_wins_over_vdes_prefix_rule(void **state)
{
	const char *tail;
	(void)state;
	assert_string_equal(find("  show\tme this", &tail)->help, "VDE's own");
	assert_string_equal(tail, "me this");
	assert_string_equal(find("showme this", &tail)->path,
			    "show"); /* VDE: a prefix of the input */
	assert_string_equal(tail, "me this");
	assert_string_equal(find("port/printall x", &tail)->path, "port/printall");
	assert_null(find("port/printx", &tail)); /* not VDE's: whole words only */
	assert_null(find("port/pri", &tail));
	assert_null(find("port", &tail)); /* a menu */
	assert_null(find("portx", &tail));
	assert_null(find("", &tail));
}

static void a_word_is_a_command_only_when_it_is_whole(void **state)
{
	(void)state;
	assert_true(cmd_is_command(&set, "show"));
	assert_true(cmd_is_command(&set, "port/print 3"));
	assert_true(cmd_is_command(&set, "json port/print"));
	assert_false(cmd_is_command(&set, "sho"));
	assert_false(cmd_is_command(&set, "showme"));
	assert_false(cmd_is_command(&set, "json"));
	assert_false(cmd_is_command(&set, "port"));
	assert_false(cmd_is_command(&set, ""));
}

static void words_are_split_at_blanks_and_quotes_keep_them_together(void **state)
{
	static const struct {
		const char *in, *words;
		unsigned count;
	} rows[] = {
		{ "port/print a b", "<a><b>", 2 },
		{ "port/print   a \t b  ", "<a><b>", 2 },
		{ "port/print \"a b\"", "<a b>", 1 },
		{ "port/print name=\"a b,c\" x", "<name=a b,c><x>", 2 },
		{ "port/print \"\"", "<>", 1 },
		{ "port/print \"a\\\"b\\\\c\\d\"", "<a\"b\\c\\d>", 1 },
		{ "port/print a\\b", "<a\\b>", 1 },
		{ "port/print a\"b\"c\"d e\"", "<abcd e>", 1 },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct out reply;
		out_init(&reply, false);
		assert_int_equal(cmd_run(&set, rows[i].in, 7, &reply), 0);
		assert_int_equal(seen.count, rows[i].count);
		assert_string_equal(seen.words, rows[i].words);
		assert_int_equal(seen.now, 7);
		out_fini(&reply);
	}
}

static void the_tail_is_untouched_but_for_its_ends(void **state)
{
	struct out reply;
	(void)state;
	out_init(&reply, false);
	cmd_run(&set, "port/print   \"a  b\" c\t", 0, &reply);
	assert_string_equal(seen.tail, "\"a  b\" c");
	cmd_run(&set, "port/setuser 3  \"x", 0, &reply); /* raw: not even quotes are looked at */
	assert_string_equal(seen.words, "<3  \"x>");
	assert_int_equal(seen.count, 1);
	cmd_run(&set, "port/setuser", 0, &reply);
	assert_string_equal(seen.words, "<>");
	assert_int_equal(seen.count, 0);
	out_fini(&reply);
}

static int run_with_words(int count)
{
	char line[1024];
	struct out reply;
	size_t n = (size_t)snprintf(line, sizeof line, "port/print");
	for (int i = 0; i < count; i++)
		n += (size_t)snprintf(line + n, sizeof line - n, " w");
	out_init(&reply, false);
	int r = cmd_run(&set, line, 0, &reply);
	out_fini(&reply);
	return r;
}

static void an_open_quote_and_too_many_words_run_nothing(void **state)
{
	(void)state;
	unsigned calls = seen.calls;
	assert_reply("port/print \"a", -EINVAL, "1022 a quote is not closed\n");
	assert_int_equal(seen.calls, calls);
	assert_int_equal(run_with_words(CMD_ARGS_MAX), 0);
	assert_int_equal(seen.calls, calls + 1);
	assert_int_equal(run_with_words(CMD_ARGS_MAX + 1), -E2BIG);
	assert_int_equal(seen.calls, calls + 1);
}

static void a_line_over_the_limit_is_refused_and_one_at_it_runs(void **state)
{
	(void)state;
	static char line[CMD_LINE_MAX + 2];
	struct out reply;
	out_init(&reply, false);
	memset(line, 'x', CMD_LINE_MAX + 1);
	memcpy(line, "say ", 4);
	assert_int_equal(cmd_run(&set, line, 0, &reply), -EMSGSIZE);
	line[CMD_LINE_MAX] = '\0';
	assert_int_equal(cmd_run(&set, line, 0, &reply), 0);
	out_fini(&reply);
}

static void keys_and_values_come_apart_and_underscores_are_hyphens(void **state)
{
	(void)state;
	char word[] = "loss_burst_x=a_b=c", alone[] = "up_now", *key, *value;
	args_keyval(word, &key, &value);
	assert_string_equal(key, "loss-burst-x");
	assert_string_equal(value, "a_b=c");
	args_keyval(alone, &key, &value);
	assert_string_equal(key, "up-now");
	assert_null(value);
}

static void a_call_gives_data_without_a_frame_and_reasons_in_words(void **state)
{
	(void)state;
	struct out data;
	struct err e;
	out_init(&data, false);
	assert_int_equal(cmd_call(&set, "port/print 1", false, 0, &data, &e), 0);
	assert_string_equal(data.text, "1\n");
	assert_int_equal(cmd_call(&set, "port/print 1", true, 0, &data, &e), 0);
	assert_string_equal(data.text, "{\"words\":[\"1\"]}");
	assert_int_equal(cmd_call(&set, "json port/print 1", false, 0, &data, &e), 0);
	assert_string_equal(data.text, "{\"words\":[\"1\"]}");
	assert_int_equal(cmd_call(&set, "fail", true, 0, &data, &e), -ENXIO);
	assert_string_equal(e.text, "No such device or address");
	assert_int_equal(data.len, 0);
	assert_int_equal(cmd_call(&set, "port/prnit", false, 0, &data, &e), -ENOSYS);
	assert_string_equal(e.text,
			    "port/prnit: Function not implemented; did you mean port/print?");
	assert_int_equal(cmd_call(&set, "fail", false, 0, &data, NULL), -ENXIO);
	out_fini(&data);
}

static void help_lists_menus_together_in_vdes_columns(void **state)
{
	(void)state;
	struct out o;
	out_init(&o, false);
	cmd_help(&set, "", &o);
	assert_string_equal(o.text, "COMMAND PATH       SYNTAX          HELP\n"
				    "------------       --------------  ------------\n"
				    "show                               VDE's own\n"
				    "fail               [WORDS]         fails\n"
				    "both                               data and failure\n"
				    "say                TEXT            says it\n"
				    "bare               TEXT            says it unframed\n"
				    "dots                               lines of dots\n"
				    "port               ============    PORT MENU\n"
				    "port/print         [N]             print ports\n"
				    "port/printall                      print more\n"
				    "port/setuser       N user          VDE's parser\n"
				    "port/add           LOCATOR         add a port\n");
	out_clear(&o);
	cmd_help(&set, "port/p", &o);
	assert_non_null(strstr(o.text, "port/print "));
	assert_null(strstr(o.text, "port/add"));
	out_fini(&o);
}

static void help_is_a_list_in_json(void **state)
{
	(void)state;
	struct out o;
	out_init(&o, true);
	cmd_help(&set, "port/s", &o);
	out_done(&o);
	assert_true(json_is_valid(o.text));
	assert_string_equal(o.text,
			    "{\"commands\":[{\"path\":\"port/setuser\",\"syntax\":\"N user\","
			    "\"help\":\"VDE's parser\",\"menu\":false,\"writes\":true}]}");
	out_fini(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replies_have_vdes_frame),
		cmocka_unit_test(vde_commands_with_data_print_both_data_and_error),
		cmocka_unit_test(json_is_one_line_of_data_or_only_the_error),
		cmocka_unit_test(empty_lines_and_comments_answer_nothing),
		cmocka_unit_test(a_reply_is_appended_to_what_is_there),
		cmocka_unit_test(nothing_in_the_data_looks_like_its_end),
		cmocka_unit_test(the_words_of_an_error_stay_on_one_line),
		cmocka_unit_test(an_exact_word_wins_over_vdes_prefix_rule),
		cmocka_unit_test(a_word_is_a_command_only_when_it_is_whole),
		cmocka_unit_test(words_are_split_at_blanks_and_quotes_keep_them_together),
		cmocka_unit_test(the_tail_is_untouched_but_for_its_ends),
		cmocka_unit_test(an_open_quote_and_too_many_words_run_nothing),
		cmocka_unit_test(a_line_over_the_limit_is_refused_and_one_at_it_runs),
		cmocka_unit_test(keys_and_values_come_apart_and_underscores_are_hyphens),
		cmocka_unit_test(a_call_gives_data_without_a_frame_and_reasons_in_words),
		cmocka_unit_test(help_lists_menus_together_in_vdes_columns),
		cmocka_unit_test(help_is_a_list_in_json),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
