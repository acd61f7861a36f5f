/* SPDX-License-Identifier: MIT */
/* term.h - the terminal: a grid goes out, keys come in. Whatever ends the program, a crash too, the
 * terminal is as it was before. */
#ifndef DW_CONSOLE_TERM_H
#define DW_CONSOLE_TERM_H

#include "console/grid.h"
#include "lib/base/err.h"

/* Takes over stdin and stdout. 0 or negative errno with words: -ENOTTY, -ENODEV (a terminal that
 * cannot place its cursor). */
int term_open(bool colors, struct err *e);
void term_close(void);   /* fine when not open */
bool term_is_utf8(void); /* by the locale; also before term_open() */
void term_size(int *w, int *h);
void term_resized(void); /* after SIGWINCH */
/* Puts on the screen what differs from what is there; the cursor at (x, y), x < 0: none. */
void term_draw(const struct grid *g, int x, int y);
void term_repaint(void); /* the next term_draw() sends everything */
/* The next key (a character, or UI_ of line.h); -1: none for now; -2: there will never be one. */
int term_key(void);

#endif
