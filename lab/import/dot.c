/* SPDX-License-Identifier: MIT */
/* dot.c - the language of Graphviz: nodes, chains of edges, attributes, subgraphs. Defaults (node
 * [..], edge [..]) and the graph's own attributes are for the eye and passed over. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/import/import.h"

enum { DEPTH_MAX = 32, WORD_MAX = 512 };

enum token { ID, EDGE, PUNCT, END }; /* PUNCT: one of { } [ ] ; , = : */

struct reader {
	const char *p, *end;
	unsigned line, depth;
	enum token kind;
	bool quoted;
	char punct, word[WORD_MAX];
	struct topo *t;
	struct err *e;
};

struct set { /* nodes at one end of an edge; owned */
	unsigned *v;
	size_t count, room;
};

static int wrong(const struct reader *r, const char *what)
{
	return err_set(r->e, -EINVAL, "line %u: %s", r->line, what);
}

/* ---- tokens ---- */

static void skip_to(struct reader *r, const char *stop)
{
	size_t n = strlen(stop);
	while (r->p < r->end && ((size_t)(r->end - r->p) < n || memcmp(r->p, stop, n) != 0))
		r->line += *r->p++ == '\n';
}

static bool at(const struct reader *r, const char *what)
{
	size_t n = strlen(what);
	return (size_t)(r->end - r->p) >= n && memcmp(r->p, what, n) == 0;
}

static void skip(struct reader *r) /* blanks and comments */
{
	for (; r->p < r->end; r->p++) {
		if (at(r, "//") || (*r->p == '#' && (r->line == 1 || r->p[-1] == '\n'))) {
			skip_to(r, "\n");
		} else if (at(r, "/*")) {
			skip_to(r, "*/");
			r->p += r->p < r->end;
		}
		if (r->p == r->end || !*r->p || !strchr(" \t\r\n", *r->p)) {
			if (r->p < r->end && *r->p == '/')
				continue; /* the end of a comment */
			return;
		}
		r->line += *r->p == '\n';
	}
}

static bool id_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '.' || c & 0x80;
}

static int read_quoted(struct reader *r)
{
	size_t n = 0;
	for (r->p++; r->p < r->end && *r->p != '"'; r->p++) {
		if (*r->p == '\\' && r->p + 1 < r->end && (r->p[1] == '"' || r->p[1] == '\\'))
			r->p++;
		r->line += *r->p == '\n';
		if (n + 1 < WORD_MAX && *r->p)
			r->word[n++] = *r->p;
	}
	if (r->p == r->end)
		return wrong(r, "a text without its second quote");
	r->p++;
	r->word[n] = '\0';
	r->quoted = true;
	return 0;
}

static int read_html(struct reader *r) /* <b>...</b>: balanced; a picture of words, no name */
{
	unsigned open = 0;
	for (; r->p < r->end; r->p++) {
		r->line += *r->p == '\n';
		open += *r->p == '<';
		if (*r->p == '>' && --open == 0)
			break;
	}
	if (r->p == r->end)
		return wrong(r, "a < without its >");
	r->p++;
	r->word[0] = '\0';
	return 0;
}

static int next(struct reader *r)
{
	skip(r);
	r->kind = r->p == r->end ? END : ID;
	r->quoted = false;
	if (r->kind == END)
		return 0;
	if (at(r, "--") || at(r, "->")) {
		r->kind = EDGE;
		r->p += 2;
		return 0;
	}
	if (*r->p && strchr("{}[];,=:", *r->p)) {
		r->kind = PUNCT;
		r->punct = *r->p++;
		return 0;
	}
	if (*r->p == '"')
		return read_quoted(r);
	if (*r->p == '<')
		return read_html(r);
	size_t n = 0;
	for (; r->p < r->end && (id_byte(*r->p) || (*r->p == '-' && !n)); r->p++)
		if (n + 1 < WORD_MAX)
			r->word[n++] = *r->p;
	r->word[n] = '\0';
	return n ? 0 : wrong(r, "a byte that belongs in no word");
}

static bool is(const struct reader *r, char punct)
{
	return r->kind == PUNCT && r->punct == punct;
}

static bool keyword(const struct reader *r, const char *word)
{
	size_t n = 0;
	while (r->word[n] && tolower((unsigned char)r->word[n]) == word[n])
		n++;
	return r->kind == ID && !r->quoted && !r->word[n] && !word[n];
}

/* ---- sets of nodes ---- */

static int set_add(struct reader *r, struct set *s, unsigned node)
{
	if (s->count == s->room) {
		size_t room = s->room ? 2 * s->room : 8;
		unsigned *v = realloc(s->v, room * sizeof *v);
		if (!v)
			return err_set(r->e, -ENOMEM, "out of memory");
		s->v = v;
		s->room = room;
	}
	s->v[s->count++] = node;
	return 0;
}

static int join(struct reader *r, const struct set *a, const struct set *b)
{
	int l = 0;
	for (size_t i = 0; i < a->count && l >= 0; i++)
		for (size_t k = 0; k < b->count && l >= 0; k++)
			l = topo_link(r->t, a->v[i], b->v[k], r->e);
	return l < 0 ? l : 0;
}

/* ---- attributes: [a=b, c=d] [e=f] ---- */

struct target { /* what they are of */
	const struct set *nodes;
	size_t first_link; /* all links from this one on; SIZE_MAX: none */
};

static int take_attr(struct reader *r, const struct target *to, const char *name, const char *value)
{
	int code = 0;
	for (size_t i = 0; to->nodes && i < to->nodes->count && code == 0; i++)
		code = topo_node_attr(r->t, to->nodes->v[i], name, value, r->e);
	for (size_t i = to->first_link; i < r->t->nlinks && code == 0; i++)
		code = topo_link_attr(r->t, (unsigned)i, name, value, r->e);
	return code;
}

