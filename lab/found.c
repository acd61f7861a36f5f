/* SPDX-License-Identifier: MIT */
/* found.c - failures that are the same one are counted, the smallest seed of each is kept. */
#include "lab/found.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Numbers and the units behind them: "3.5s" and "200ms" are the same. */
static void without_numbers(char *text)
{
	char *to = text;
	for (const char *from = text; *from;) {
		if (!isdigit((unsigned char)*from)) {
			*to++ = *from++;
			continue;
		}
		from += strspn(from, "0123456789.");
		from += strspn(from, "nums");
		*to++ = '#';
	}
	*to = '\0';
}

char *failure_key(const char *test, const struct outcome *o)
{
	char text[2600];
	const struct finding *f = o->nfailures ? &o->failure[0] : NULL;
	const char *what = f && f->text ? f->text : o->why ? o->why : "";
	if (f && f->where) {
		snprintf(text, sizeof text, "%s at %s", test, f->where);
		return strdup(text);
	}
	snprintf(text, sizeof text, "%s", what);
	without_numbers(text);
	char key[2900];
	snprintf(key, sizeof key, "%s: %s", test, text);
	return strdup(key);
}

/* ---- adding ---- */

struct tested *found_test(struct found *f, const char *file, const char *test, const char *backend,
			  const char *lab)
{
	for (size_t i = 0; i < f->ntested; i++) {
		struct tested *t = &f->tested[i];
		if (strcmp(t->test, test) == 0 && strcmp(t->file, file) == 0 &&
		    strcmp(t->backend, backend) == 0)
			return t;
	}
	struct tested *more = realloc(f->tested, (f->ntested + 1) * sizeof *more);
	if (!more)
		return NULL;
	f->tested = more;
	struct tested *t = &more[f->ntested];
	*t = (struct tested){ .file = strdup(file),
			      .lab = strdup(lab),
			      .test = strdup(test),
			      .backend = strdup(backend) };
	if (t->file && t->lab && t->test && t->backend) {
		f->ntested++;
		return t;
	}
	free(t->file), free(t->lab), free(t->test), free(t->backend);
	return NULL;
}

static void failure_fini(struct failure *v)
{
	free(v->key);
	outcome_fini(&v->out);
}

int found_failure(struct tested *t, struct failure *v)
{
	for (size_t i = 0; i < t->nfailures; i++) {
		struct failure *have = &t->failure[i];
		if (strcmp(have->key, v->key) != 0)
			continue;
		uint64_t count = have->count + v->count;
		if (v->seed < have->seed) {
			struct failure swap = *have;
			*have = *v;
			*v = swap;
		}
		have->count = count;
		failure_fini(v);
		return 0;
	}
	struct failure *more = realloc(t->failure, (t->nfailures + 1) * sizeof *more);
	if (!more) {
		failure_fini(v);
		return -ENOMEM;
	}
	t->failure = more;
	more[t->nfailures++] = *v;
	return 0;
}

/* ---- figures ---- */

static bool figure(const char *raw, double *v)
{
	char *end;
	*v = raw ? strtod(raw, &end) : 0;
	return raw && end != raw && !*end;
}

static bool take_end(struct range *r, int end, const char *const with[2])
{
	double was, is;
	if (!figure(with[0], &is))
		return true;
	if (r->raw[end] && figure(r->raw[end], &was) && (end ? is <= was : is >= was))
		return true;
	free(r->raw[end]);
	free(r->text[end]);
	r->raw[end] = strdup(with[0]);
	r->text[end] = strdup(with[1] ? with[1] : with[0]);
	return r->raw[end] && r->text[end];
}

int found_range(struct tested *t, const char *name, const char *const least[2],
		const char *const most[2])
{
	double v;
	size_t i = 0;
	if (!figure(least[0], &v) || !figure(most[0], &v))
		return 0;
	while (i < t->nranges && strcmp(t->range[i].name, name) != 0)
		i++;
	if (i == t->nranges) {
		struct range *more = realloc(t->range, (t->nranges + 1) * sizeof *more);
		if (!more)
			return -ENOMEM;
		t->range = more;
		more[i] = (struct range){ .name = strdup(name) };
		if (!more[i].name)
			return -ENOMEM;
		t->nranges++;
	}
	return take_end(&t->range[i], 0, least) && take_end(&t->range[i], 1, most) ? 0 : -ENOMEM;
}

