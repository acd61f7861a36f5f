/* SPDX-License-Identifier: MIT */
/* grid.c - cells, clipping, and text that cannot leave them. */
#include "console/grid.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "console/text.h"

enum { CUT = 0x2026 }; /* stands where text was cut off */

static_assert(sizeof(struct cell) == 8, "cells are compared as bytes");

static int clamp(int v, int low, int high)
{
	return v < low ? low : v > high ? high : v;
}

int grid_init(struct grid *g, int w, int h, bool ascii)
{
	w = clamp(w, 1, GRID_MAX_W);
	h = clamp(h, 1, GRID_MAX_H);
	*g = (struct grid){ .w = w, .h = h, .ascii = ascii };
	g->cells = calloc((size_t)w * (size_t)h, sizeof *g->cells);
	if (!g->cells)
		return -ENOMEM;
	grid_clear(g);
	return 0;
}

void grid_fini(struct grid *g)
{
	free(g->cells);
	*g = (struct grid){ 0 };
}

void grid_clear(struct grid *g)
{
	grid_blank(g, 0, 0, g->w, g->h);
}

bool grid_same(const struct grid *a, const struct grid *b)
{
	return a->w == b->w && a->h == b->h &&
	       memcmp(a->cells, b->cells, (size_t)a->w * (size_t)a->h * sizeof *a->cells) == 0;
}

static struct cell *cell(const struct grid *g, int x, int y)
{
	bool inside = x >= 0 && y >= 0 && x < g->w && y < g->h;
	return inside ? &g->cells[y * g->w + x] : NULL;
}

const struct cell *grid_at(const struct grid *g, int x, int y)
{
	return cell(g, x, y);
}

void grid_blank(struct grid *g, int x, int y, int w, int h)
{
	for (int j = y; j < y + h; j++)
		for (int i = x; i < x + w; i++)
			grid_char(g, i, j, ST_PLAIN, ' ');
}

/* Half of a wide character is worse than none: what is overwritten in part becomes a blank. */
static void free_halves(struct grid *g, int x, int y)
{
	struct cell *c = cell(g, x, y), *left = cell(g, x - 1, y), *right = cell(g, x + 1, y);
	if (!c->ch && left)
		left->ch = ' ';
	if (right && !right->ch)
		right->ch = ' ';
}

void grid_char(struct grid *g, int x, int y, enum style s, uint32_t ch)
{
	struct cell *c = cell(g, x, y);
	if (!c)
		return;
	free_halves(g, x, y);
	*c = (struct cell){ .ch = g->ascii ? (unsigned char)text_ascii(ch) : ch,
			    .style = (uint8_t)s };
}

void grid_select(struct grid *g, int x, int y, int w, bool on)
{
	for (int i = x; i < x + w; i++)
		if (cell(g, i, y))
			cell(g, i, y)->selected = on;
}

/* ---- text ---- */

/* What is shown for the character at `at`: itself or an escape, as UTF-8 in `shown`; the bytes
 * taken. */
static size_t show_one(const char *at, const char *end, char shown[static TEXT_ESCAPE_MAX],
		       int *columns)
{
	uint32_t ch;
	size_t n = text_next(at, end, &ch);
	*columns = text_width(ch);
	if (*columns) {
		text_utf8(ch, shown);
	} else {
		text_escape(ch, shown);
		*columns = (int)strlen(shown);
	}
	return n;
}

int grid_columns(const char *text)
{
	int sum = 0;
	for (const char *end = text + strlen(text); text < end;) {
		char shown[TEXT_ESCAPE_MAX];
		int columns;
		text += show_one(text, end, shown, &columns);
		sum += columns;
	}
	return sum;
}

static void put_shown(struct grid *g, int x, int y, enum style s, const char *shown, int columns)
{
	const char *end = shown + strlen(shown);
	uint32_t ch;
	size_t n = text_next(shown, end, &ch);
	if (shown + n == end && columns == 2) {
		bool both = cell(g, x, y) && cell(g, x + 1, y); /* half of it is a blank */
		grid_char(g, x, y, s, both ? ch : ' ');
		grid_char(g, x + 1, y, s, ' ');
		if (both && !g->ascii)
			cell(g, x + 1, y)->ch = 0;
		return;
	}
	for (; shown < end; shown += n, x++) {
		n = text_next(shown, end, &ch);
		grid_char(g, x, y, s, ch);
	}
}

int grid_put(struct grid *g, int x, int y, int max, enum style s, const char *text)
{
	const char *end = text + strlen(text);
	int at = 0;
	if (max <= 0)
		return 0;
	bool cut = grid_columns(text) > max;
	int room = cut ? max - 1 : max;
	while (text < end) {
		char shown[TEXT_ESCAPE_MAX];
		int columns;
		text += show_one(text, end, shown, &columns);
		if (at + columns > room)
			break;
		put_shown(g, x + at, y, s, shown, columns);
		at += columns;
	}
	if (cut)
		grid_char(g, x + at++, y, s, CUT);
	return at;
}

int grid_put_right(struct grid *g, int x, int y, int max, enum style s, const char *text)
{
	int n = grid_columns(text);
	return grid_put(g, n < max ? x + max - n : x, y, max, s, text);
}

int grid_print(struct grid *g, int x, int y, int max, enum style s, const char *fmt, ...)
{
	char text[1024];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	return grid_put(g, x, y, max, s, text);
}

void grid_text(const struct grid *g, struct out *o)
{
	for (int y = 0; y < g->h; y++) {
		int last = g->w;
		while (last > 0 && cell(g, last - 1, y)->ch == ' ')
			last--;
		for (int x = 0; x < last; x++) {
			char one[5];
			uint32_t ch = cell(g, x, y)->ch;
			if (ch)
				out_raw(o, one, text_utf8(ch, one));
		}
		out_raw(o, "\n", 1);
	}
}

void grid_spark(char *buf, const uint32_t *v, unsigned n)
{
	uint32_t most = 0;
	for (unsigned i = 0; i < n; i++)
		most = v[i] > most ? v[i] : most;
	for (unsigned i = 0; i < n; i++) {
		if (v[i])
			buf += text_utf8(0x2581 + (uint32_t)((uint64_t)(v[i] - 1) * 8 / most), buf);
		else
			*buf++ = ' ';
	}
	*buf = '\0';
}