static int read_attr(struct reader *r, const struct target *to) /* its name is the token */
{
	char name[64];
	if (r->kind != ID)
		return wrong(r, "the name of an attribute belongs here");
	snprintf(name, sizeof name, "%.63s", r->word);
	int code = next(r);
	if (code < 0 || !is(r, '='))
		return code;
	code = next(r);
	if (code == 0 && r->kind != ID)
		return wrong(r, "the value of an attribute belongs here");
	if (code == 0)
		code = take_attr(r, to, name, r->word);
	return code < 0 ? code : next(r);
}

static int read_attrs(struct reader *r, const struct target *to) /* [ is the token */
{
	int code = 0;
	while (code == 0 && is(r, '[')) {
		code = next(r);
		while (code == 0 && !is(r, ']')) {
			code = is(r, ',') || is(r, ';') ? next(r) : read_attr(r, to);
			if (code == 0 && r->kind == END)
				code = wrong(r, "the file ends inside of [ ]");
		}
		if (code == 0)
			code = next(r);
	}
	return code;
}

/* ---- statements ---- */

static int read_statements(struct reader *r, struct set *all);

static int read_subgraph(struct reader *r, struct set *out)
{
	int code = 0;
	if (++r->depth > DEPTH_MAX)
		return wrong(r, "nested too deeply");
	if (keyword(r, "subgraph")) {
		code = next(r);
		if (code == 0 && r->kind == ID)
			code = next(r);
	}
	if (code == 0 && !is(r, '{'))
		return wrong(r, "a { belongs here");
	if (code == 0 && (code = next(r)) == 0)
		code = read_statements(r, out);
	if (code == 0 && !is(r, '}'))
		return wrong(r, "the file ends inside of { }");
	r->depth--;
	return code < 0 ? code : next(r);
}

static int read_end(struct reader *r, struct set *out) /* a node, or a subgraph */
{
	if (keyword(r, "subgraph") || is(r, '{'))
		return read_subgraph(r, out);
	if (r->kind != ID || !*r->word)
		return wrong(r, "a node belongs here");
	int n = topo_node(r->t, r->word, r->e);
	int code = n < 0 ? n : set_add(r, out, (unsigned)n);
	if (code == 0)
		code = next(r);
	while (code == 0 && is(r, ':')) { /* a port of it: where the line is drawn to */
		code = next(r);
		if (code == 0)
			code = r->kind == ID ? next(r) : wrong(r, "a port belongs here");
	}
	return code;
}

static int add_all(struct reader *r, struct set *to, const struct set *from)
{
	int code = 0;
	for (size_t i = 0; i < from->count && code == 0; i++)
		code = set_add(r, to, from->v[i]);
	return code;
}

/* a; a [..]; a -- b -- {c d} [..]; a = b. Its nodes go to `all` too. */
static int read_chain(struct reader *r, struct set *all)
{
	struct set last = { 0 };
	size_t first = r->t->nlinks;
	bool edges = false;
	int code = read_end(r, &last);
	if (code == 0)
		code = add_all(r, all, &last);
	while (code == 0 && r->kind == EDGE) {
		struct set to = { 0 };
		edges = true;
		code = next(r);
		if (code == 0)
			code = read_end(r, &to);
		if (code == 0)
			code = join(r, &last, &to);
		if (code == 0)
			code = add_all(r, all, &to);
		free(last.v);
		last = to;
	}
	struct target of = { .nodes = edges ? NULL : &last,
			     .first_link = edges ? first : SIZE_MAX };
	if (code == 0)
		code = read_attrs(r, &of);
	free(last.v);
	return code;
}

static bool assigns(const struct reader *r) /* ID = ID: looked at without taking it */
{
	struct reader ahead = *r;
	struct err e;
	ahead.e = &e;
	return r->kind == ID && next(&ahead) == 0 && is(&ahead, '=');
}

static int read_statement(struct reader *r, struct set *all)
{
	static const struct target nobody = { NULL, SIZE_MAX };
	int code = 0;
	if (is(r, ';') || is(r, ','))
		return next(r);
	if (assigns(r)) {
		code = next(r);
		if (code == 0)
			code = next(r);
		return code < 0 ? code : next(r);
	}
	if (keyword(r, "graph") || keyword(r, "node") || keyword(r, "edge")) {
		code = next(r);
		return code < 0 ? code : read_attrs(r, &nobody);
	}
	return read_chain(r, all);
}

static int read_statements(struct reader *r, struct set *all)
{
	int code = 0;
	while (code == 0 && r->kind != END && !is(r, '}'))
		code = read_statement(r, all);
	return code;
}

int dot_read(const char *text, size_t len, struct topo *t, struct err *e)
{
	struct reader r = { .p = text, .end = text + len, .line = 1, .t = t, .e = e };
	struct set all = { 0 };
	int code = next(&r);
	if (code == 0 && keyword(&r, "strict"))
		code = next(&r);
	if (code == 0 && !keyword(&r, "graph") && !keyword(&r, "digraph"))
		code = wrong(&r, "graph or digraph belongs here");
	if (code == 0)
		code = next(&r);
	if (code == 0 && r.kind == ID)
		code = next(&r);
	if (code == 0)
		code = read_subgraph(&r, &all);
	free(all.v);
	for (size_t i = 0; i < t->nnodes; i++)
		if (t->node[i].kind == TOPO_ANY)
			t->node[i].kind = TOPO_SWITCH;
	return code;
}
