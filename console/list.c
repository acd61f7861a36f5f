/* SPDX-License-Identifier: MIT */
/* list.c - rows of a page. Only what is on the screen is formatted; what is filtered or sorted is
 * so once for each change of the model. */
#include "console/list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/text.h"

enum { COLUMNS_MAX = 24, WORDS_LEN = 400 };

void list_init(struct list *l, const struct page *p)
{
	*l = (struct list){ .log = p->follow, .follow = p->follow, .stale = true };
}

void list_fini(struct list *l)
{
	refs_fini(&l->rows);
}

/* ---- rows ---- */

static void keep_matching(struct list *l, const struct page *p, const struct model *m)
{
	size_t kept = 0;
	if (!l->filter[0])
		return;
	for (size_t i = 0; i < l->rows.count; i++) {
		char words[WORDS_LEN] = "";
		p->words(m, &l->rows.v[i], words, sizeof words);
		if (text_has(words, l->filter))
			l->rows.v[kept++] = l->rows.v[i];
	}
	l->rows.count = kept;
}

/* Merge sort: stable, so that equal rows stay in the page's order; qsort(3) has no context. */
struct order {
	const struct model *m;
	int (*compare)(const struct model *, const struct ref *, const struct ref *);
	int sign;
};

static void merge(const struct order *o, struct ref *v, struct ref *tmp, size_t mid, size_t n)
{
	size_t i = 0, j = mid, k = 0;
	while (i < mid && j < n)
		tmp[k++] = o->sign * o->compare(o->m, &v[i], &v[j]) <= 0 ? v[i++] : v[j++];
	while (i < mid)
		tmp[k++] = v[i++];
	memcpy(v, tmp, k * sizeof *v); /* what is left of the right half is in its place */
}

static void merge_sort(const struct order *o, struct ref *v, size_t n, struct ref *tmp)
{
	for (size_t step = 1; step < n; step *= 2)
		for (size_t at = 0; at + step < n; at += 2 * step) {
			size_t len = at + 2 * step < n ? 2 * step : n - at;
			merge(o, v + at, tmp, step, len);
		}
}

static void sort_rows(struct list *l, const struct page *p, const struct model *m)
{
	struct refs *r = &l->rows;
	if (l->sort && l->sort <= p->column_count && p->columns[l->sort - 1].compare &&
	    r->count > 1) {
		struct ref *tmp = malloc(r->count * sizeof *tmp);
		struct order o = { m, p->columns[l->sort - 1].compare, l->reverse ? -1 : 1 };
		if (tmp)
			merge_sort(&o, r->v, r->count, tmp);
		free(tmp);
	} else if (l->reverse) {
		for (size_t i = 0, j = r->count; i + 1 < j; i++) {
			struct ref swap = r->v[i];
			r->v[i] = r->v[--j];
			r->v[j] = swap;
		}
	}
}

/* The row that was selected, wherever it went; one that is gone leaves the place to its neighbour.
 */
static void keep_selection(struct list *l)
{
	size_t n = l->rows.count;
	if (l->follow && n) {
		l->at = n - 1;
	} else if (!(l->at < n && l->rows.v[l->at].id == l->id)) {
		for (size_t i = 0; i < n; i++)
			if (l->rows.v[i].id == l->id) {
				l->at = i;
				break;
			}
	}
	if (l->at >= n)
		l->at = n ? n - 1 : 0;
	l->id = n ? l->rows.v[l->at].id : l->id;
}

void list_settle(struct list *l, const struct page *p, const struct model *m)
{
	uint64_t gen = p->gen ? p->gen(m) : m->gen;
	if (l->gen == gen && !l->stale)
		return;
	l->gen = gen;
	l->stale = false;
	l->rows.count = 0;
	p->fill(m, l, &l->rows);
	keep_matching(l, p, m);
	sort_rows(l, p, m);
	keep_selection(l);
}

const struct ref *list_selected(const struct list *l)
{
	return l->at < l->rows.count ? &l->rows.v[l->at] : NULL;
}

/* ---- what the user does ---- */

static void select_row(struct list *l, size_t at)
{
	l->at = at;
	l->id = l->rows.count ? l->rows.v[at].id : 0;
}

void list_move(struct list *l, long by)
{
	size_t n = l->rows.count;
	if (!n)
		return;
	size_t at = by < 0 ? ((size_t)-by > l->at ? 0 : l->at - (size_t)-by) : l->at + (size_t)by;
	at = at < n ? at : n - 1;
	l->follow = l->log && at == n - 1;
	select_row(l, at);
}

void list_sort_next(struct list *l, const struct page *p)
{
	do
		l->sort = (l->sort + 1) % (p->column_count + 1);
	while (l->sort && !p->columns[l->sort - 1].compare);
	l->stale = true;
}

