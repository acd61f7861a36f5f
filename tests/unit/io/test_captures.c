/* SPDX-License-Identifier: MIT */
/* test_captures.c - the commands of captures: what they take, what they refuse, and what the
 * program that has them is told. */
#include "tests/unit/cmocka.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/io/captures.h"

struct world {
	char dir[64];
	struct loop *loop;
	struct captures *captures;
	struct cmd_table table;
	struct cmd_set set;
	int wanted;
	char filter[200]; /* the last that was compiled */
	char ended[200];
	struct out data;
	struct err err;
};

static int compile(struct bpf **out, const char *expression, struct err *e);
static struct world *the_world; /* for compile(), which has no context */

static void describe(void *ctx, unsigned point, struct pcapng_interface *i)
{
	(void)ctx;
	i->name = point ? "two" : "one";
}

static void wanted(void *ctx, bool on)
{
	((struct world *)ctx)->wanted += on ? 1 : -1;
}

static void on_event(void *ctx, const struct event *ev)
{
	struct world *w = ctx;
	assert_int_equal(ev->kind, EVENT_CAPTURE_END);
	snprintf(w->ended, sizeof w->ended, "%s: %s", ev->name, ev->text);
}

static int compile(struct bpf **out, const char *expression, struct err *e)
{
	static const struct bpf_op all[] = { { 6, 0, 0, 1 } };
	snprintf(the_world->filter, sizeof the_world->filter, "%s", expression);
	if (strcmp(expression, "bad") == 0)
		return err_set(e, -EINVAL, "filter 'bad': no such thing");
	return bpf_new(out, all, 1, e);
}

static const struct captures_host host = {
	.point = captures_find_dir,
	.name = captures_name_dir,
	.any = captures_any_dir,
	.describe = describe,
	.compile = compile,
	.wanted = wanted,
	.event = on_event,
};

static int set_up(void **state)
{
	struct world *w = calloc(1, sizeof *w);
	strcpy(w->dir, "/tmp/dw-captures-XXXXXX");
	if (!mkdtemp(w->dir) || chdir(w->dir) < 0)
		return -1;
	w->loop = loop_new();
	w->captures = captures_new(w->loop, "test", &host, w);
	w->table = (struct cmd_table){ capture_commands, w->captures };
	w->set = (struct cmd_set){ &w->table, 1 };
	out_init(&w->data, false);
	the_world = w;
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;
	char command[128];
	captures_free(w->captures);
	assert_int_equal(w->wanted, 0);
	loop_free(w->loop);
	out_fini(&w->data);
	snprintf(command, sizeof command, "cd / && rm -rf %s", w->dir);
	free(w);
	return system(command);
}

static int run(struct world *w, const char *line, bool json)
{
	out_fini(&w->data);
	out_init(&w->data, json);
	w->err.text[0] = '\0';
	return cmd_call(&w->set, line, json, 0, &w->data, &w->err);
}

static void done(struct world *w, const char *line)
{
	if (run(w, line, false) < 0)
		fail_msg("%s: %s", line, w->err.text);
}

static void turns(struct world *w)
{
	bool over;
	for (int i = 0; i < 4; i++)
		loop_turn(w->loop, 0, &over);
}

static void send(struct world *w, unsigned point, unsigned count)
{
	const struct capture_note n = { .why = DROP_REASONS };
	struct pieces p = pieces_over("0123456789abcdefgh", 18);
	while (count--)
		captures_frame(w->captures, point, &n, &p, 0);
}

