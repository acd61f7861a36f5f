/* SPDX-License-Identifier: MIT */
/* ui.c - keys: browsing, prompts, questions, and what came of them. */
#include "console/ui.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/text.h"

enum { OUTPUT_MAX = 1 << 20 };

void ui_init(struct ui *u, const struct ui_host *host)
{
	*u = (struct ui){ .host = host, .page = PAGE_PORTS };
	for (int i = 0; i < PAGES; i++)
		list_init(&u->list[i], pages[i]);
}

void ui_fini(struct ui *u)
{
	for (int i = 0; i < PAGES; i++)
		list_fini(&u->list[i]);
	line_history_fini(&u->history);
	record_fini(&u->record);
	free(u->output);
}

unsigned ui_wants(const struct ui *u)
{
	return u->list[u->page].paused ? 0 : pages[u->page]->wants;
}

void ui_say(struct ui *u, enum style style, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(u->message, sizeof u->message, fmt, ap);
	va_end(ap);
	u->message_style = style;
}

void ui_go(struct ui *u, int page)
{
	u->page = (page + PAGES) % PAGES;
	u->mode = UI_BROWSE;
}

/* ---- questions ---- */

void ui_send(struct ui *u, unsigned source, const char *line)
{
	u->expects = true;
	u->host->send(u->host->ctx, source, line);
}

void ui_ask(struct ui *u, unsigned source, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(u->command, sizeof u->command, fmt, ap);
	va_end(ap);
	u->target = source;
	u->mode = UI_ASK;
}

static void answered(struct ui *u, int key)
{
	u->mode = UI_BROWSE;
	if (key != 'y' && key != 'Y') {
		ui_say(u, ST_DIM, "not done");
		return;
	}
	ui_say(u, ST_DIM, "%s ...", u->command);
	ui_send(u, u->target, u->command);
}

/* ---- prompts ---- */

void ui_prompt(struct ui *u, const char *label, const char *preset,
	       void (*done)(struct ui *, const struct model *, const char *),
	       void (*typed)(struct ui *, const struct model *, const char *))
{
	snprintf(u->label, sizeof u->label, "%s", label);
	line_set(&u->line, preset);
	u->done = done;
	u->typed = typed;
	u->before[0] = u->candidates[0] = '\0';
	u->completes = false;
	u->history.at = 0;
	u->mode = UI_PROMPT;
}

/* As the management language quotes: \" and \\ inside. */
static void file_word(const struct ui *u, const char *file, char *buf, size_t size)
{
	char path[LINE_MAX_LEN + sizeof u->folder];
	size_t n = 0;
	snprintf(path, sizeof path, "%s%s%s", file[0] == '/' ? "" : u->folder,
		 file[0] == '/' || !u->folder[0] ? "" : "/", file);
	for (const char *c = path; *c && n + 3 < size; c++) {
		if (*c == '"' || *c == '\\')
			buf[n++] = '\\';
		buf[n++] = *c;
	}
	buf[n] = '\0';
}

static void value_given(struct ui *u, const struct model *m, const char *text)
{
	char value[2 * LINE_MAX_LEN];
	const char *mark = strstr(u->template, "%s");
	(void)m;
	if (!*text || !mark)
		return;
	bool is_file = mark > u->template && mark[-1] == '"';
	snprintf(value, sizeof value, "%s", text);
	if (is_file)
		file_word(u, text, value, sizeof value);
	ui_ask(u, u->target, "%.*s%s%s", (int)(mark - u->template), u->template, value, mark + 2);
}

void ui_ask_value(struct ui *u, unsigned source, const char *label, const char *preset,
		  const char *template)
{
	ui_prompt(u, label, preset, value_given, NULL);
	u->target = source;
	snprintf(u->template, sizeof u->template, "%s", template);
}

static const char *command_at(const void *ctx, size_t i)
{
	const struct source *s = ctx;
	return i < s->command_count ? s->commands[i].path : NULL;
}

/* Tab: what all candidates share; where that is nothing more, the candidates themselves. */
static void complete(struct ui *u, const struct model *m)
{
	const struct source *s = m->source[u->target];
	size_t before = u->line.len, word = 0, n = 0;
	if (!u->completes || strchr(u->line.text, ' '))
		return;
	unsigned count = line_complete(&u->line, command_at, s);
	u->candidates[0] = '\0';
	for (unsigned i = 0; count > 1 && u->line.len == before && i < s->command_count; i++) {
		const char *path = s->commands[i].path;
		if (strncmp(path, u->line.text + word, u->line.len) == 0 &&
		    n < sizeof u->candidates)
			n += (size_t)snprintf(u->candidates + n, sizeof u->candidates - n, "%s%s",
					      n ? "  " : "", path);
	}
}

