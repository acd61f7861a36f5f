/* SPDX-License-Identifier: MIT */
/* results.c - results of a run, kept, and made into tables. */
#include "lab/results.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lab/draw.h"

static void *or_die(void *p) /* reports at the end of a run: nothing is left to save */
{
	if (!p) {
		fputs("dw-lab: out of memory for the report\n", stderr);
		exit(3);
	}
	return p;
}

static void add(struct words *w, const char *text)
{
	or_die(words_add(w, text) == 0 ? w : NULL);
}

const char *verdict_word(enum verdict v)
{
	static const char *const words[] = {
		[VERDICT_PASS] = "passed",     [VERDICT_FAIL] = "failed",
		[VERDICT_SKIP] = "skipped",    [VERDICT_BROKEN] = "broken",
		[VERDICT_TROUBLE] = "trouble", [VERDICT_STOPPED] = "stopped",
	};
	return words[v];
}

bool verdict_is_bad(enum verdict v)
{
	return v != VERDICT_PASS && v != VERDICT_SKIP;
}

/* ---- keeping ---- */

void results_lab(struct results *r, const char *file, const struct plan *p, const struct look *k)
{
	struct result_lab *lab = or_die(realloc(r->lab, (r->nlabs + 1) * sizeof *lab));
	char *dot = NULL;
	size_t len;
	FILE *f = or_die(open_memstream(&dot, &len));
	draw_dot(p, k, f);
	fclose(f);
	r->lab = lab;
	lab[r->nlabs++] =
		(struct result_lab){ or_die(strdup(file)), or_die(strdup(p->name)), or_die(dot) };
}

void results_add(struct results *r, const struct point *p, struct outcome *o)
{
	struct result *v = or_die(realloc(r->v, (r->count + 1) * sizeof *v));
	r->v = v;
	v[r->count] = (struct result){
		.name = or_die(strdup(p->name)),
		.test = or_die(strdup(p->test)),
		.base = or_die(strdup(p->base ? p->base : p->test)),
		.file = or_die(strdup(p->file)),
		.backend = or_die(strdup(p->backend)),
		.seed = p->seed,
		.wall_s = p->wall_s,
		.out = *o,
	};
	for (size_t i = 0; p->params && i < p->params->count; i++)
		add(&v[r->count].params, p->params->v[i]);
	if (o->verdict == VERDICT_PASS)
		r->passed++;
	else if (o->verdict == VERDICT_SKIP)
		r->skipped++;
	else
		r->failed++;
	r->count++;
	*o = (struct outcome){ .verdict = o->verdict };
}

void results_fini(struct results *r)
{
	for (size_t i = 0; i < r->count; i++) {
		struct result *v = &r->v[i];
		free(v->name);
		free(v->test);
		free(v->base);
		free(v->file);
		free(v->backend);
		words_fini(&v->params);
		outcome_fini(&v->out);
	}
	for (size_t i = 0; i < r->nlabs; i++) {
		free(r->lab[i].file);
		free(r->lab[i].name);
		free(r->lab[i].dot);
	}
	free(r->v);
	free(r->lab);
	*r = (struct results){ 0 };
}

/* ---- tables ---- */

static size_t column_of(struct table *t, const char *name, size_t len)
{
	char *text = or_die(strndup(name, len));
	size_t i = 0;
	while (i < t->head.count && strcmp(t->head.v[i], text) != 0)
		i++;
	if (i == t->head.count)
		add(&t->head, text);
	free(text);
	return i;
}

static struct words *new_row(struct table *t)
{
	t->row = or_die(realloc(t->row, (t->nrows + 1) * sizeof *t->row));
	t->row[t->nrows] = (struct words){ 0 };
	return &t->row[t->nrows++];
}

static void put(struct words *row, size_t at, const char *text)
{
	while (row->count <= at)
		add(row, "");
	free(row->v[at]);
	row->v[at] = or_die(strdup(text ? text : ""));
}

static void put_params(struct table *t, struct words *row, const struct result *v)
{
	for (size_t i = 0; i < v->params.count; i++) {
		const char *word = v->params.v[i];
		size_t len = strcspn(word, "=");
		put(row, column_of(t, word, len), word + len + (word[len] == '='));
	}
}

static void put_measures(struct table *t, struct words *row, const struct result *v, bool raw)
{
	for (size_t i = 0; i < v->out.nmeasures; i++) {
		const struct measure *m = &v->out.measure[i];
		put(row, column_of(t, m->name, strlen(m->name)), raw ? m->raw : m->value);
	}
}

static bool same_sweep(const struct result *a, const struct result *b)
{
	return b->params.count && strcmp(a->base, b->base) == 0 && strcmp(a->file, b->file) == 0 &&
	       strcmp(a->backend, b->backend) == 0;
}

static bool begins_sweep(const struct results *r, size_t i)
{
	if (!r->v[i].params.count)
		return false;
	for (size_t k = 0; k < i; k++)
		if (same_sweep(&r->v[i], &r->v[k]))
			return false;
	return true;
}

