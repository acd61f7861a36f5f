/* SPDX-License-Identifier: MIT */
/* test_ui.c - keys: every one of every page, questions before deeds, and what read-only forbids. */
#include "tests/unit/cmocka.h"

#include "console/ui.h"
#include "tests/unit/console/demo.h"
#include "tests/unit/dice.h"

struct rig {
	struct model m;
	struct ui u;
	struct grid g;
	unsigned sent, saved, watched;
	unsigned source;
	char line[256], path[64], text[8192], what[64];
};

static void on_send(void *ctx, unsigned source, const char *line)
{
	struct rig *r = ctx;
	r->sent++;
	r->source = source;
	snprintf(r->line, sizeof r->line, "%s", line);
}

static void on_save(void *ctx, const char *path, const char *text, size_t len, char *words,
		    size_t size)
{
	struct rig *r = ctx;
	r->saved++;
	snprintf(r->path, sizeof r->path, "%s", path);
	snprintf(r->text, sizeof r->text, "%.*s", (int)len, text);
	snprintf(words, size, "saved");
}

static void on_prepare(void *ctx)
{
	(void)ctx;
}

static void on_watch(void *ctx, unsigned source, const char *what, char *words, size_t size)
{
	struct rig *r = ctx;
	r->watched++;
	r->source = source;
	snprintf(r->what, sizeof r->what, "%s", what ? what : "stop");
	snprintf(words, size, "watching");
}

static int set_up(void **state)
{
	static struct rig r;
	static struct ui_host host = { &r, on_send, on_prepare, on_save, on_watch, on_watch };
	memset(&r, 0, sizeof r);
	demo_model(&r.m);
	ui_init(&r.u, &host);
	assert_int_equal(grid_init(&r.g, 80, 24, false), 0);
	*state = &r;
	return 0;
}

static int tear_down(void **state)
{
	struct rig *r = *state;
	ui_fini(&r->u);
	model_fini(&r->m);
	grid_fini(&r->g);
	return 0;
}

static void keys(struct rig *r, const char *keys)
{
	for (; *keys; keys++)
		ui_key(&r->u, &r->m, *keys == '\n' ? UI_ENTER : *keys);
	ui_draw(&r->u, &r->m, &r->g, NULL, NULL);
}

static void answer(struct rig *r, unsigned source, const char *line, int code, const char *text)
{
	ui_answer(&r->u, &r->m, source, line, code, text, strlen(text));
}

/* The bottom line of the screen. */
static const char *bottom(struct rig *r)
{
	static char line[400];
	struct out o;
	out_init(&o, false);
	grid_text(&r->g, &o);
	o.text[o.len - 1] = '\0';
	snprintf(line, sizeof line, "%s", strrchr(o.text, '\n') + 1);
	out_fini(&o);
	return line;
}

static void a_deed_is_asked_about_first(void **state)
{
	struct rig *r = *state;
	keys(r, "jd");
	assert_string_equal(bottom(r), "s1: port/down 2? y or n");
	assert_int_equal(r->sent, 0);
	keys(r, "n");
	assert_int_equal(r->sent, 0);
	keys(r, "d\n"); /* Enter is no yes */
	assert_int_equal(r->sent, 0);
	keys(r, "dy");
	assert_int_equal(r->sent, 1);
	assert_string_equal(r->line, "port/down 2");
	assert_int_equal(r->source, 0);
}

static void a_value_is_asked_for_then_the_deed(void **state)
{
	struct rig *r = *state;
	keys(r, "v20\n");
	assert_string_equal(bottom(r), "s1: port/set 1 vlan=20? y or n");
	keys(r, "y");
	assert_string_equal(r->line, "port/set 1 vlan=20");
	keys(r, "v\n"); /* nothing was given */
	assert_int_equal(r->u.mode, UI_BROWSE);
	assert_int_equal(r->sent, 1);
	keys(r, "4i");
	keys(r, "delay=9ms loss=1%\ny");
	assert_string_equal(r->line, "set delay=9ms loss=1%");
	assert_int_equal(r->source, 3);
}

static void files_are_sent_with_their_whole_path(void **state)
{
	struct rig *r = *state;
	snprintf(r->u.folder, sizeof r->u.folder, "/my \"home");
	keys(r, "w\ny");
	assert_string_equal(r->line, "config/save \"/my \\\"home/s1.conf\"");
	keys(r, "p");
	ui_key(&r->u, &r->m, UI_CTRL('u'));
	keys(r, "/tmp/a b\\c\ny");
	assert_string_equal(r->line, "capture/start 1 \"/tmp/a b\\\\c\"");
}

