/* SPDX-License-Identifier: MIT */
/* line.c - frames on their way to the far end, by (due, seq): a list while they come in order, a
 * pairing heap (Fredman et al. 1986) for those that overtake. Nothing is allocated. */
#include "wire/core/side.h"

static bool before(const struct node *a, const struct node *b)
{
	if (a->p.due != b->p.due)
		return a->p.due < b->p.due;
	return a->p.seq < b->p.seq;
}

static struct node *meld(struct node *a, struct node *b)
{
	if (!a || !b)
		return a ? a : b;
	if (before(b, a)) {
		struct node *t = a;
		a = b;
		b = t;
	}
	b->next = a->child;
	a->child = b;
	return a;
}

/* The children of a root that left: melded in pairs, then the pairs from the last to the first. */
static struct node *meld_all(struct node *first)
{
	struct node *pairs = NULL;
	while (first) {
		struct node *a = first, *b = a->next;
		first = b ? b->next : NULL;
		a->next = NULL;
		if (b)
			b->next = NULL;
		a = meld(a, b);
		a->next = pairs;
		pairs = a;
	}
	struct node *root = NULL;
	while (pairs) {
		struct node *rest = pairs->next;
		pairs->next = NULL;
		root = meld(root, pairs);
		pairs = rest;
	}
	return root;
}

void line_add(struct line *l, struct node *n)
{
	n->next = n->child = NULL;
	l->count += n->p.f.segs;
	l->bytes += n->p.f.len;
	if (!l->run.tail || !before(n, l->run.tail))
		fifo_push(&l->run, n);
	else
		l->heap = meld(l->heap, n);
}

static bool heap_leads(const struct line *l)
{
	return l->heap && (!l->run.head || before(l->heap, l->run.head));
}

struct node *line_head(const struct line *l)
{
	return heap_leads(l) ? l->heap : l->run.head;
}

struct node *line_pop(struct line *l)
{
	struct node *n;
	if (heap_leads(l)) {
		n = l->heap;
		l->heap = meld_all(n->child);
	} else {
		n = fifo_pop(&l->run);
	}
	if (!n)
		return NULL;
	l->count -= n->p.f.segs;
	l->bytes -= n->p.f.len;
	n->next = n->child = NULL;
	return n;
}
