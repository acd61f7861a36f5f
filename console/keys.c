/* SPDX-License-Identifier: MIT */
/* keys.c - the keys that every page has, and the help that is made from the tables of keys. */
#include <stdio.h>
#include <string.h>

#include "console/text.h"
#include "console/ui.h"

/* ---- moving ---- */

static struct list *list_of(struct ui *u)
{
	return &u->list[u->page];
}

static void run_up(struct ui *u, const struct model *m, const struct ref *r)
{
	(void)m, (void)r;
	list_move(list_of(u), -1);
}

static void run_down(struct ui *u, const struct model *m, const struct ref *r)
{
	(void)m, (void)r;
	list_move(list_of(u), 1);
}

static long screenful(const struct ui *u)
{
	return u->body > 2 ? u->body - 1 : 1;
}

static void run_page_up(struct ui *u, const struct model *m, const struct ref *r)
{
	(void)m, (void)r;
	list_move(list_of(u), -screenful(u));
}

static void run_page_down(struct ui *u, const struct model *m, const struct ref *r)
{
	(void)m, (void)r;
	list_move(list_of(u), screenful(u));
}

static void run_top(struct ui *u, const struct model *m, const struct ref *r)
{
	(void)m, (void)r;
	list_move(list_of(u), -(long)list_of(u)->rows.count);
}

static void run_bottom(struct ui *u, const struct model *m, const struct ref *r)
{
	(void)m, (void)r;
	list_move(list_of(u), (long)list_of(u)->rows.count);
}

static void run_left(struct ui *u, const struct model *m, const struct ref *r)
{
	(void)m, (void)r;
	ui_go(u, u->page - 1);
}

static void run_right(struct ui *u, const struct model *m, const struct ref *r)
{
	(void)m, (void)r;
	ui_go(u, u->page + 1);
}

/* ---- finding and ordering ---- */

static void find_typed(struct ui *u, const struct model *m, const char *text)
{
	struct list *l = list_of(u);
	if (*text && !list_find(l, pages[u->page], m, text, false))
		ui_say(u, ST_WARN, "%s: not found", text);
}

static void find_done(struct ui *u, const struct model *m, const char *text)
{
	struct list *l = list_of(u);
	if (*text)
		snprintf(l->find, sizeof l->find, "%s", text);
	find_typed(u, m, l->find);
}

static void run_find(struct ui *u, const struct model *m, const struct ref *r)
{
	(void)m, (void)r;
	ui_prompt(u, "find", "", find_done, find_typed);
}

static void run_again(struct ui *u, const struct model *m, const struct ref *r)
{
	struct list *l = list_of(u);
	(void)r;
	if (!l->find[0])
		run_find(u, m, r);
	else if (!list_find(l, pages[u->page], m, l->find, true))
		ui_say(u, ST_WARN, "%s: not found", l->find);
}

static void filter_typed(struct ui *u, const struct model *m, const char *text)
{
	list_filter(list_of(u), text);
	list_settle(list_of(u), pages[u->page], m);
}

static void run_filter(struct ui *u, const struct model *m, const struct ref *r)
{
	struct list *l = list_of(u);
	(void)m, (void)r;
	ui_prompt(u, "show only", l->filter, filter_typed, filter_typed);
	snprintf(u->before, sizeof u->before, "%s", l->filter);
}

static void run_sort(struct ui *u, const struct model *m, const struct ref *r)
{
	struct list *l = list_of(u);
	(void)m, (void)r;
	list_sort_next(l, pages[u->page]);
	ui_say(u, ST_DIM, "sorted by %s",
	       l->sort ? pages[u->page]->columns[l->sort - 1].title : "nothing: as it comes");
}

static void run_reverse(struct ui *u, const struct model *m, const struct ref *r)
{
	struct list *l = list_of(u);
	(void)m, (void)r;
	l->reverse = !l->reverse;
	l->stale = true;
}

