/* SPDX-License-Identifier: MIT */
/* grid.h - a screen as cells: what pages draw into, what term puts on the terminal, what --once
 * prints and tests compare. Everything is clipped; nothing that controls a terminal gets in. Pure.
 */
#ifndef DW_CONSOLE_GRID_H
#define DW_CONSOLE_GRID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/proto/out.h"

enum { GRID_MIN_W = 40, GRID_MIN_H = 8, GRID_MAX_W = 1000, GRID_MAX_H = 500 };

enum style { /* what it means; term says how that looks */
	     ST_PLAIN,
	     ST_DIM,   /* known but of no weight; a key that is off */
	     ST_TITLE, /* the page that is shown, headings of popups */
	     ST_HEAD,  /* column titles */
	     ST_KEY,   /* what to press */
	     ST_GOOD,  /* forwarding, up */
	     ST_WARN,  /* on its way, old, slowed down */
	     ST_BAD,   /* down, dead, lost */
	     ST_NAME,  /* what has a name */
	     ST_BAR,   /* sparklines */
	     ST_STYLES
};

struct cell {
	uint32_t ch; /* 0: the right half of the wide character before */
	uint8_t style;
	bool selected;
	uint16_t unused; /* no padding: cells are compared as bytes */
};

struct grid {
	int w, h;
	bool ascii; /* the terminal knows ASCII only */
	struct cell *cells;
};

int grid_init(struct grid *g, int w, int h, bool ascii); /* sizes are clamped; 0 or -ENOMEM */
void grid_fini(struct grid *g);
void grid_clear(struct grid *g);
bool grid_same(const struct grid *a, const struct grid *b);
const struct cell *grid_at(const struct grid *g, int x, int y); /* inside, or NULL */

/* Puts UTF-8 text at (x, y), `max` columns at most: escaped, and with a mark where it was cut. The
 * columns used. */
int grid_put(struct grid *g, int x, int y, int max, enum style s, const char *text);
int grid_put_right(struct grid *g, int x, int y, int max, enum style s, const char *text);
__attribute__((format(printf, 6, 7))) int grid_print(struct grid *g, int x, int y, int max,
						     enum style s, const char *fmt, ...);
void grid_blank(struct grid *g, int x, int y, int w, int h);
void grid_select(struct grid *g, int x, int y, int w, bool on);
void grid_char(struct grid *g, int x, int y, enum style s, uint32_t ch); /* one of width 1 */
int grid_columns(const char *text); /* that grid_put() would use, uncut */

/* Lines of text, blanks at their ends cut off; appended. */
void grid_text(const struct grid *g, struct out *o);

/* A sparkline of `n` values, newest last, as UTF-8 in `buf` (3 bytes a value and NUL); scaled to
 * the largest of them. A value of 0 is a blank. */
void grid_spark(char *buf, const uint32_t *v, unsigned n);

#endif
