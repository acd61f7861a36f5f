/* SPDX-License-Identifier: MIT */
/* found_json.c - what runs found as JSON, written and read again: {tests: [{test, file, lab,
 * backend, verdict, seeds, passed, failed, skipped, failures: [{key, count, ...as in an ordinary
 * report}]}], seeds, passed, failed, skipped, bail}. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lab/found.h"
#include "lab/jsontree.h"

/* ---- writing ---- */

static void write_failure(const struct tested *t, const struct failure *v, struct out *o)
{
	struct point p = { .name = t->test,
			   .test = t->test,
			   .file = t->file,
			   .backend = t->backend,
			   .seed = v->seed };
	out_object(o, NULL);
	out_json_str(o, "key", v->key);
	out_json_u64(o, "count", v->count);
	report_json_facts(o, &p, &v->out);
	out_end_object(o);
}

static void write_ranges(const struct tested *t, struct out *o)
{
	out_list(o, "measured");
	for (size_t i = 0; i < t->nranges; i++) {
		const struct range *g = &t->range[i];
		out_object(o, NULL);
		out_json_str(o, "name", g->name);
		out_json_str(o, "least", g->raw[0]);
		out_json_str(o, "least_text", g->text[0]);
		out_json_str(o, "most", g->raw[1]);
		out_json_str(o, "most_text", g->text[1]);
		out_end_object(o);
	}
	out_end_list(o);
}

static void write_tested(const struct tested *t, struct out *o)
{
	out_object(o, NULL);
	out_json_str(o, "name", t->test);
	out_json_str(o, "test", t->test);
	out_json_str(o, "file", t->file);
	out_json_str(o, "lab", t->lab);
	out_json_str(o, "backend", t->backend);
	out_json_str(o, "verdict", t->failed ? "failed" : t->passed ? "passed" : "skipped");
	out_json_str(o, "why", t->lacks);
	out_json_i64(o, "wall_ns", (int64_t)(t->wall_s * 1e9));
	out_json_u64(o, "passed", t->passed);
	out_json_u64(o, "failed", t->failed);
	out_json_u64(o, "skipped", t->skipped);
	write_ranges(t, o);
	out_list(o, "failures");
	for (size_t i = 0; i < t->nfailures; i++)
		write_failure(t, &t->failure[i], o);
	out_end_list(o);
	out_end_object(o);
}

void found_write(const struct found *f, struct out *o)
{
	uint64_t passed = 0, failed = 0, skipped = 0;
	out_object(o, NULL);
	out_list(o, "tests");
	for (size_t i = 0; i < f->ntested; i++) {
		write_tested(&f->tested[i], o);
		passed += f->tested[i].passed;
		failed += f->tested[i].failed;
		skipped += f->tested[i].skipped;
	}
	out_end_list(o);
	out_json_u64(o, "seeds", f->seeds);
	out_json_u64(o, "passed", passed);
	out_json_u64(o, "failed", failed);
	out_json_u64(o, "skipped", skipped);
	out_bool(o, "stopped", NULL, f->stopped);
	out_json_str(o, "bail", f->trouble);
	out_end_object(o);
}

/* ---- reading ---- */

static char *copy(const char *text)
{
	return text ? strdup(text) : NULL;
}

static void read_words(const struct json *j, struct words *w)
{
	for (const struct json *c = j->child; c; c = c->next)
		if (c->text)
			words_add(w, c->text); /* out of memory: a shorter report */
}

static void read_findings(const struct json *j, struct finding **v, size_t *count)
{
	for (const struct json *c = j->child; c; c = c->next)
		if (json_text(c, "text"))
			note_add(v, count, json_text(c, "where"), json_text(c, "text"),
				 json_number(c, "at_ns"));
}

