/* SPDX-License-Identifier: MIT */
/* list.h - the rows of a page: filtering, sorting, moving, drawing. Pure. */
#ifndef DW_CONSOLE_LIST_H
#define DW_CONSOLE_LIST_H

#include "console/page.h"

void list_init(struct list *l, const struct page *p);
void list_fini(struct list *l);
/* Makes the rows anew where the model or the user changed what they would be, and keeps the
 * selection. */
void list_settle(struct list *l, const struct page *p, const struct model *m);
const struct ref *list_selected(const struct list *l); /* NULL: no row */
void list_move(struct list *l, long by);               /* past an end: to the end */
void list_sort_next(struct list *l, const struct page *p);
void list_filter(struct list *l, const char *words);
/* To the next row after this one (`again`), or from this one on, that has the words; false: none.
 */
bool list_find(struct list *l, const struct page *p, const struct model *m, const char *words,
	       bool again);
void list_pause(struct list *l, const struct model *m, bool on);

/* Draws titles and rows into the lines [y, y + h). Marks the sources that are on the screen in
 * `seen`. */
void list_draw(struct list *l, const struct page *p, const struct model *m, struct grid *g, int y,
	       int h, bool *seen);

#endif
