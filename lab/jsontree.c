/* SPDX-License-Identifier: MIT */
/* jsontree.c - a tree from the events of the JSON reader. */
#include "lab/jsontree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/ext/jsonread.h"

struct building {
	struct json *root, *open;
	char *key; /* of the member to come */
	bool oom;
};

static struct json *add(struct building *b, int kind)
{
	struct json *j = calloc(1, sizeof *j);
	if (!j) {
		b->oom = true;
		return NULL;
	}
	j->kind = kind;
	j->key = b->key;
	b->key = NULL;
	j->parent = b->open;
	if (!b->open)
		b->root = j;
	else if (b->open->last)
		b->open->last = b->open->last->next = j;
	else
		b->open->last = b->open->child = j;
	return j;
}

static void put_null(void *ctx)
{
	add(ctx, JSON_NOTHING);
}

static void put_integer(void *ctx, int64_t v)
{
	struct json *j = add(ctx, JSON_NUMBER);
	if (j)
		j->number = v;
}

static void put_boolean(void *ctx, bool v)
{
	put_integer(ctx, v);
}

static void put_real(void *ctx, double v)
{
	(void)v; /* no report has one */
	put_null(ctx);
}

static void put_string(void *ctx, const char *s, size_t len)
{
	struct building *b = ctx;
	struct json *j = add(b, JSON_TEXT);
	if (j && !(j->text = strndup(s, len)))
		b->oom = true;
}

static void put_open(void *ctx, bool list)
{
	struct building *b = ctx;
	struct json *j = b->oom ? NULL : add(b, list ? JSON_LIST : JSON_OBJECT);
	if (j)
		b->open = j;
}

static void put_key(void *ctx, const char *name)
{
	struct building *b = ctx;
	free(b->key);
	b->key = strdup(name);
	b->oom |= !b->key;
}

static void put_close(void *ctx, bool list)
{
	struct building *b = ctx;
	(void)list;
	if (!b->oom)
		b->open = b->open->parent;
}

int json_tree(struct json **out, const char *text, size_t len, struct err *e)
{
	static const struct json_sink sink = { put_null,   put_boolean, put_integer, put_real,
					       put_string, put_open,    put_key,     put_close };
	struct building b = { 0 };
	int r = json_read(text, len, &sink, &b, e);
	free(b.key);
	if (!r && b.oom)
		r = err_set(e, -ENOMEM, "out of memory");
	if (r < 0) {
		json_tree_free(b.root);
		return r;
	}
	*out = b.root;
	return 0;
}

void json_tree_free(struct json *j)
{
	while (j) { /* children first, without recursion: how deep it is, others decide */
		if (j->child) {
			struct json *c = j->child;
			j->child = c->next;
			c->parent = j;
			c->next = NULL;
			j = c;
			continue;
		}
		struct json *up = j->parent;
		free(j->key);
		free(j->text);
		free(j);
		j = up;
	}
}

const struct json *json_get(const struct json *j, const char *key)
{
	static const struct json nothing;
	for (const struct json *c = j->kind == JSON_OBJECT ? j->child : NULL; c; c = c->next)
		if (c->key && strcmp(c->key, key) == 0)
			return c;
	return &nothing;
}

int64_t json_number(const struct json *j, const char *key)
{
	return json_get(j, key)->number;
}

const char *json_text(const struct json *j, const char *key)
{
	return json_get(j, key)->text;
}
