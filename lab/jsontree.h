/* SPDX-License-Identifier: MIT */
/* jsontree.h - a JSON text as a tree, for reports that are read again. What is missing or of
 * another kind reads as nothing: zero, an empty text, no children. */
#ifndef DW_LAB_JSONTREE_H
#define DW_LAB_JSONTREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/err.h"

struct json {
	enum { JSON_NOTHING, JSON_NUMBER, JSON_TEXT, JSON_LIST, JSON_OBJECT } kind;
	char *key;      /* of a member; NULL in a list */
	int64_t number; /* whole numbers, and booleans as 0 and 1 */
	char *text;
	struct json *child, *last, *parent, *next;
};

/* 0, -EINVAL with words (it is no JSON) or -ENOMEM. */
int json_tree(struct json **out, const char *text, size_t len, struct err *e);
void json_tree_free(struct json *j); /* NULL is fine */

const struct json *json_get(const struct json *j, const char *key); /* never NULL */
int64_t json_number(const struct json *j, const char *key);
const char *json_text(const struct json *j, const char *key); /* NULL: there is none */

#endif
