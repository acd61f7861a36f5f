/* SPDX-License-Identifier: MIT */
/* line.c - editing one line. */
#include "console/line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/grid.h"
#include "console/text.h"

void line_set(struct line *l, const char *text)
{
	snprintf(l->text, sizeof l->text, "%s", text);
	l->at = l->len = strlen(l->text);
}

void line_insert(struct line *l, const char *text)
{
	size_t n = strlen(text);
	if (l->len + n >= sizeof l->text)
		return;
	memmove(l->text + l->at + n, l->text + l->at, l->len - l->at + 1);
	memcpy(l->text + l->at, text, n);
	l->len += n;
	l->at += n;
}

static void cut(struct line *l, size_t from, size_t to)
{
	memmove(l->text + from, l->text + to, l->len - to + 1);
	l->len -= to - from;
	l->at = from;
}

static size_t before(const struct line *l)
{
	size_t at = l->at;
	while (at > 0 && (l->text[--at] & 0xc0) == 0x80)
		;
	return at;
}

static size_t after(const struct line *l)
{
	uint32_t ch;
	return l->at < l->len ? l->at + text_next(l->text + l->at, l->text + l->len, &ch) : l->at;
}

static size_t word_start(const struct line *l)
{
	size_t at = l->at;
	while (at > 0 && l->text[at - 1] == ' ')
		at--;
	while (at > 0 && l->text[at - 1] != ' ')
		at--;
	return at;
}

static bool edit(struct line *l, int key)
{
	size_t len = l->len;
	switch (key) {
	case UI_BACKSPACE:
	case UI_CTRL('h'):
		cut(l, before(l), l->at);
		break;
	case UI_DELETE:
	case UI_CTRL('d'):
		cut(l, l->at, after(l));
		break;
	case UI_CTRL('u'):
		cut(l, 0, l->at);
		break;
	case UI_CTRL('k'):
		cut(l, l->at, l->len);
		break;
	case UI_CTRL('w'):
		cut(l, word_start(l), l->at);
		break;
	default:
		break;
	}
	return l->len != len;
}

static bool move(struct line *l, int key)
{
	switch (key) {
	case UI_LEFT:
	case UI_CTRL('b'):
		l->at = before(l);
		return true;
	case UI_RIGHT:
	case UI_CTRL('f'):
		l->at = after(l);
		return true;
	case UI_HOME:
	case UI_CTRL('a'):
		l->at = 0;
		return true;
	case UI_END:
	case UI_CTRL('e'):
		l->at = l->len;
		return true;
	default:
		return false;
	}
}

bool line_key(struct line *l, int key)
{
	char one[5];
	if (move(l, key))
		return false;
	if (key < ' ' || key >= UI_KEY || key == UI_BACKSPACE)
		return edit(l, key);
	if (!text_width((uint32_t)key))
		return false;
	size_t len = l->len;
	text_utf8((uint32_t)key, one);
	line_insert(l, one);
	return l->len != len;
}

int line_cursor(const struct line *l)
{
	char part[LINE_MAX_LEN];
	snprintf(part, sizeof part, "%.*s", (int)l->at, l->text);
	return grid_columns(part);
}

/* ---- history ---- */

void line_remember(struct line_history *h, const char *text)
{
	h->at = 0;
	if (!*text || (h->v[0] && strcmp(h->v[0], text) == 0))
		return;
	char *copy = strdup(text);
	if (!copy)
		return;
	free(h->v[HISTORY_LINES - 1]);
	memmove(h->v + 1, h->v, (HISTORY_LINES - 1) * sizeof h->v[0]);
	h->v[0] = copy;
}

void line_recall(struct line_history *h, struct line *l, int by)
{
	unsigned at = by > 0 ? h->at + 1 : h->at - (h->at > 0);
	if (at > HISTORY_LINES || (at > 0 && !h->v[at - 1]))
		return;
	h->at = at;
	line_set(l, at ? h->v[at - 1] : "");
}

void line_history_fini(struct line_history *h)
{
	for (unsigned i = 0; i < HISTORY_LINES; i++)
		free(h->v[i]);
}

/* ---- completion ---- */

unsigned line_complete(struct line *l, const char *(*word_at)(const void *, size_t),
		       const void *ctx)
{
	size_t start = l->at;
	while (start > 0 && l->text[start - 1] != ' ')
		start--;
	size_t len = l->at - start, common = 0;
	const char *first = NULL, *word;
	unsigned count = 0;
	for (size_t i = 0; (word = word_at(ctx, i)); i++) {
		if (strncmp(word, l->text + start, len) != 0)
			continue;
		if (!count++) {
			first = word;
			common = strlen(word);
		}
		while (strncmp(first, word, common) != 0)
			common--;
	}
	if (count) {
		char more[LINE_MAX_LEN];
		snprintf(more, sizeof more, "%.*s%s", (int)(common - len), first + len,
			 count == 1 ? " " : "");
		line_insert(l, more);
	}
	return count;
}