static void run_pause(struct ui *u, const struct model *m, const struct ref *r)
{
	struct list *l = list_of(u);
	(void)r;
	list_pause(l, m, !l->paused);
}

/* ---- commands ---- */

/* The first word of a command and whether it may run: exactly a command that is told to change
 * nothing, so that no rule of prefixes lets another one through. */
static bool may_run(const struct ui *u, const struct source *s, const char *line, bool *writes)
{
	char word[64];
	line += strspn(line, " ");
	if (strncmp(line, "json ", 5) == 0)
		line += 5 + strspn(line + 5, " ");
	snprintf(word, sizeof word, "%.*s", (int)strcspn(line, " \t"), line);
	const struct command *c = source_command(s, word);
	*writes = !c || c->writes;
	return !u->read_only || !*writes;
}

static bool is_ours(const char *line)
{
	static const char *const words[] = { "event/watch", "event/unwatch", "logout" };
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strncmp(line, words[i], strlen(words[i])) == 0)
			return true;
	return false;
}

static void command_done(struct ui *u, const struct model *m, const char *text)
{
	bool writes;
	text += strspn(text, " ");
	if (!*text)
		return;
	if (is_ours(text))
		ui_say(u, ST_WARN, "%s: the console does that by itself", text);
	else if (!may_run(u, m->source[u->target], text, &writes))
		ui_say(u, ST_WARN, "read-only: %s is off", text);
	else if (writes)
		ui_ask(u, u->target, "%s", text);
	else
		ui_send(u, u->target, text);
}

static int any_source(const struct model *m)
{
	for (unsigned i = 0; i < m->source_count; i++)
		if (m->source[i]->state == SRC_UP)
			return (int)i;
	return -1;
}

static void run_command(struct ui *u, const struct model *m, const struct ref *r)
{
	char label[NAME_LEN + 2];
	int target = r ? (int)r->source : any_source(m);
	if (target < 0) {
		ui_say(u, ST_WARN, "there is nobody to say it to");
		return;
	}
	snprintf(label, sizeof label, "%s:", m->source[target]->name);
	ui_prompt(u, label, "", command_done, NULL);
	u->target = (unsigned)target;
	u->completes = true;
}

static void save_done(struct ui *u, const struct model *m, const char *text)
{
	struct out o;
	if (!*text)
		return;
	out_init(&o, false);
	record_lua(&u->record, m, &o);
	if (o.oom)
		ui_say(u, ST_BAD, "out of memory");
	else {
		char words[200];
		u->host->save(u->host->ctx, text, o.text, o.len, words, sizeof words);
		ui_say(u, ST_PLAIN, "%s", words);
	}
	out_fini(&o);
}

static void run_save(struct ui *u, const struct model *m, const struct ref *r)
{
	int leader = model_leader(m);
	(void)r;
	if (leader >= 0) {
		ui_ask_value(u, (unsigned)leader, "save what was done as", "by-hand.lua",
			     "hand/save \"%s\"");
		return;
	}
	if (!u->record.count) {
		ui_say(u, ST_DIM, "nothing was done by hand yet");
		return;
	}
	u->host->prepare(u->host->ctx);
	ui_prompt(u, "save what was done as", "by-hand.lua", save_done, NULL);
}

static void run_help(struct ui *u, const struct model *m, const struct ref *r)
{
	(void)m, (void)r;
	u->mode = UI_HELP;
	u->output_top = 0;
}

static void run_quit(struct ui *u, const struct model *m, const struct ref *r)
{
	(void)m, (void)r;
	u->quit = true;
}

