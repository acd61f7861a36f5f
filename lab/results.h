/* SPDX-License-Identifier: MIT */
/* results.h - what came of a run, kept until its end, for the reports that need all of it: JUnit,
 * Markdown, CSV, HTML, the tables of sweeps. */
#ifndef DW_LAB_RESULTS_H
#define DW_LAB_RESULTS_H

#include <stdio.h>

#include "lab/lab.h"
#include "lab/look.h"

struct result {
	char *name, *test, *base, *file, *backend; /* base: the test's name without its values */
	struct words params;                       /* name=value, of a sweep */
	uint64_t seed;
	double wall_s;
	struct outcome out;
};

struct result_lab {
	char *file, *name, *dot; /* dot: its picture for Graphviz */
};

struct results {
	struct result *v;
	size_t count;
	struct result_lab *lab;
	size_t nlabs;
	unsigned passed, failed, skipped;
};

/* `k` may be NULL: nobody looked. */
void results_lab(struct results *r, const char *file, const struct plan *p, const struct look *k);
/* Takes what is in `o` over and leaves it empty. */
void results_add(struct results *r, const struct point *p, struct outcome *o);
void results_fini(struct results *r);

const char *verdict_word(enum verdict v); /* "passed" */
bool verdict_is_bad(enum verdict v);      /* neither passed nor skipped */

/* ---- tables: of each sweep, and of everything ---- */
struct table {
	struct words head;
	struct words *row;
	size_t nrows, ncolumns; /* columns that came later: rows may be shorter */
};
/* The sweep that `first` begins: its values, verdict and measures; -1: none. The index of the next
 * result that begins one, or r->count. */
size_t table_sweep(struct table *t, const struct results *r, size_t first);
size_t table_next_sweep(const struct results *r, size_t from); /* r->count: no more */
void table_all(struct table *t, const struct results *r);      /* every test; numbers, not words */
const char *table_cell(const struct table *t, size_t row, size_t column); /* "" if none */
void table_fini(struct table *t);

void report_sweeps(const struct results *r); /* as comments behind the TAP */
/* Whole files; 0 or negative errno. */
int junit_write(const struct results *r, const char *file);
int markdown_write(const struct results *r, const char *file);
int csv_write(const struct results *r, const char *file);
int html_write(const struct results *r, const char *dir); /* DIR/index.html */

#endif
