/* SPDX-License-Identifier: MIT */
/* gml.c - the Graph Modelling Language: `key value` pairs, where a value is a number, a text in
 * quotes or a list of pairs in brackets. graph [ node [ id 0 label "x" ] edge [ source 0 target 1 ]
 * ] */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/import/import.h"

enum { DEPTH_MAX = 32, WORD_MAX = 512 };

struct pairs {          /* simple pairs of a node or edge: its id may come last */
	struct words v; /* key, value, key, value */
};

struct reader {
	const char *p, *end;
	unsigned line, depth;
	char word[WORD_MAX]; /* the token; texts without their quotes */
	enum { WORD, TEXT, OPEN, CLOSE, END } kind;
	struct topo *t;
	struct pairs *now; /* of the node or edge being read */
};

static int wrong(const struct reader *r, const char *what, struct err *e)
{
	return err_set(e, -EINVAL, "line %u: %s", r->line, what);
}

static void skip(struct reader *r)
{
	for (; r->p < r->end; r->p++) {
		if (*r->p == '#') /* a comment, to the end of the line */
			while (r->p + 1 < r->end && r->p[1] != '\n')
				r->p++;
		else if (*r->p == '\n')
			r->line++;
		else if (!strchr(" \t\r", *r->p) || !*r->p)
			return;
	}
}

static int text_token(struct reader *r, struct err *e)
{
	size_t n = 0;
	for (r->p++; r->p < r->end && *r->p != '"'; r->p++) {
		r->line += *r->p == '\n';
		if (n + 1 < WORD_MAX && *r->p)
			r->word[n++] = *r->p;
	}
	if (r->p == r->end)
		return wrong(r, "a text without its second quote", e);
	r->p++;
	r->word[n] = '\0';
	r->kind = TEXT;
	return 0;
}

static int next(struct reader *r, struct err *e)
{
	skip(r);
	r->kind = END;
	if (r->p == r->end)
		return 0;
	if (*r->p == '"')
		return text_token(r, e);
	if (*r->p == '[' || *r->p == ']') {
		r->kind = *r->p++ == '[' ? OPEN : CLOSE;
		return 0;
	}
	size_t n = 0;
	while (r->p < r->end && *r->p && !strchr(" \t\r\n[]\"#", *r->p)) {
		if (n + 1 < WORD_MAX)
			r->word[n++] = *r->p;
		r->p++;
	}
	if (!n)
		return wrong(r, "a byte that belongs in no word", e);
	r->word[n] = '\0';
	r->kind = WORD;
	return 0;
}

/* ---- nodes and edges ---- */

static const char *value_of(const struct pairs *k, const char *key)
{
	for (size_t i = 0; i + 1 < k->v.count; i += 2)
		if (strcmp(k->v.v[i], key) == 0)
			return k->v.v[i + 1];
	return NULL;
}

static int take_node(struct reader *r, const struct pairs *k, struct err *e)
{
	const char *id = value_of(k, "id");
	if (!id)
		return wrong(r, "a node without an id", e);
	int n = topo_node(r->t, id, e);
	for (size_t i = 0; i + 1 < k->v.count && n >= 0; i += 2) {
		int code = topo_node_attr(r->t, (unsigned)n, k->v.v[i], k->v.v[i + 1], e);
		n = code < 0 ? code : n;
	}
	if (n >= 0)
		r->t->node[n].kind = TOPO_SWITCH;
	return n < 0 ? n : 0;
}

static int take_edge(struct reader *r, const struct pairs *k, struct err *e)
{
	const char *from = value_of(k, "source"), *to = value_of(k, "target");
	if (!from || !to)
		return wrong(r, "an edge without source or target", e);
	int a = topo_node(r->t, from, e), b = a < 0 ? a : topo_node(r->t, to, e);
	if (b < 0)
		return b;
	r->t->node[a].kind = r->t->node[b].kind = TOPO_SWITCH;
	int l = topo_link(r->t, (unsigned)a, (unsigned)b, e);
	for (size_t i = 0; i + 1 < k->v.count && l >= 0; i += 2) {
		int code = topo_link_attr(r->t, (unsigned)l, k->v.v[i], k->v.v[i + 1], e);
		l = code < 0 ? code : l;
	}
	return l < 0 ? l : 0;
}

static int read_list(struct reader *r, struct err *e);

static int take_list(struct reader *r, const char *key, struct err *e)
{
	struct pairs mine = { 0 }, *before = r->now;
	if (++r->depth > DEPTH_MAX)
		return wrong(r, "nested too deeply", e);
	r->now = &mine;
	int code = read_list(r, e);
	if (code == 0 && r->kind != CLOSE)
		code = wrong(r, "the file ends inside of [ ]", e);
	if (code == 0 && strcmp(key, "node") == 0)
		code = take_node(r, &mine, e);
	else if (code == 0 && strcmp(key, "edge") == 0)
		code = take_edge(r, &mine, e);
	words_fini(&mine.v);
	r->now = before;
	r->depth--;
	return code;
}

static int read_pair(struct reader *r, struct err *e) /* its key is the token */
{
	char key[64];
	if (r->kind != WORD)
		return wrong(r, "a key belongs here", e);
	snprintf(key, sizeof key, "%.63s", r->word);
	int code = next(r, e);
	if (code < 0)
		return code;
	if (r->kind == OPEN)
		return take_list(r, key, e);
	if (r->kind != WORD && r->kind != TEXT)
		return wrong(r, "a key without a value", e);
	if (words_add(&r->now->v, key) < 0 || words_add(&r->now->v, r->word) < 0)
		return err_set(e, -ENOMEM, "out of memory");
	return 0;
}

static int read_list(struct reader *r, struct err *e)
{
	int code;
	while ((code = next(r, e)) == 0 && r->kind != CLOSE && r->kind != END)
		if ((code = read_pair(r, e)) < 0)
			break;
	return code;
}

int gml_read(const char *text, size_t len, struct topo *t, struct err *e)
{
	struct pairs top = { 0 };
	struct reader r = { .p = text, .end = text + len, .line = 1, .t = t, .now = &top };
	int code = read_list(&r, e);
	if (code == 0 && r.kind == CLOSE)
		code = wrong(&r, "a ] too many", e);
	words_fini(&top.v);
	return code;
}