static int add_measures(struct tested *t, const struct outcome *o)
{
	int r = 0;
	for (size_t i = 0; i < o->nmeasures && !r; i++) {
		const char *const both[2] = { o->measure[i].raw, o->measure[i].value };
		r = found_range(t, o->measure[i].name, both, both);
	}
	return r;
}

static int merge_ranges(struct tested *t, const struct tested *a)
{
	int r = 0;
	for (size_t i = 0; i < a->nranges && !r; i++) {
		const struct range *g = &a->range[i];
		const char *const least[2] = { g->raw[0], g->text[0] };
		const char *const most[2] = { g->raw[1], g->text[1] };
		r = found_range(t, g->name, least, most);
	}
	return r;
}

static void count_seeds(struct found *f, const struct tested *t)
{
	uint64_t n = t->passed + t->failed + t->skipped;
	if (n > f->seeds)
		f->seeds = n;
}

int found_add(struct found *f, const struct point *p, const char *lab, struct outcome *o)
{
	struct tested *t = found_test(f, p->file, p->test, p->backend, lab);
	if (!t)
		return -ENOMEM;
	t->wall_s += p->wall_s;
	if (add_measures(t, o) < 0)
		return -ENOMEM;
	if (o->verdict == VERDICT_PASS) {
		t->passed++;
	} else if (o->verdict == VERDICT_SKIP) {
		t->skipped++;
		if (!t->lacks && o->why)
			t->lacks = strdup(o->why);
	} else {
		struct failure v = {
			.key = failure_key(p->test, o), .count = 1, .seed = p->seed, .out = *o
		};
		*o = (struct outcome){ 0 };
		t->failed++;
		if (!v.key) {
			failure_fini(&v);
			return -ENOMEM;
		}
		int r = found_failure(t, &v);
		if (r < 0)
			return r;
	}
	count_seeds(f, t);
	return 0;
}

int found_merge(struct found *into, struct found *from)
{
	int r = 0;
	for (size_t i = 0; i < from->ntested && !r; i++) {
		struct tested *a = &from->tested[i];
		struct tested *t = found_test(into, a->file, a->test, a->backend, a->lab);
		if (!t)
			return -ENOMEM;
		t->passed += a->passed;
		t->failed += a->failed;
		t->skipped += a->skipped;
		t->wall_s += a->wall_s;
		if (!t->lacks) {
			t->lacks = a->lacks;
			a->lacks = NULL;
		}
		r = merge_ranges(t, a);
		while (a->nfailures && !r)
			r = found_failure(t, &a->failure[--a->nfailures]);
		count_seeds(into, t);
	}
	into->stopped |= from->stopped;
	if (!into->trouble) {
		into->trouble = from->trouble;
		from->trouble = NULL;
	}
	found_fini(from);
	return r;
}

size_t found_distinct(const struct found *f)
{
	size_t n = 0;
	for (size_t i = 0; i < f->ntested; i++)
		n += f->tested[i].nfailures;
	return n;
}

void found_fini(struct found *f)
{
	for (size_t i = 0; i < f->ntested; i++) {
		struct tested *t = &f->tested[i];
		for (size_t k = 0; k < t->nfailures; k++)
			failure_fini(&t->failure[k]);
		for (size_t k = 0; k < t->nranges; k++) {
			struct range *g = &t->range[k];
			free(g->name), free(g->raw[0]), free(g->raw[1]);
			free(g->text[0]), free(g->text[1]);
		}
		free(t->range);
		free(t->failure);
		free(t->file), free(t->lab), free(t->test), free(t->backend), free(t->lacks);
	}
	free(f->tested);
	free(f->trouble);
	*f = (struct found){ 0 };
}
