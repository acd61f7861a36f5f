/* SPDX-License-Identifier: MIT */
/* err.h - a reason in words beside an errno: one line, the thing first ("--loss: 130% is not ...").
 */
#ifndef DW_BASE_ERR_H
#define DW_BASE_ERR_H

#include <stddef.h>

struct err {
	char text[400]; /* "" : nothing was said */
};

/* Writes the words (cut to fit) and returns `code` (negative errno), so callers `return
 * err_set(...)`. `e` NULL: only returns the code. */
__attribute__((format(printf, 3, 4))) int err_set(struct err *e, int code, const char *fmt, ...);
/* Puts "what: " before the words already there. Returns `code`. */
int err_prefix(struct err *e, int code, const char *what);

/* The listed word nearest to `word` (restricted Damerau-Levenshtein, at most a third of its length
 * away, at least one; the wrong case is half an edit), or NULL; of equals the first. `word_at(list,
 * i)` gives the i-th word, NULL ends the list. */
const char *nearest_word(const char *word, const char *(*word_at)(const void *list, size_t i),
			 const void *list);

#endif