static void answers_are_shown_and_kept(void **state)
{
	struct rig *r = *state;
	answer(r, 0, "port/down 2", 0, "");
	keys(r, "");
	assert_string_equal(bottom(r), "s1: port/down 2: done");
	assert_int_equal(r->u.record.count, 1);
	answer(r, 0, "port/down 9", 2, "no such port");
	keys(r, "");
	assert_string_equal(bottom(r), "s1: port/down 9: no such port");
	assert_int_equal(r->u.record.count, 1);
	answer(r, 0, "port/print", 0, "late\n");
	assert_int_equal(r->u.mode,
			 UI_BROWSE); /* a key was pressed since: no answer takes the screen */
	keys(r, ":port/print\n");
	answer(r, 0, "port/print", 0, "one\x1b[2J\ntwo\n");
	keys(r, "");
	assert_int_equal(r->u.mode, UI_OUTPUT);
	assert_int_equal(r->u.record.count, 1);
	assert_int_equal(grid_at(&r->g, 3, 2)->ch, '\\'); /* escaped */
	keys(r, "q");
	assert_int_equal(r->u.mode, UI_BROWSE);
	assert_false(r->u.quit);
}

static void any_command_is_completed_and_asked_if_it_writes(void **state)
{
	struct rig *r = *state;
	keys(r, ":port/pr\t");
	assert_string_equal(bottom(r), "s1: port/print");
	keys(r, "3\n");
	assert_int_equal(r->sent, 1);
	assert_string_equal(r->line, "port/print 3");
	keys(r, ":port/down 3\n");
	assert_string_equal(bottom(r), "s1: port/down 3? y or n");
	keys(r, "y");
	assert_int_equal(r->sent, 2);
	keys(r, ":event/watch\n"); /* the console does that */
	assert_int_equal(r->sent, 2);
	keys(r, ":port/\t");
	assert_int_equal(grid_at(&r->g, 0, 22)->ch, 'p'); /* the candidates */
	keys(r, "\x1b");
	keys(r, ":");
	ui_key(&r->u, &r->m, UI_UP);
	ui_key(&r->u, &r->m, UI_UP);
	keys(r, "");
	assert_string_equal(bottom(r), "s1: port/down 3");
	keys(r, "\x1b");
}

static void read_only_lets_nothing_through(void **state)
{
	struct rig *r = *state;
	r->u.read_only = true;
	for (int p = 0; p < PAGES; p++) {
		for (const struct key *k = pages[p]->keys; k && k->key; k++) {
			if (!k->writes)
				continue;
			ui_go(&r->u, p);
			ui_key(&r->u, &r->m, k->key);
			keys(r, "y\ny");
			ui_key(&r->u, &r->m, UI_ESCAPE);
		}
	}
	assert_int_equal(r->sent, 0);
	ui_go(&r->u, PAGE_PORTS);
	static const char *const lines[] = { "port/down 3",  "json port/down 3",
					     " port/down 3", "nosuch",
					     "port/do",      "port",
					     "shutdown",     "json  json port/down 3" };
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		keys(r, ":");
		keys(r, lines[i]);
		keys(r, "\ny\n");
		ui_key(&r->u, &r->m, UI_ESCAPE);
	}
	assert_int_equal(r->sent, 0);
	keys(r, ":json port/print\n");
	assert_int_equal(r->sent, 1);
	ui_go(&r->u, PAGE_LAB);
	keys(r, "G:port/print\n"); /* VDE's own does not tell what writes */
	assert_int_equal(r->sent, 1);
}

static void filter_and_search_are_seen_while_typed(void **state)
{
	struct rig *r = *state;
	keys(r, "ftap0");
	assert_int_equal(r->u.list[PAGE_PORTS].rows.count, 4);
	keys(r, "\x1b");
	assert_int_equal(r->u.list[PAGE_PORTS].rows.count, 16);
	keys(r, "ftap0\n");
	assert_int_equal(r->u.list[PAGE_PORTS].rows.count, 4);
	keys(r, "f");
	ui_key(&r->u, &r->m, UI_CTRL('u'));
	keys(r, "\n");
	assert_int_equal(r->u.list[PAGE_PORTS].rows.count, 16);
	keys(r, "/tap0\n");
	assert_int_equal(r->u.list[PAGE_PORTS].at, 2);
	keys(r, "n");
	assert_int_equal(r->u.list[PAGE_PORTS].at, 6);
}

static void paused_nothing_is_asked(void **state)
{
	struct rig *r = *state;
	assert_true(ui_wants(&r->u) & WANT_RATES);
	keys(r, " ");
	assert_int_equal(ui_wants(&r->u), 0);
	keys(r, " ");
	assert_true(ui_wants(&r->u) & WANT_RATES);
}

