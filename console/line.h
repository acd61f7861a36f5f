/* SPDX-License-Identifier: MIT */
/* line.h - one line of text being edited, with completion and history. Pure. */
#ifndef DW_CONSOLE_LINE_H
#define DW_CONSOLE_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LINE_MAX_LEN = 1024, HISTORY_LINES = 32 };

enum { /* keys beyond Unicode */
       UI_KEY = 0x110000,
       UI_UP,
       UI_DOWN,
       UI_LEFT,
       UI_RIGHT,
       UI_HOME,
       UI_END,
       UI_PAGE_UP,
       UI_PAGE_DOWN,
       UI_DELETE,
       UI_ENTER = '\r',
       UI_ESCAPE = 27,
       UI_TAB = '\t',
       UI_BACKSPACE = 127,
};
#define UI_CTRL(c) ((c)&31)

struct line {
	char text[LINE_MAX_LEN];
	size_t len, at; /* bytes; `at` is between characters */
};

struct line_history {
	char *v[HISTORY_LINES]; /* newest first */
	unsigned at;            /* 0: the line being written; else so many back */
};

void line_set(struct line *l, const char *text); /* cursor at its end */
bool line_key(struct line *l, int key);          /* whether the text changed */
void line_insert(struct line *l, const char *text);
int line_cursor(const struct line *l); /* column of the cursor, from the start of the text */

void line_remember(struct line_history *h,
		   const char *text); /* owned copy; out of memory: forgotten */
void line_recall(struct line_history *h, struct line *l, int by); /* 1: older */
void line_history_fini(struct line_history *h);

/* The words that begin with the word under the cursor: `word_at(ctx, i)`, NULL ends them. Inserts
 * what all of them share; the number of them. */
unsigned line_complete(struct line *l, const char *(*word_at)(const void *ctx, size_t i),
		       const void *ctx);

#endif