size_t table_next_sweep(const struct results *r, size_t from)
{
	while (from < r->count && !begins_sweep(r, from))
		from++;
	return from;
}

size_t table_sweep(struct table *t, const struct results *r, size_t first)
{
	*t = (struct table){ 0 };
	bool seeds = false;
	for (size_t i = first; i < r->count; i++)
		seeds |= same_sweep(&r->v[first], &r->v[i]) && r->v[i].seed != r->v[first].seed;
	for (size_t i = first; i < r->count; i++) {
		const struct result *v = &r->v[i];
		char seed[24];
		if (!same_sweep(&r->v[first], v))
			continue;
		struct words *row = new_row(t);
		put_params(t, row, v);
		snprintf(seed, sizeof seed, "%" PRIu64, v->seed);
		if (seeds)
			put(row, column_of(t, "seed", 4), seed);
		put(row, column_of(t, "verdict", 7), verdict_word(v->out.verdict));
		put_measures(t, row, v, false);
	}
	t->ncolumns = t->head.count;
	return table_next_sweep(r, first + 1);
}

void table_all(struct table *t, const struct results *r)
{
	*t = (struct table){ 0 };
	for (size_t i = 0; i < r->count; i++) {
		const struct result *v = &r->v[i];
		char seed[24], lab_ns[24], print[24] = "";
		struct words *row = new_row(t);
		snprintf(seed, sizeof seed, "%" PRIu64, v->seed);
		snprintf(lab_ns, sizeof lab_ns, "%" PRId64, v->out.lab_ns);
		if (v->out.printed)
			snprintf(print, sizeof print, "fp1:%016" PRIx64, v->out.fingerprint);
		const char *const facts[][2] = {
			{ "file", v->file },
			{ "test", v->base },
			{ "backend", v->backend },
			{ "seed", seed },
			{ "verdict", verdict_word(v->out.verdict) },
			{ "lab_time_ns", lab_ns },
			{ "fingerprint", print },
		};
		for (size_t k = 0; k < sizeof facts / sizeof *facts; k++)
			put(row, column_of(t, facts[k][0], strlen(facts[k][0])), facts[k][1]);
		put_params(t, row, v);
		put_measures(t, row, v, true);
	}
	t->ncolumns = t->head.count;
}

const char *table_cell(const struct table *t, size_t row, size_t column)
{
	return column < t->row[row].count ? t->row[row].v[column] : "";
}

void table_fini(struct table *t)
{
	words_fini(&t->head);
	for (size_t i = 0; i < t->nrows; i++)
		words_fini(&t->row[i]);
	free(t->row);
	*t = (struct table){ 0 };
}

/* ---- as comments behind the TAP ---- */

static void print_line(const struct table *t, const size_t *width, size_t row)
{
	printf("#  ");
	for (size_t c = 0; c < t->ncolumns; c++) {
		const char *text = row ? table_cell(t, row - 1, c) : t->head.v[c];
		printf(c + 1 < t->ncolumns ? " %-*s" : " %.0d%s",
		       c + 1 < t->ncolumns ? (int)width[c] : 0, text);
	}
	putchar('\n');
}

void report_sweeps(const struct results *r)
{
	for (size_t i = table_next_sweep(r, 0); i < r->count;) {
		struct table t;
		const char *base = r->v[i].base;
		i = table_sweep(&t, r, i);
		size_t *width = or_die(calloc(t.ncolumns + 1, sizeof *width));
		for (size_t c = 0; c < t.ncolumns; c++) {
			width[c] = strlen(t.head.v[c]);
			for (size_t k = 0; k < t.nrows; k++)
				if (strlen(table_cell(&t, k, c)) > width[c])
					width[c] = strlen(table_cell(&t, k, c));
		}
		printf("#\n# %s:\n", base);
		for (size_t row = 0; row <= t.nrows; row++)
			print_line(&t, width, row);
		free(width);
		table_fini(&t);
	}
}

/* ---- CSV, RFC 4180 ---- */

static void put_csv(FILE *f, const char *text)
{
	bool plain = !text[strcspn(text, "\",\r\n")];
	if (!plain)
		fputc('"', f);
	for (; *text; text++)
		fprintf(f, *text == '"' ? "\"\"" : "%c", *text);
	if (!plain)
		fputc('"', f);
}

int csv_write(const struct results *r, const char *file)
{
	struct table t;
	FILE *f = fopen(file, "we");
	if (!f)
		return -errno;
	table_all(&t, r);
	for (size_t row = 0; row <= t.nrows; row++)
		for (size_t c = 0; c < t.ncolumns; c++) {
			put_csv(f, row ? table_cell(&t, row - 1, c) : t.head.v[c]);
			fputs(c + 1 < t.ncolumns ? "," : "\r\n", f);
		}
	table_fini(&t);
	int bad = ferror(f) ? -EIO : 0;
	return fclose(f) ? -errno : bad;
}