void list_filter(struct list *l, const char *words)
{
	snprintf(l->filter, sizeof l->filter, "%s", words);
	l->stale = true;
}

bool list_find(struct list *l, const struct page *p, const struct model *m, const char *words,
	       bool again)
{
	size_t n = l->rows.count;
	for (size_t i = 0; i < n; i++) {
		size_t at = (l->at + again + i) % n;
		char text[WORDS_LEN] = "";
		p->words(m, &l->rows.v[at], text, sizeof text);
		if (text_has(text, words)) {
			l->follow = false;
			select_row(l, at);
			return true;
		}
	}
	return false;
}

void list_pause(struct list *l, const struct model *m, bool on)
{
	l->paused = on;
	l->frozen = m->event_seq;
	l->frozen_frame = m->frame_seq;
	l->stale = true;
}

/* ---- drawing ---- */

struct layout {
	unsigned count;
	struct {
		const struct column *column;
		unsigned number;
		int x, w;
	} at[COLUMNS_MAX];
};

/* Which columns there is room for: from the highest rank down they go until the rest fits. */
static void choose(struct layout *lay, const struct page *p, int width)
{
	bool gone[COLUMNS_MAX] = { false };
	unsigned count = p->column_count < COLUMNS_MAX ? p->column_count : COLUMNS_MAX, grow = 0;
	int need = -1;
	for (unsigned i = 0; i < count; i++)
		need += p->columns[i].width + 1;
	while (need > width) {
		unsigned worst = count;
		for (unsigned i = 0; i < count; i++)
			if (!gone[i] && p->columns[i].rank &&
			    (worst == count || p->columns[i].rank >= p->columns[worst].rank))
				worst = i;
		if (worst == count)
			break;
		gone[worst] = true;
		need -= p->columns[worst].width + 1;
	}
	int x = 0, left = width > need ? width - need : 0;
	for (unsigned i = 0; i < count; i++)
		grow += gone[i] ? 0 : p->columns[i].grow;
	lay->count = 0;
	for (unsigned i = 0; i < count; i++) {
		const struct column *c = &p->columns[i];
		if (gone[i])
			continue;
		int w = c->width + (grow ? left * c->grow / (int)grow : 0);
		lay->at[lay->count].column = c;
		lay->at[lay->count].number = i + 1;
		lay->at[lay->count].x = x;
		lay->at[lay->count++].w = w;
		x += w + 1;
	}
}

static void draw_titles(const struct list *l, const struct layout *lay, struct grid *g, int y)
{
	for (unsigned i = 0; i < lay->count; i++) {
		const struct column *c = lay->at[i].column;
		char title[40];
		bool sorted = l->sort == lay->at[i].number;
		snprintf(title, sizeof title, "%s%s", c->title,
			 sorted ? (l->reverse ? "▼" : "▲") : "");
		(c->right ? grid_put_right : grid_put)(g, lay->at[i].x, y, lay->at[i].w, ST_HEAD,
						       title);
	}
}

static void draw_row(const struct layout *lay, const struct model *m, const struct ref *r,
		     struct grid *g, int y)
{
	for (unsigned i = 0; i < lay->count; i++) {
		const struct column *c = lay->at[i].column;
		struct shown s = { .style = ST_PLAIN };
		c->show(m, r, &s);
		(c->right ? grid_put_right : grid_put)(g, lay->at[i].x, y, lay->at[i].w, s.style,
						       s.text);
	}
}

void list_draw(struct list *l, const struct page *p, const struct model *m, struct grid *g, int y,
	       int h, bool *seen)
{
	struct layout lay;
	size_t room = h > 1 ? (size_t)h - 1 : 0;
	choose(&lay, p, g->w);
	draw_titles(l, &lay, g, y);
	if (!l->rows.count) {
		const char *why = l->filter[0] ? "nothing matches the filter" : p->empty(m);
		grid_put(g, 0, y + 1 + (room > 2), g->w, ST_DIM, why);
		return;
	}
	if (l->at < l->top)
		l->top = l->at;
	if (room && l->at >= l->top + room)
		l->top = l->at - room + 1;
	if (l->rows.count <= room)
		l->top = 0;
	else if (l->top > l->rows.count - room)
		l->top = l->rows.count - room;
	for (size_t i = 0; i < room && l->top + i < l->rows.count; i++) {
		const struct ref *r = &l->rows.v[l->top + i];
		int at = y + 1 + (int)i;
		draw_row(&lay, m, r, g, at);
		seen[r->source] = true;
		if (l->top + i == l->at)
			grid_select(g, 0, at, g->w, true);
	}
}
