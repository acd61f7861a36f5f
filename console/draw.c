/* SPDX-License-Identifier: MIT */
/* draw.c - the whole screen: which page, its list, the facts of the selected row, the bottom line.
 */
#include <stdio.h>
#include <string.h>

#include "console/text.h"
#include "console/ui.h"

/* ---- the top line ---- */

static void draw_health(const struct ui *u, const struct model *m, struct grid *g, int x)
{
	const struct list *l = &u->list[u->page];
	unsigned dead = 0, slow = 0;
	char text[160];
	for (unsigned i = 0; i < m->source_count; i++) {
		dead += m->source[i]->state == SRC_DEAD;
		slow += m->source[i]->state == SRC_SLOW;
	}
	int n = snprintf(text, sizeof text, "%s%s%s", u->read_only ? "ro " : "",
			 l->paused ? "paused " : "", l->filter[0] ? "filtered " : "");
	if (dead || slow)
		snprintf(text + n, sizeof text - (size_t)n, "%u of %u %s", dead ? dead : slow,
			 m->source_count, dead ? "dead" : "slow");
	else
		snprintf(text + n, sizeof text - (size_t)n, "%u source%s", m->source_count,
			 m->source_count == 1 ? "" : "s");
	int room = g->w - x - 1;
	enum style style = dead ? ST_BAD : slow || l->paused ? ST_WARN : ST_DIM;
	if (room >= 6)
		grid_put_right(g, x + 1, 0, room, style, text);
}

static void draw_top(const struct ui *u, const struct model *m, struct grid *g)
{
	int x = 0, all = 0;
	for (int i = 0; i < PAGES; i++)
		all += (int)strlen(pages[i]->name) + 3;
	for (int i = 0; i < PAGES; i++) {
		char number[2] = { (char)('1' + i), '\0' };
		enum style style = i == u->page ? ST_TITLE : ST_DIM;
		x += grid_put(g, x, 0, g->w - x, i == u->page ? ST_TITLE : ST_KEY, number);
		if (all + 12 <= g->w || i == u->page)
			x += grid_print(g, x, 0, g->w - x, style, " %s", pages[i]->name);
		x += all + 12 <= g->w ? 2 : 1;
	}
	draw_health(u, m, g, x);
}

/* ---- output of a command ---- */

static void draw_output(const struct ui *u, const struct model *m, struct grid *g)
{
	const char *at = u->output, *end = at + u->output_len;
	size_t line = 0;
	grid_print(g, 0, 1, g->w, ST_TITLE, "%s: %s", m->source[u->target]->name, u->command);
	for (int y = 2; at < end && y < g->h - 1; line++) {
		const char *nl = memchr(at, '\n', (size_t)(end - at));
		char text[2048];
		snprintf(text, sizeof text, "%.*s", (int)((nl ? nl : end) - at), at);
		if (line >= u->output_top)
			grid_put(g, 0, y++, g->w, ST_PLAIN, text);
		at = nl ? nl + 1 : end;
	}
}

/* ---- the bottom line ---- */

static void draw_prompt(const struct ui *u, struct grid *g, int y, int *cx)
{
	int x = grid_print(g, 0, y, g->w / 2, ST_KEY, "%s ", u->label);
	int room = g->w - x - 1, cursor = line_cursor(&u->line), skip = 0;
	const char *text = u->line.text, *end = text + u->line.len;
	while (cursor - skip > room && text < end) { /* what is before the window goes */
		char one[8];
		uint32_t ch;
		size_t n = text_next(text, end, &ch);
		snprintf(one, sizeof one, "%.*s", (int)n, text);
		skip += grid_columns(one);
		text += n;
	}
	grid_put(g, x, y, room, ST_PLAIN, text);
	*cx = x + cursor - skip;
}

static void draw_question(const struct ui *u, const struct model *m, struct grid *g, int y)
{
	static const char tail[] = "? y or n";
	int room = g->w - (int)sizeof tail + 1;
	int x = grid_print(g, 0, y, room, ST_WARN, "%s: %s", m->source[u->target]->name,
			   u->command);
	grid_put(g, x, y, g->w - x, ST_KEY, tail);
}

static void draw_bottom(const struct ui *u, const struct model *m, struct grid *g, int *cx, int *cy)
{
	int y = g->h - 1;
	if (u->mode == UI_PROMPT) {
		draw_prompt(u, g, y, cx);
		*cy = y;
		if (u->candidates[0]) {
			grid_blank(g, 0, y - 1, g->w, 1);
			grid_put(g, 0, y - 1, g->w, ST_DIM, u->candidates);
		}
	} else if (u->mode == UI_ASK) {
		draw_question(u, m, g, y);
	} else if (u->mode == UI_OUTPUT || u->mode == UI_HELP) {
		grid_put(g, 0, y, g->w, ST_DIM, "j k PgDn PgUp to move, any other key closes this");
	} else if (u->message[0]) {
		int x = lead_draw(m, g, y);
		grid_put(g, x, y, g->w - x, u->message_style, u->message);
	} else {
		help_hints(u, g, lead_draw(m, g, y), y);
	}
}

/* ---- all of it ---- */

static void draw_page(struct ui *u, const struct model *m, struct grid *g)
{
	const struct page *p = pages[u->page];
	struct list *l = &u->list[u->page];
	int detail = g->h >= 16 ? p->detail_lines : p->detail_lines > 1 ? 1 : p->detail_lines;
	u->body = g->h - 2 - detail;
	list_draw(l, p, m, g, 1, u->body, u->seen);
	const struct ref *r = list_selected(l);
	if (detail && r)
		p->detail(m, r, g, 1 + u->body, detail);
}

void ui_draw(struct ui *u, const struct model *m, struct grid *g, int *x, int *y)
{
	int cx = -1, cy = -1;
	grid_clear(g);
	memset(u->seen, 0, sizeof u->seen);
	u->leads = model_leader(m) >= 0;
	list_settle(&u->list[u->page], pages[u->page], m);
	if (g->w < GRID_MIN_W || g->h < GRID_MIN_H) {
		grid_print(g, 0, 0, g->w, ST_WARN, "%dx%d is too small", g->w, g->h);
		grid_print(g, 0, 1, g->w, ST_WARN, "%dx%d will do", GRID_MIN_W, GRID_MIN_H);
	} else {
		draw_top(u, m, g);
		if (u->mode == UI_OUTPUT) {
			u->body = g->h - 2;
			draw_output(u, m, g);
		} else if (u->mode == UI_HELP) {
			u->body = g->h - 2;
			u->output_lines = help_lines(u);
			help_draw(u, m, g);
		} else {
			draw_page(u, m, g);
		}
		draw_bottom(u, m, g, &cx, &cy);
	}
	if (x)
		*x = cx;
	if (y)
		*y = cy;
}
