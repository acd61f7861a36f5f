/* SPDX-License-Identifier: MIT */
/* ctl_words.c - the commands a server knows, read from its `help`: VDE's columns are the one form
 * that every server of the tradition prints. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/ctl.h"

enum { WORDS_MAX = 4096 };

void words_fini(struct words *w)
{
	for (size_t i = 0; i < w->count; i++)
		free(w->v[i]);
	free(w->v);
	*w = (struct words){ 0 };
}

static int add(struct words *w, const char *word, size_t len)
{
	if (w->count == WORDS_MAX)
		return -E2BIG;
	char **v = realloc(w->v, (w->count + 2) * sizeof(*v));
	if (!v)
		return -ENOMEM;
	w->v = v;
	v[w->count] = strndup(word, len);
	if (!v[w->count])
		return -ENOMEM;
	v[++w->count] = NULL;
	return 0;
}

/* vdeterm's rule: a word is a menu when the next one is it and a slash. */
static bool is_menu(const struct words *w, const char *next, size_t len)
{
	if (!w->count)
		return false;
	const char *last = w->v[w->count - 1];
	size_t n = strlen(last);
	return n < len && memcmp(last, next, n) == 0 && next[n] == '/';
}

int words_fill(struct words *w, const char *help, size_t len)
{
	static const char dashes[] = "------------";
	const char *end = help + len;
	bool head = true;
	words_fini(w);
	for (const char *at = help; at < end;) {
		const char *nl = memchr(at, '\n', (size_t)(end - at));
		const char *stop = nl ? nl : end;
		size_t n = 0;
		while (at + n < stop && at[n] != ' ' && at[n] != '\t')
			n++;
		if (head) {
			head = !(n >= sizeof dashes - 1 &&
				 memcmp(at, dashes, sizeof dashes - 1) == 0);
		} else if (n) {
			if (is_menu(w, at, n))
				free(w->v[--w->count]);
			int r = add(w, at, n);
			if (r < 0) {
				words_fini(w);
				return r;
			}
		}
		at = stop + 1;
	}
	return 0;
}

static const char *word_at(const void *list, size_t i)
{
	const struct words *w = list;
	return i < w->count ? w->v[i] : NULL;
}

const char *words_first(const char *line, size_t *len)
{
	line += strspn(line, " \t");
	*len = strcspn(line, " \t");
	if (*len == 4 && memcmp(line, "json", 4) == 0 && line[4]) {
		line += 4 + strspn(line + 4, " \t");
		*len = strcspn(line, " \t");
	}
	return line;
}

const char *words_near(const struct words *w, const char *line)
{
	char word[64];
	size_t n;
	line = words_first(line, &n);
	snprintf(word, sizeof word, "%.*s", (int)n, line);
	return nearest_word(word, word_at, w);
}