/* One run as an ordinary report tells of it. */
static void read_outcome(const struct json *j, struct outcome *o)
{
	const char *print = json_text(j, "fingerprint");
	*o = (struct outcome){ .verdict = verdict_named(json_text(j, "verdict")),
			       .why = copy(json_text(j, "why")),
			       .lab_ns = json_number(j, "lab_time_ns"),
			       .printed = print && strncmp(print, "fp1:", 4) == 0 };
	if (o->printed)
		o->fingerprint = strtoull(print + 4, NULL, 16);
	read_findings(json_get(j, "failures"), &o->failure, &o->nfailures);
	read_words(json_get(j, "swarm"), &o->swarm);
	read_words(json_get(j, "faults"), &o->faults);
	read_words(json_get(j, "events"), &o->events);
}

static uint64_t count_of(const struct json *j, const char *key)
{
	int64_t n = json_number(j, key);
	return n > 0 ? (uint64_t)n : 0;
}

/* The figures of an ordinary report have one value, those of many seeds have two. */
static int read_ranges(struct tested *t, const struct json *j)
{
	int r = 0;
	for (const struct json *c = json_get(j, "measured")->child; c && !r; c = c->next) {
		bool one = json_text(c, "value") != NULL;
		const char *const least[2] = { json_text(c, one ? "value" : "least"),
					       json_text(c, one ? "text" : "least_text") };
		const char *const most[2] = { json_text(c, one ? "value" : "most"),
					      json_text(c, one ? "text" : "most_text") };
		if (json_text(c, "name"))
			r = found_range(t, json_text(c, "name"), least, most);
	}
	return r;
}

/* A test with all its seeds: of those that did not fail there are only numbers. */
static int read_tested(struct tested *t, const struct json *j)
{
	t->passed += count_of(j, "passed");
	t->skipped += count_of(j, "skipped");
	t->failed += count_of(j, "failed");
	t->wall_s += (double)json_number(j, "wall_ns") * 1e-9;
	if (!t->lacks)
		t->lacks = copy(json_text(j, "why"));
	for (const struct json *c = json_get(j, "failures")->child; c; c = c->next) {
		struct failure v = { .count = count_of(c, "count"), .seed = count_of(c, "seed") };
		if (!json_text(c, "key"))
			return -EINVAL;
		read_outcome(c, &v.out);
		v.key = copy(json_text(c, "key"));
		int r = v.key ? found_failure(t, &v) : -ENOMEM;
		if (r < 0)
			return r;
	}
	return 0;
}

static int read_test(struct found *f, const struct json *j)
{
	const char *lab = json_text(j, "lab");
	struct point p = { .test = json_text(j, "test"),
			   .file = json_text(j, "file"),
			   .backend = json_text(j, "backend"),
			   .seed = count_of(j, "seed"),
			   .wall_s = (double)json_number(j, "wall_ns") * 1e-9 };
	if (!p.test || !p.file || !p.backend)
		return -EINVAL;
	if (json_get(j, "passed")->kind == JSON_NUMBER) {
		struct tested *t = found_test(f, p.file, p.test, p.backend, lab ? lab : "");
		int r = t ? read_tested(t, j) : -ENOMEM;
		return r < 0 ? r : read_ranges(t, j);
	}
	struct outcome o;
	read_outcome(j, &o);
	int r = found_add(f, &p, lab ? lab : "", &o);
	outcome_fini(&o);
	struct tested *t = r ? NULL : found_test(f, p.file, p.test, p.backend, lab ? lab : "");
	return t ? read_ranges(t, j) : r;
}

int found_read(struct found *f, const char *text, size_t len, struct err *e)
{
	struct json *j = NULL;
	int r = json_tree(&j, text, len, e);
	if (r < 0)
		return r;
	const struct json *tests = json_get(j, "tests");
	if (tests->kind != JSON_LIST)
		r = err_set(e, -EINVAL, "no report of dw-lab: it has no list of tests");
	for (const struct json *c = tests->child; c && !r; c = c->next)
		if ((r = read_test(f, c)) == -EINVAL)
			err_set(e, r, "no report of dw-lab: a test in it is not whole");
	f->stopped |= json_number(j, "stopped") != 0;
	if (!f->trouble)
		f->trouble = copy(json_text(j, "bail"));
	json_tree_free(j);
	return r == -ENOMEM ? err_set(e, r, "out of memory") : r;
}
