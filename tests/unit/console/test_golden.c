/* SPDX-License-Identifier: MIT */
/* test_golden.c - every page at three sizes, cell by cell, and what stands for colours: against
 * files in golden/. GOLDEN=write in the environment writes them anew; the commit says what looks
 * different. */
#include "tests/unit/cmocka.h"

#include <stdlib.h>

#include "console/ui.h"
#include "tests/unit/console/demo.h"

static const struct {
	int w, h;
} sizes[] = { { 80, 24 }, { 40, 10 }, { 200, 60 } };

static void no_send(void *ctx, unsigned source, const char *line)
{
	(void)ctx, (void)source, (void)line;
	fail_msg("drawing sends nothing");
}

static const struct ui_host host = { .send = no_send };

static void slurp(const char *path, struct out *o)
{
	char room[4096];
	size_t n;
	FILE *f = fopen(path, "r");
	if (!f)
		return;
	while ((n = fread(room, 1, sizeof room, f)) > 0)
		out_raw(o, room, n);
	fclose(f);
}

static void compare(const char *name, const struct out *got)
{
	char path[200];
	struct out want;
	snprintf(path, sizeof path, "tests/unit/console/golden/%s.txt", name);
	const char *mode = getenv("GOLDEN");
	if (mode && strcmp(mode, "write") == 0) {
		FILE *f = fopen(path, "w");
		assert_non_null(f);
		assert_int_equal(fwrite(got->text, 1, got->len, f), got->len);
		assert_int_equal(fclose(f), 0);
		return;
	}
	out_init(&want, false);
	slurp(path, &want);
	if (want.len != got->len || memcmp(want.text, got->text, got->len) != 0) {
		print_message("%s: drawn is\n%s", path, got->text);
		fail_msg("%s differs", path);
	}
	out_fini(&want);
}

/* A letter for each meaning; selected ones are capitals. */
static void styles_text(const struct grid *g, struct out *o)
{
	static const char letters[ST_STYLES] = "pdthkgwbna";
	for (int y = 0; y < g->h; y++) {
		char line[GRID_MAX_W + 2];
		for (int x = 0; x < g->w; x++) {
			const struct cell *c = grid_at(g, x, y);
			char l = letters[c->style];
			line[x] = (char)(c->selected ? l - 'a' + 'A' : c->ch == ' ' ? ' ' : l);
		}
		size_t n = (size_t)g->w;
		while (n > 0 && line[n - 1] == ' ')
			n--;
		line[n++] = '\n';
		out_raw(o, line, n);
	}
}

static void draw_and_compare(struct ui *u, const struct model *m, int w, int h, bool ascii,
			     bool styles, const char *name)
{
	struct grid g;
	struct out o;
	out_init(&o, false);
	assert_int_equal(grid_init(&g, w, h, ascii), 0);
	ui_draw(u, m, &g, NULL, NULL);
	grid_text(&g, &o);
	if (styles)
		styles_text(&g, &o);
	compare(name, &o);
	grid_fini(&g);
	out_fini(&o);
}

static void pages_look_as_they_should(void **state)
{
	struct model m;
	struct ui u;
	(void)state;
	demo_model(&m);
	ui_init(&u, &host);
	for (int p = 0; p < PAGES; p++)
		for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
			char name[64];
			ui_go(&u, p);
			snprintf(name, sizeof name, "%s-%dx%d", pages[p]->name, sizes[i].w,
				 sizes[i].h);
			draw_and_compare(&u, &m, sizes[i].w, sizes[i].h, false, false, name);
		}
	ui_fini(&u);
	model_fini(&m);
}

static void ascii_terminals_get_ascii(void **state)
{
	struct model m;
	struct ui u;
	(void)state;
	demo_model(&m);
	ui_init(&u, &host);
	draw_and_compare(&u, &m, 110, 24, true, false, "ports-ascii");
	ui_go(&u, PAGE_TREE);
	draw_and_compare(&u, &m, 80, 24, true, false, "tree-ascii");
	ui_fini(&u);
	model_fini(&m);
}

static void meanings_have_their_styles(void **state)
{
	struct model m;
	struct ui u;
	(void)state;
	demo_model(&m);
	ui_init(&u, &host);
	draw_and_compare(&u, &m, 100, 24, false, true, "ports-styles");
	ui_go(&u, PAGE_LAB);
	draw_and_compare(&u, &m, 100, 16, false, true, "lab-styles");
	ui_fini(&u);
	model_fini(&m);
}

static void help_greys_what_is_off(void **state)
{
	struct model m;
	struct ui u;
	(void)state;
	demo_model(&m);
	ui_init(&u, &host);
	u.read_only = true;
	draw_and_compare(&u, &m, 80, 12, false, true, "ports-read-only");
	ui_key(&u, &m, '?');
	draw_and_compare(&u, &m, 80, 36, false, true, "help-read-only");
	ui_fini(&u);
	model_fini(&m);
}

static void a_lab_that_is_led_shows_its_time(void **state)
{
	struct model m;
	struct ui u;
	(void)state;
	demo_model(&m);
	demo_leader(&m);
	ui_init(&u, &host);
	draw_and_compare(&u, &m, 100, 16, false, false, "led-ports");
	ui_go(&u, PAGE_LAB);
	ui_key(&u, &m, 'G');
	draw_and_compare(&u, &m, 120, 20, false, true, "led-lab");
	draw_and_compare(&u, &m, 40, 10, false, false, "led-lab-40x10");
	ui_key(&u, &m, '?');
	draw_and_compare(&u, &m, 80, 40, false, false, "led-help");
	ui_fini(&u);
	model_fini(&m);
}

static void without_sources_a_page_says_so(void **state)
{
	struct model m;
	struct ui u;
	(void)state;
	assert_int_equal(model_init(&m), 0);
	ui_init(&u, &host);
	for (int p = 0; p < PAGES; p++) {
		char name[64];
		ui_go(&u, p);
		snprintf(name, sizeof name, "empty-%s", pages[p]->name);
		draw_and_compare(&u, &m, 80, 8, false, false, name);
	}
	ui_fini(&u);
	model_fini(&m);
}

static void too_small_a_screen_gets_a_word(void **state)
{
	struct model m;
	struct ui u;
	(void)state;
	demo_model(&m);
	ui_init(&u, &host);
	draw_and_compare(&u, &m, 39, 24, false, false, "narrow");
	draw_and_compare(&u, &m, 80, 7, false, false, "low");
	draw_and_compare(&u, &m, 1, 1, false, false, "one");
	ui_fini(&u);
	model_fini(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_look_as_they_should),
		cmocka_unit_test(ascii_terminals_get_ascii),
		cmocka_unit_test(meanings_have_their_styles),
		cmocka_unit_test(help_greys_what_is_off),
		cmocka_unit_test(a_lab_that_is_led_shows_its_time),
		cmocka_unit_test(without_sources_a_page_says_so),
		cmocka_unit_test(too_small_a_screen_gets_a_word),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
