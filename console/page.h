/* SPDX-License-Identifier: MIT */
/* page.h - a page of the console: a list of rows that the model gives, columns that show them, keys
 * that act on the selected one. A page is one file and one row of pages.c. Pure. */
#ifndef DW_CONSOLE_PAGE_H
#define DW_CONSOLE_PAGE_H

#include "console/grid.h"
#include "console/model.h"
#include "console/polls.h"

struct ui;

struct ref {                  /* one row */
	uint32_t source, idx; /* where the page finds it in the model */
	uint64_t id;          /* which one it is, for good: the selection follows it */
};

struct refs {
	struct ref *v;
	size_t count, room;
	bool oom;
};

void refs_add(struct refs *r, uint32_t source, uint32_t idx, uint64_t id);
void refs_fini(struct refs *r);

struct shown { /* one cell of the list */
	char text[200];
	enum style style;
};

struct column {
	const char *title;
	uint8_t width; /* least */
	uint8_t rank;  /* 0 stays; of others the highest go first where there is no room */
	bool right;    /* numbers */
	uint8_t grow;  /* may take so much of what is left over */
	void (*show)(const struct model *m, const struct ref *r, struct shown *s);
	/* Order by this column; NULL: not by this one. */
	int (*compare)(const struct model *m, const struct ref *a, const struct ref *b);
};

struct key {
	int key;                         /* 0 ends a table */
	const char *label, *hint, *help; /* hint: one word for the bottom line */
	bool writes;                     /* asks first; off when read-only */
	/* `r`: the selected row, NULL where `rowless` is set and there is none */
	bool rowless;
	void (*run)(struct ui *u, const struct model *m, const struct ref *r);
};

enum { LIST_WORD = 48 };

struct list {        /* what the user made of a page */
	uint64_t id; /* of the selected row; 0: none yet */
	size_t at, top;
	unsigned sort; /* 0: the page's own order; else the column before this number */
	bool reverse, paused;
	bool log, follow;              /* a log; the selection stays on its last row */
	uint64_t frozen, frozen_frame; /* paused: newest event and frame shown */
	char filter[LIST_WORD], find[LIST_WORD];
	struct refs rows; /* filtered and sorted */
	uint64_t gen;     /* of the model they were made from */
	bool stale;       /* filter or order changed */
};

struct page {
	const char *name;
	unsigned wants; /* WANT_ bits */
	const struct column *columns;
	unsigned column_count;
	const struct key *keys;
	int detail_lines; /* below the list, for the selected row */
	bool follow;      /* a log: begins at its end */
	/* All rows in the page's own order. */
	void (*fill)(const struct model *m, const struct list *l, struct refs *r);
	/* What the filter looks at. */
	void (*words)(const struct model *m, const struct ref *r, char *buf, size_t size);
	void (*detail)(const struct model *m, const struct ref *r, struct grid *g, int y,
		       int lines);
	/* Why there is no row, in words. */
	const char *(*empty)(const struct model *m);
	/* Moves when rows may have changed; NULL: the model's gen. */
	uint64_t (*gen)(const struct model *m);
};

enum {
	PAGE_PORTS,
	PAGE_ADDRESSES,
	PAGE_TREE,
	PAGE_WIRES,
	PAGE_EVENTS,
	PAGE_FRAMES,
	PAGE_LAB,
	PAGES
};
extern const struct page *const pages[PAGES];
int page_named(const char *name); /* or a word that begins only one; -1: none */

extern const struct page page_ports, page_addresses, page_tree, page_wires, page_events,
	page_frames, page_lab;

/* ---- what pages share ---- */
__attribute__((format(printf, 3, 4))) void show(struct shown *s, enum style style, const char *fmt,
						...);
const char *no_switch(
	const struct model *m); /* the words of an empty page that lists switches' things */
void show_drops(const struct drops *d, char *buf,
		size_t size); /* "loss 3, queue-full 12"; "none" */
int compare_u64(uint64_t a, uint64_t b);
enum style alive(const struct model *m, const struct ref *r,
		 enum style style); /* dim, where its source is dead */
void show_source(const struct model *m, const struct ref *r,
		 struct shown *s); /* the column of names */
int compare_source(const struct model *m, const struct ref *a, const struct ref *b);

/* Keys that several pages have (hands.c). `what`: N, all, ab, ba, as capture/start takes it. */
void hand_save_config(struct ui *u, const struct model *m, const struct ref *r);
void hand_capture(struct ui *u, const struct model *m, const struct ref *r, const char *what);
void hand_stop_capture(struct ui *u, const struct model *m, const struct ref *r);
void hand_wireshark(struct ui *u, const struct model *m, const struct ref *r, const char *what);
void hand_watch(struct ui *u, const struct model *m, const struct ref *r, const char *what);

#endif
