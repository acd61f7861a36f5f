/* SPDX-License-Identifier: MIT */
/* found_report.c - what many runs found, reported: a point for each test that passed, one for each
 * distinct failure with its smallest seed and how many fail like it. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lab/found.h"
#include "lab/results.h"
#include "lib/cli/opts.h"

static int by_seed(const void *a, const void *b)
{
	const struct failure *x = a, *y = b;
	if (x->seed != y->seed)
		return x->seed < y->seed ? -1 : 1;
	return strcmp(x->key, y->key);
}

struct naming { /* what must be said to tell tests apart */
	bool lab, backend;
};

static struct naming naming_of(const struct found *f)
{
	struct naming n = { false, false };
	for (size_t i = 1; i < f->ntested; i++) {
		n.lab |= strcmp(f->tested[i].file, f->tested[0].file) != 0;
		n.backend |= strcmp(f->tested[i].backend, f->tested[0].backend) != 0;
	}
	return n;
}

/* What was measured, from the least to the most of all seeds. */
static void put_ranges(const struct tested *t, struct outcome *o)
{
	o->measure = calloc(t->nranges + 1, sizeof *o->measure);
	for (size_t i = 0; o->measure && i < t->nranges; i++) {
		const struct range *g = &t->range[i];
		bool same = strcmp(g->raw[0], g->raw[1]) == 0;
		char text[200];
		snprintf(text, sizeof text, "%.90s%s%.90s", g->text[0], same ? "" : " to ",
			 same ? "" : g->text[1]);
		o->measure[o->nmeasures++] =
			(struct measure){ strdup(g->name), strdup(text), strdup(g->raw[1]) };
	}
}

static void report_one(const struct tested *t, struct failure *v, struct naming n, unsigned number,
		       struct results *keep)
{
	char name[700];
	uint64_t seeds = t->passed + t->failed + t->skipped;
	int len = snprintf(name, sizeof name, "%.150s%s%.300s%s%s", n.lab ? t->lab : "",
			   n.lab && t->lab[0] ? ": " : "", t->test, n.backend ? " on " : "",
			   n.backend ? t->backend : "");
	struct outcome whole = { .verdict = t->passed ? VERDICT_PASS : VERDICT_SKIP,
				 .why = t->lacks ? strdup(t->lacks) : NULL };
	struct point p = { .number = number,
			   .name = name,
			   .test = t->test,
			   .file = t->file,
			   .backend = t->backend,
			   .seeds = seeds,
			   .wall_s = t->wall_s };
	if (v) {
		snprintf(name + len, sizeof name - (size_t)len,
			 ": %" PRIu64 " of %" PRIu64 " seeds, the smallest is %" PRIu64, v->count,
			 seeds, v->seed);
		p.seed = v->seed;
		p.seeds = v->count;
	}
	if (!v)
		put_ranges(t, &whole);
	if (!opt_json)
		report_point(&p, v ? &v->out : &whole);
	if (keep)
		results_add(keep, &p, v ? &v->out : &whole);
	outcome_fini(&whole);
}

static int code_of(const struct found *f, bool strict)
{
	uint64_t passed = 0, skipped = 0;
	int code = 0;
	for (size_t i = 0; i < f->ntested; i++) {
		const struct tested *t = &f->tested[i];
		passed += t->passed;
		skipped += t->skipped;
		for (size_t k = 0; k < t->nfailures; k++) {
			int is = t->failure[k].out.verdict == VERDICT_BROKEN ? 2 : 1;
			code = is > code ? is : code;
		}
	}
	if (f->trouble)
		return 3;
	return !code && strict && (skipped || !passed) ? 1 : code;
}

static void report_json(const struct found *f)
{
	struct out o;
	out_init(&o, true);
	found_write(f, &o);
	out_done(&o);
	if (o.text)
		fwrite(o.text, 1, o.len, stdout);
	putchar('\n');
	out_fini(&o);
}

int found_report(struct found *f, bool strict, struct results *keep)
{
	unsigned number = 0;
	uint64_t passed = 0, failed = 0, skipped = 0;
	struct naming n = naming_of(f);
	char text[120];
	int code = code_of(f, strict);
	report_progress_end();
	if (opt_json)
		report_json(f);
	for (size_t i = 0; i < f->ntested; i++) {
		struct tested *t = &f->tested[i];
		if (t->nfailures)
			qsort(t->failure, t->nfailures, sizeof *t->failure, by_seed);
		for (size_t k = 0; k < t->nfailures; k++)
			report_one(t, &t->failure[k], n, ++number, keep);
		if (!t->nfailures)
			report_one(t, NULL, n, ++number, keep);
		passed += t->passed;
		failed += t->failed;
		skipped += t->skipped;
	}
	if (opt_json)
		return code;
	if (f->stopped || f->trouble)
		report_bail(f->trouble ? f->trouble : "stopped by a signal");
	else
		report_plan(number);
	snprintf(text, sizeof text, "%" PRIu64 " seeds; distinct failures: %zu", f->seeds,
		 found_distinct(f));
	report_comment(text);
	snprintf(text, sizeof text, "%" PRIu64 " passed, %" PRIu64 " failed, %" PRIu64 " skipped",
		 passed, failed, skipped);
	report_comment(text);
	return code;
}
