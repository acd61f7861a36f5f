/* SPDX-License-Identifier: MIT */
/* err.c - words beside an errno, and the word that was probably meant. */
#include "lib/base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int err_set(struct err *e, int code, const char *fmt, ...)
{
	if (!e)
		return code;
	struct err words; /* an argument may be e->text itself */
	va_list ap;
	va_start(ap, fmt);
	if (vsnprintf(words.text, sizeof words.text, fmt, ap) < 0)
		words.text[0] = '\0';
	va_end(ap);
	memcpy(e->text, words.text, strlen(words.text) + 1);
	return code;
}

int err_prefix(struct err *e, int code, const char *what)
{
	if (!e)
		return code;
	struct err old = *e;
	return err_set(e, code, "%s: %s", what, old.text);
}

enum { WORD_MAX = 48 }; /* longer words are not guessed at */

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static char lower(char c) /* not tolower(), which asks the locale */
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static size_t replacing(char a, char b)
{
	return a == b ? 0 : lower(a) == lower(b) ? 1 : 2;
}

/* Restricted Damerau-Levenshtein: insert, delete, replace, swap neighbours; nothing edited twice.
 * In halves of an edit: the wrong case counts as one half. */
static size_t edits(const char *a, size_t la, const char *b, size_t lb)
{
	size_t rows[3][WORD_MAX + 1];
	size_t *before = rows[0], *last = rows[1], *now = rows[2];
	for (size_t j = 0; j <= lb; j++)
		last[j] = 2 * j;
	for (size_t i = 1; i <= la; i++) {
		now[0] = 2 * i;
		for (size_t j = 1; j <= lb; j++) {
			size_t d = last[j - 1] + replacing(a[i - 1], b[j - 1]);
			d = least(d, least(last[j], now[j - 1]) + 2);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				d = least(d, before[j - 2] + 2);
			now[j] = d;
		}
		size_t *spare = before;
		before = last;
		last = now;
		now = spare;
	}
	return last[lb];
}

const char *nearest_word(const char *word, const char *(*word_at)(const void *list, size_t i),
			 const void *list)
{
	size_t len = strlen(word);
	if (len > WORD_MAX)
		return NULL;
	/* At most a third is wrong, at least one letter, but something must be kept. */
	size_t best = 2 * least(len / 3 ? len / 3 : 1, len ? len - 1 : 0) + 1;
	const char *found = NULL, *w;
	for (size_t i = 0; (w = word_at(list, i)); i++) {
		size_t lw = strlen(w);
		if (lw > WORD_MAX)
			continue;
		size_t d = edits(word, len, w, lw);
		if (d < best) {
			best = d;
			found = w;
		}
	}
	return found;
}