static void what_was_done_is_saved(void **state)
{
	struct rig *r = *state;
	keys(r, "S");
	assert_int_equal(r->u.mode, UI_BROWSE); /* nothing yet */
	answer(r, 0, "port/down 2", 0, "");
	keys(r, "S\n");
	assert_int_equal(r->saved, 1);
	assert_string_equal(r->path, "by-hand.lua");
	assert_non_null(strstr(r->text, "s1:cmd(\"port/down 2\")"));
}

static void frames_are_watched_where_a_source_can(void **state)
{
	struct rig *r = *state;
	keys(r, "\n");
	assert_int_equal(r->watched, 1);
	assert_string_equal(r->what, "1");
	assert_int_equal(r->u.page, PAGE_FRAMES);
	keys(r, "x");
	assert_string_equal(r->what, "stop");
	keys(r, "4\n"); /* this wire has no capture/ commands */
	assert_int_equal(r->watched, 2);
	assert_string_equal(bottom(r), "s1--s2 has no capture/ commands");
}

static void a_node_opens_its_ports(void **state)
{
	struct rig *r = *state;
	keys(r, "7j\n");
	assert_int_equal(r->u.page, PAGE_PORTS);
	assert_string_equal(r->u.list[PAGE_PORTS].filter, "s2");
}

/* Whatever is pressed, in whatever size, while the model changes: no crash, and deeds only after
 * yes. */
static void any_keys_on_any_screen(void **state)
{
	static const int special[] = { UI_UP,    UI_DOWN,      UI_LEFT,      UI_RIGHT,  UI_HOME,
				       UI_END,   UI_PAGE_UP,   UI_PAGE_DOWN, UI_DELETE, UI_ESCAPE,
				       UI_ENTER, UI_BACKSPACE, UI_TAB,       UI_KEY };
	struct rig *r = *state;
	struct dice d = dice_of("keys");
	for (int i = 0; i < 30000; i++) {
		int key = dice_below(&d, 3)
				  ? (int)(' ' + dice_below(&d, 95))
				  : special[dice_below(&d, sizeof special / sizeof *special)];
		bool asked = r->u.mode == UI_ASK;
		unsigned before = r->sent;
		ui_key(&r->u, &r->m, key);
		const struct command *c = source_command(r->m.source[r->source], r->line);
		if (r->sent != before && !asked && c)
			assert_false(c->writes);
		r->u.quit = false;
		if (dice_below(&d, 20) == 0)
			demo_take(take_port_print, &r->m, r->m.source[dice_below(&d, 3)],
				  dice_below(&d, 2) ? "{\"ports\":[]}"
						    : "{\"ports\":[{\"port\":1},{\"port\":5}]}",
				  DEMO_NOW);
		if (dice_below(&d, 20) == 0)
			demo_take(take_fdb, &r->m, r->m.source[0], "{\"entries\":[]}", DEMO_NOW);
		if (dice_below(&d, 30) == 0)
			r->u.expects = dice_below(&d, 2), answer(r, 0, "showinfo", 0, "a\nb\n");
		if (dice_below(&d, 10) == 0) {
			grid_fini(&r->g);
			assert_int_equal(grid_init(&r->g, 1 + (int)dice_below(&d, 120),
						   1 + (int)dice_below(&d, 40), i & 1),
					 0);
		}
		ui_draw(&r->u, &r->m, &r->g, NULL, NULL);
	}
}

static void labels_and_help_are_there(void **state)
{
	(void)state;
	for (int p = 0; p < PAGES; p++)
		for (const struct key *k = pages[p]->keys; k && k->key; k++) {
			assert_true(k->label && *k->label && k->help && *k->help && k->run);
			for (const struct key *o = pages[p]->keys; o != k; o++)
				assert_int_not_equal(o->key, k->key);
			for (const struct key *o = ui_keys; o->key; o++)
				assert_int_not_equal(o->key,
						     k->key); /* a page hides no common key */
		}
}

#define rigged(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		rigged(a_deed_is_asked_about_first),
		rigged(a_value_is_asked_for_then_the_deed),
		rigged(files_are_sent_with_their_whole_path),
		rigged(answers_are_shown_and_kept),
		rigged(any_command_is_completed_and_asked_if_it_writes),
		rigged(read_only_lets_nothing_through),
		rigged(filter_and_search_are_seen_while_typed),
		rigged(paused_nothing_is_asked),
		rigged(what_was_done_is_saved),
		rigged(frames_are_watched_where_a_source_can),
		rigged(a_node_opens_its_ports),
		rigged(any_keys_on_any_screen),
		cmocka_unit_test(labels_and_help_are_there),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