static void prompt_key(struct ui *u, const struct model *m, int key)
{
	char text[LINE_MAX_LEN];
	list_settle(&u->list[u->page], pages[u->page], m);
	if (key == UI_ESCAPE || key == UI_CTRL('c') || key == UI_CTRL('g')) {
		u->mode = UI_BROWSE;
		if (u->typed)
			u->typed(u, m, u->before);
	} else if (key == UI_ENTER || key == '\n') {
		u->mode = UI_BROWSE;
		u->message[0] = '\0';
		snprintf(text, sizeof text, "%s", u->line.text);
		if (u->completes)
			line_remember(&u->history, text);
		u->done(u, m, text);
	} else if (key == UI_TAB) {
		complete(u, m);
	} else if (u->completes && (key == UI_UP || key == UI_DOWN)) {
		line_recall(&u->history, &u->line, key == UI_UP ? 1 : -1);
	} else if (line_key(&u->line, key)) {
		u->candidates[0] = '\0';
		if (u->typed)
			u->typed(u, m, u->line.text);
	}
}

/* ---- answers ---- */

static void open_output(struct ui *u, const char *text, size_t len)
{
	free(u->output);
	len = len < OUTPUT_MAX ? len : OUTPUT_MAX;
	u->output = malloc(len + 1);
	if (!u->output)
		return;
	memcpy(u->output, text, len);
	u->output[len] = '\0';
	u->output_len = len;
	u->output_top = u->output_lines = 0;
	for (size_t i = 0; i < len; i++)
		u->output_lines += text[i] == '\n';
	u->output_lines += len && text[len - 1] != '\n';
	u->mode = UI_OUTPUT;
}

void ui_answer(struct ui *u, const struct model *m, unsigned source, const char *line, int code,
	       const char *text, size_t len)
{
	const struct source *s = m->source[source];
	snprintf(u->command, sizeof u->command, "%s", line);
	if (code) {
		ui_say(u, ST_BAD, "%s: %s: %.*s", s->name, line, (int)(len < 160 ? len : 160),
		       text);
		return;
	}
	if (!u->leads) /* else the lab keeps it, with its lab time */
		record_add(&u->record, s, line, m->now);
	if (strncmp(line, "time/", 5) == 0)
		u->message[0] = '\0'; /* the time that is shown says so */
	else
		ui_say(u, ST_GOOD, "%s: %s: done", s->name, line);
	if (len && u->mode == UI_BROWSE && u->expects) {
		u->target = source;
		open_output(u, text, len);
	}
}

static void output_key(struct ui *u, int key)
{
	size_t room = u->body > 1 ? (size_t)u->body - 1 : 1;
	size_t last = u->output_lines > room ? u->output_lines - room : 0, top = u->output_top;
	switch (key) {
	case 'j':
	case UI_DOWN:
		top++;
		break;
	case 'k':
	case UI_UP:
		top -= top > 0;
		break;
	case ' ':
	case UI_PAGE_DOWN:
		top += room;
		break;
	case UI_PAGE_UP:
		top -= top > room ? room : top;
		break;
	case 'g':
	case UI_HOME:
		top = 0;
		break;
	case 'G':
	case UI_END:
		top = last;
		break;
	default:
		u->mode = UI_BROWSE;
		break;
	}
	u->output_top = top < last ? top : last;
}

/* ---- browsing ---- */

/* Keys that mean the same. */
static int usual(int key)
{
	static const int same[][2] = {
		{ UI_UP, 'k' },
		{ UI_DOWN, 'j' },
		{ UI_LEFT, 'h' },
		{ UI_RIGHT, 'l' },
		{ UI_HOME, 'g' },
		{ UI_END, 'G' },
		{ UI_TAB, 'l' },
		{ UI_PAGE_UP, UI_CTRL('b') },
		{ UI_PAGE_DOWN, UI_CTRL('f') },
		{ '\n', UI_ENTER },
		{ UI_CTRL('c'), 'q' },
	};
	for (size_t i = 0; i < sizeof same / sizeof *same; i++)
		if (same[i][0] == key)
			return same[i][1];
	return key;
}

static const struct key *find_key(const struct key *k, int key)
{
	for (; k && k->key; k++)
		if (k->key == key)
			return k;
	return NULL;
}

static void browse_key(struct ui *u, const struct model *m, int key)
{
	struct list *l = &u->list[u->page];
	key = usual(key);
	const struct key *k = find_key(pages[u->page]->keys, key);
	k = k ? k : find_key(ui_keys, key);
	k = k || !u->leads ? k : find_key(lead_keys, key);
	u->message[0] = '\0';
	if (key >= '1' && key < '1' + PAGES) {
		ui_go(u, key - '1');
		return;
	}
	if (!k)
		return;
	list_settle(l, pages[u->page], m);
	const struct ref *r = list_selected(l);
	if (k->writes && u->read_only)
		ui_say(u, ST_WARN, "read-only: %s is off", k->label);
	else if (!r && !k->rowless)
		ui_say(u, ST_DIM, "%s: there is nothing here to do that to", k->label);
	else
		k->run(u, m, r);
}

void ui_key(struct ui *u, const struct model *m, int key)
{
	u->expects = false;
	switch (u->mode) {
	case UI_BROWSE:
		browse_key(u, m, key);
		break;
	case UI_HELP:
	case UI_OUTPUT:
		output_key(u, key);
		break;
	case UI_PROMPT:
		prompt_key(u, m, key);
		break;
	case UI_ASK:
		answered(u, key);
		break;
	}
}
