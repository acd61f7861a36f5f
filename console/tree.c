/* SPDX-License-Identifier: MIT */
/* tree.c - switches as a tree. */
#include "console/tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct walk {
	const struct model *m;
	void (*row)(void *ctx, const struct tree_row *r);
	void *ctx;
	int *parent;       /* by source; -1: none */
	uint32_t *port;    /* towards the parent */
	int *first, *next; /* children, in order of sources */
	bool *done;
};

/* ---- who is at the other end ---- */

static int source_of_mac(const struct model *m, const char *mac, const struct source *not_this)
{
	for (unsigned i = 0; mac[0] && i < m->source_count; i++)
		if (m->source[i] != not_this && m->source[i]->kind == KIND_SWITCH &&
		    strcmp(m->source[i]->mac, mac) == 0)
			return (int)i;
	return -1;
}

/* A port has the name of what is plugged in: "s2", a second one "s2.2". */
static bool is_name_of(const char *port, const char *name)
{
	size_t n = strlen(name);
	return n && strncmp(port, name, n) == 0 &&
	       (!port[n] ||
		(port[n] == '.' && strspn(port + n + 1, "0123456789") == strlen(port + n + 1)));
}

static int source_of_name(const struct model *m, const char *port, const struct source *s)
{
	for (unsigned i = 0; port[0] && i < m->source_count; i++) {
		const struct source *t = m->source[i];
		if (t != s && t->kind == KIND_SWITCH && strcmp(t->lab, s->lab) == 0 &&
		    (is_name_of(port, t->name) || is_name_of(port, t->title)))
			return (int)i;
	}
	return -1;
}

int tree_neighbour(const struct model *m, const struct source *s, const struct port *p)
{
	int found = p->role == STP_ROOT || p->role == STP_ALTERNATE
			    ? source_of_mac(m, p->designated, s)
			    : -1;
	return found >= 0 ? found : source_of_name(m, p->name, s);
}

/* ---- parents ---- */

static void adopt(struct walk *w, int child, int parent, uint32_t port)
{
	w->parent[child] = parent;
	w->port[child] = port;
	int *at = &w->first[parent];
	while (*at >= 0 && *at < child)
		at = &w->next[*at];
	w->next[child] = *at;
	*at = child;
}

/* By spanning tree: the root port shows the way up. */
static void adopt_by_roles(struct walk *w)
{
	for (unsigned i = 0; i < w->m->source_count; i++) {
		const struct source *s = w->m->source[i];
		for (size_t k = 0; s->kind == KIND_SWITCH && s->rstp_on && k < s->port_count; k++) {
			const struct port *p = &s->ports[k];
			int up = p->role == STP_ROOT ? tree_neighbour(w->m, s, p) : -1;
			if (up >= 0 && w->parent[i] < 0 && w->m->source[up]->rstp_on)
				adopt(w, (int)i, up, p->number);
		}
	}
}

/* Without one: whoever is reached first from the first switch on, breadth first. */
static int adopt_by_links(struct walk *w)
{
	unsigned n = w->m->source_count;
	int *queue = calloc(n, sizeof *queue);
	bool *reached = calloc(n, sizeof *reached);
	for (unsigned start = 0; queue && reached && start < n; start++) {
		unsigned head = 0, tail = 0;
		if (reached[start] || w->m->source[start]->kind != KIND_SWITCH ||
		    w->m->source[start]->rstp_on)
			continue;
		queue[tail++] = (int)start;
		reached[start] = true;
		while (head < tail) {
			int at = queue[head++];
			const struct source *s = w->m->source[at];
			for (size_t k = 0; k < s->port_count; k++) {
				int to = tree_neighbour(w->m, s, &s->ports[k]);
				if (to < 0 || reached[to] || w->m->source[to]->rstp_on)
					continue;
				reached[to] = true;
				queue[tail++] = to;
				adopt(w, to, at, 0);
			}
		}
	}
	int r = queue && reached ? 0 : -ENOMEM;
	free(queue);
	free(reached);
	return r;
}

/* ---- rows ---- */

static void tell(struct walk *w, int source, uint32_t port, unsigned depth, enum tree_kind kind)
{
	struct tree_row r = { (uint32_t)source, port, (uint16_t)depth, (uint8_t)kind };
	w->row(w->ctx, &r);
}

/* Of two links to the same neighbour the second closes a loop, as does one to somebody who is
 * neither above nor below; told once, by the one further down the list. */
static bool closes_loop(const struct walk *w, int at, const struct port *p, int to)
{
	const struct source *s = w->m->source[at];
	if (w->parent[at] != to && w->parent[to] != at)
		return to < at;
	if (w->parent[at] != to)
		return false;
	for (size_t k = 0; k < s->port_count && &s->ports[k] < p; k++)
		if (tree_neighbour(w->m, s, &s->ports[k]) == to)
			return true;
	return false;
}

static void tell_links(struct walk *w, int at, unsigned depth)
{
	const struct source *s = w->m->source[at];
	for (size_t k = 0; k < s->port_count; k++) {
		const struct port *p = &s->ports[k];
		if (s->rstp_on) {
			if (p->role == STP_ALTERNATE || p->role == STP_BACKUP)
				tell(w, at, p->number, depth, TREE_BLOCKED);
			continue;
		}
		int to = tree_neighbour(w->m, s, p);
		if (to >= 0 && !w->m->source[to]->rstp_on && closes_loop(w, at, p, to))
			tell(w, at, p->number, depth, TREE_LOOP);
	}
}

static void descend(struct walk *w, int start)
{
	unsigned depth = 0;
	for (int at = start; at >= 0;) {
		if (!w->done[at]) {
			w->done[at] = true;
			tell(w, at, w->port[at], depth, TREE_SWITCH);
			tell_links(w, at, depth + 1);
			if (w->first[at] >= 0 && !w->done[w->first[at]]) {
				at = w->first[at];
				depth++;
				continue;
			}
		}
		while (at != start && w->next[at] < 0) {
			at = w->parent[at];
			depth--;
		}
		at = at == start ? -1 : w->next[at];
	}
}

static int arrays(struct walk *w, unsigned n)
{
	n += !n;
	w->parent = calloc(n, sizeof *w->parent);
	w->port = calloc(n, sizeof *w->port);
	w->first = calloc(n, sizeof *w->first);
	w->next = calloc(n, sizeof *w->next);
	w->done = calloc(n, sizeof *w->done);
	if (!w->parent || !w->port || !w->first || !w->next || !w->done)
		return -ENOMEM;
	for (unsigned i = 0; i < n; i++)
		w->parent[i] = w->first[i] = w->next[i] = -1;
	return 0;
}

int tree_walk(const struct model *m, void (*row)(void *ctx, const struct tree_row *r), void *ctx)
{
	struct walk w = { .m = m, .row = row, .ctx = ctx };
	int r = arrays(&w, m->source_count);
	if (!r) {
		adopt_by_roles(&w);
		r = adopt_by_links(&w);
	}
	for (int roots = 1; !r && roots >= 0;
	     roots--) /* then what turns in a circle, seen half-way */
		for (unsigned i = 0; i < m->source_count; i++)
			if (m->source[i]->kind == KIND_SWITCH && !w.done[i] &&
			    (w.parent[i] < 0 || !roots))
				descend(&w, (int)i);
	free(w.parent);
	free(w.port);
	free(w.first);
	free(w.next);
	free(w.done);
	return r;
}