const struct key ui_keys[] = {
	{ '?', "?", "help", "this help", false, true, run_help },
	{ 'q', "q", "quit", "quit", false, true, run_quit },
	{ 'k', "k ↑", NULL, "up", false, true, run_up },
	{ 'j', "j ↓", NULL, "down", false, true, run_down },
	{ 'h', "h ←", NULL, "the page before (1-7: that page)", false, true, run_left },
	{ 'l', "l →", NULL, "the next page (Tab too)", false, true, run_right },
	{ UI_CTRL('b'), "PgUp", NULL, "a screen up (Ctrl-B too)", false, true, run_page_up },
	{ UI_CTRL('f'), "PgDn", NULL, "a screen down (Ctrl-F too)", false, true, run_page_down },
	{ 'g', "g Home", NULL, "the first row", false, true, run_top },
	{ 'G', "G End", NULL, "the last row", false, true, run_bottom },
	{ '/', "/", "find", "find", false, true, run_find },
	{ 'n', "n", NULL, "find the next one", false, true, run_again },
	{ 'f', "f", "filter", "show only what matches", false, true, run_filter },
	{ 's', "s", "sort", "sort by the next column", false, true, run_sort },
	{ 'r', "r", NULL, "reverse the order", false, true, run_reverse },
	{ ' ', "Space", "pause", "stand still, and go on", false, true, run_pause },
	{ ':', ":", "command", "any command of the source (Tab completes)", false, true,
	  run_command },
	{ 'S', "S", "save", "save what was done by hand as a scenario", false, true, run_save },
	{ 0 },
};

/* ---- help ---- */

static int help_row(const struct ui *u, const struct key *k, struct grid *g, int y)
{
	bool off = k->writes && u->read_only;
	grid_put(g, 2, y, 8, off ? ST_DIM : ST_KEY, k->label);
	int n = grid_put(g, 10, y, g->w - 10, off ? ST_DIM : ST_PLAIN, k->help);
	if (off)
		grid_put(g, 11 + n, y, g->w - 11 - n, ST_DIM, "(read-only)");
	return y + 1;
}

void help_draw(const struct ui *u, const struct model *m, struct grid *g)
{
	const struct key *tables[] = { pages[u->page]->keys, u->leads ? lead_keys : NULL, ui_keys };
	int line = -(int)u->output_top, y = 2;
	(void)m;
	grid_print(g, 0, 1, g->w, ST_TITLE, "keys of %s (any other key closes this)",
		   pages[u->page]->name);
	for (int t = 0; t < 3; t++)
		for (const struct key *k = tables[t]; k && k->key; k++, line++)
			if (line >= 0 && y < g->h - 1)
				y = help_row(u, k, g, y);
}

size_t help_lines(const struct ui *u)
{
	const struct key *tables[] = { pages[u->page]->keys, u->leads ? lead_keys : NULL, ui_keys };
	size_t n = 0;
	for (int t = 0; t < 3; t++)
		for (const struct key *k = tables[t]; k && k->key; k++)
			n++;
	return n;
}

/* One hint; the column behind it, or -1: there is no room. */
static int put_hint(const struct ui *u, const struct key *k, struct grid *g, int x, int y,
		    int right)
{
	bool off = k->writes && u->read_only;
	if (x + grid_columns(k->label) + 1 + grid_columns(k->hint) > right)
		return -1;
	x += grid_put(g, x, y, g->w - x, off ? ST_DIM : ST_KEY, k->label) + 1;
	x += grid_put(g, x, y, g->w - x, ST_DIM, k->hint) + 2;
	return x;
}

void help_hints(const struct ui *u, struct grid *g, int x, int y)
{
	enum { HELP_AND_QUIT = 16 }; /* always have their room */
	for (const struct key *k = lead_keys; u->leads && k->key && x >= 0; k++)
		x = k->hint ? put_hint(u, k, g, x, y, g->w - HELP_AND_QUIT) : x;
	for (const struct key *k = pages[u->page]->keys; k && k->key && x >= 0; k++) {
		int next = k->hint ? put_hint(u, k, g, x, y, g->w - HELP_AND_QUIT) : x;
		if (next < 0)
			break;
		x = next;
	}
	for (const struct key *k = ui_keys; k->key && x >= 0; k++)
		if (k->hint)
			x = put_hint(u, k, g, x, y, g->w);
}