static void captures_start_run_and_stop(void **state)
{
	struct world *w = *state;
	done(w, "capture/start all x");
	assert_string_equal(w->data.text, "capture 1\n");
	assert_int_equal(w->wanted, 1);
	done(w, "capture/start ba y filter udp port 53 or arp");
	assert_string_equal(w->filter, "udp port 53 or arp");
	assert_int_equal(w->wanted, 1);
	send(w, 0, 3);
	send(w, 1, 2);
	assert_int_equal(run(w, "capture/list", true), 0);
	assert_non_null(
		strstr(w->data.text, "{\"id\":1,\"point\":\"all\",\"frames\":5,\"lost\":0,"));
	assert_non_null(
		strstr(w->data.text, "{\"id\":2,\"point\":\"ba\",\"frames\":2,\"lost\":0,"));
	assert_non_null(strstr(w->data.text, "\"file\":\"x\",\"filter\":null}"));
	assert_non_null(strstr(w->data.text, "\"file\":\"y\",\"filter\":\"udp port 53 or arp\"}"));
	done(w, "capture/stop 1");
	turns(w);
	assert_string_equal(w->ended, "1: stopped");
	assert_int_equal(w->wanted, 1);
	done(w, "capture/start ab z filter \"udp port 53\"");
	assert_string_equal(w->data.text, "capture 3\n"); /* numbers are not used again */
	assert_string_equal(w->filter, "udp port 53");
	done(w, "capture/stop all");
	done(w, "capture/stop all");
	turns(w);
	assert_int_equal(w->wanted, 0);
	done(w, "capture/list");
	assert_null(strchr(strchr(w->data.text, '\n') + 1, '\n')); /* a head line, no more */
}

static void a_capture_without_a_disk_tells_why_it_is_over(void **state)
{
	struct world *w = *state;
	done(w, "capture/start all /dev/full");
	send(w, 0, 1);
	turns(w);
	assert_string_equal(w->ended, "1: /dev/full: No space left on device");
	assert_int_equal(w->wanted, 0);
	assert_int_equal(run(w, "capture/stop 1", false), -ENOENT);
}

static void wrong_words_change_nothing(void **state)
{
	struct world *w = *state;
	static const struct {
		const char *line, *words;
	} row[] = {
		{ "capture/start", "what, and where to?" },
		{ "capture/start all", "what, and where to?" },
		{ "capture/start up x", "directions ab and ba" },
		{ "capture/start all x ring", "ring SIZE COUNT" },
		{ "capture/start all x ring 1MB", "ring SIZE COUNT" },
		{ "capture/start all x ring 1MB 1", "ring" },
		{ "capture/start all x ring 1MB many", "ring" },
		{ "capture/start all x ring lots 3", "ring" },
		{ "capture/start all x ring 0B 3", "ring" },
		{ "capture/start all x ring 100B 3", "ring" },
		{ "capture/start all x ring -1MB 3", "ring" },
		{ "capture/start all x filter", "no expression" },
		{ "capture/start all x filter bad", "no such thing" },
		{ "capture/start all x rung 1MB 3", "can stand here" },
		{ "capture/start all -", "no stdout came" },
		{ "capture/start all /no/such/folder/x", "No such file" },
		{ "capture/stop", "which?" },
		{ "capture/stop 1", "no such capture" },
		{ "capture/stop 0", "0" },
		{ "capture/stop 1 2", "which?" },
		{ "capture/stop first", "first" },
		{ "capture/list all", "no words" },
	};
	for (unsigned i = 0; i < sizeof row / sizeof *row; i++) {
		assert_true(run(w, row[i].line, false) < 0);
		if (!strstr(w->err.text, row[i].words))
			fail_msg("%s: '%s' does not say '%s'", row[i].line, w->err.text,
				 row[i].words);
	}
	assert_int_equal(w->wanted, 0);
	assert_int_not_equal(access("x", F_OK), 0);
	char line[3 * PCAPNG_TEXT_MAX] = "capture/start all x filter ";
	memset(line + strlen(line), 'y', 2 * PCAPNG_TEXT_MAX);
	assert_int_equal(run(w, line, false), -EINVAL);
}

static void there_is_a_most_of_them(void **state)
{
	struct world *w = *state;
	for (unsigned i = 0; i < CAPTURES_MAX; i++)
		done(w, "capture/start all /dev/null");
	assert_int_equal(run(w, "capture/start all /dev/null", false), -EMFILE);
	done(w, "capture/stop all");
	turns(w);
	done(w, "capture/start all /dev/null");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(captures_start_run_and_stop),
		TEST(a_capture_without_a_disk_tells_why_it_is_over),
		TEST(wrong_words_change_nothing),
		TEST(there_is_a_most_of_them),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
