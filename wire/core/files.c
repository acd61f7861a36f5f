/* SPDX-License-Identifier: MIT */
/* files.c - reads, checks and keeps the tables that laws refer to by path. */
#include "wire/core/files.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/core/markov.h"

enum {
	SAMPLES_MAX = 16384, /* as tc */
	TRACE_MAX = 1 << 24, /* lines */
	PATH_LEN = 256,
	TABLES_MAX = 1024,
	UNUSED_KEPT = 512, /* more than the keys of all nodes of a chain */
};

/* One table or chain: `use` comes first so that a user's pointer leads back here. */
struct wire_use {
	unsigned wires;
	struct wire_use *next; /* younger ones first */
	char path[PATH_LEN];
	enum { SAMPLES, TRACE, CHAIN, FILTER } kind;
	struct wire_samples samples;
	struct wire_trace trace;
	struct wire_markov *chain;
	struct wire_filter filter;
	void *v; /* owned numbers */
	size_t bytes;
};

struct wire_files {
	int (*read)(void *ctx, const char *path, char **text, size_t *len, struct err *e);
	void *ctx;
	int (*compile)(struct bpf **out, const char *text, struct err *e);
	struct wire_use *tables;
	unsigned count;
};

struct wire_files *wire_files_new(int (*read)(void *ctx, const char *path, char **text, size_t *len,
					      struct err *e),
				  void *ctx)
{
	struct wire_files *f = calloc(1, sizeof *f);
	if (f)
		*f = (struct wire_files){ .read = read, .ctx = ctx };
	return f;
}

void wire_files_filters(struct wire_files *f, wire_compile_fn *compile)
{
	f->compile = compile;
}

wire_compile_fn *wire_files_compiler(const struct wire_files *f)
{
	return f->compile;
}

static void table_free(struct wire_use *t)
{
	if (!t)
		return;
	markov_free(t->chain);
	bpf_free(t->filter.program);
	free(t->v);
	free(t);
}

void wire_files_free(struct wire_files *f)
{
	while (f && f->tables) {
		struct wire_use *t = f->tables;
		f->tables = t->next;
		table_free(t);
	}
	free(f);
}

/* ---- who uses what ---- */

static void count_use(struct wire_use *u, int by)
{
	if (u)
		u->wires += (unsigned)by;
}

static void count_law(const struct wire_law *law, int by)
{
	count_use(law->dist_file ? law->dist_file->use : NULL, by);
	count_use(law->trace ? law->trace->use : NULL, by);
	count_use(law->markov ? law->markov->use : NULL, by);
	count_use(law->filter ? law->filter->use : NULL, by);
}

void files_hold(const struct wire_law *law)
{
	count_law(law, 1);
}

void files_drop(const struct wire_law *law)
{
	count_law(law, -1);
}

/* Before there are too many: forgets those that no wire uses, but for the latest, which a
 * configuration that is still being made may mean. */
static void forget_unused(struct wire_files *f)
{
	unsigned unused = 0;
	for (struct wire_use **at = &f->tables; *at;) {
		struct wire_use *t = *at;
		if (t->wires || ++unused <= UNUSED_KEPT) {
			at = &t->next;
			continue;
		}
		*at = t->next;
		f->count--;
		table_free(t);
	}
}

static int read_bytes(struct wire_files *f, const char *path, char **text, size_t *len,
		      struct err *e)
{
	if (!f->read)
		return err_set(e, -EINVAL, "file:%s: no files are read here", path);
	return f->read(f->ctx, path, text, len, e);
}

/* ---- numbers in text ---- */

struct numbers {
	const char *at, *end;
	const char *path;
	unsigned line;
	int64_t *v;
	size_t count, room, max;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == ',';
}

static bool skip_to_number(struct numbers *n)
{
	for (; n->at < n->end; n->at++) {
		if (*n->at == '#')
			while (n->at + 1 < n->end && n->at[1] != '\n')
				n->at++;
		else if (*n->at == '\n')
			n->line++;
		else if (!is_blank(*n->at))
			return true;
	}
	return false;
}

static int take_number(struct numbers *n, int64_t min, int64_t max, int64_t *out, struct err *e)
{
	bool minus = *n->at == '-';
	const char *p = n->at + minus;
	int64_t v = 0;
	while (p < n->end && *p >= '0' && *p <= '9' && v <= INT64_MAX / 10 - 10)
		v = v * 10 + (*p++ - '0');
	bool digits = p > n->at + minus;
	bool over = !digits || (p < n->end && !is_blank(*p) && *p != '\n' && *p != '#');
	if (minus)
		v = -v;
	if (over || v < min || v > max)
		return err_set(e, -EINVAL, "%s:%u: not a whole number from %" PRId64 " to %" PRId64,
			       n->path, n->line, min, max);
	n->at = p;
	*out = v;
	return 0;
}

static int keep_number(struct numbers *n, int64_t v, struct err *e)
{
	if (n->count == n->max)
		return err_set(e, -E2BIG, "%s:%u: more than %zu numbers", n->path, n->line, n->max);
	if (n->count == n->room) {
		size_t room = n->room ? 2 * n->room : 1024;
		int64_t *more = realloc(n->v, room * sizeof *more);
		if (!more)
			return err_set(e, -ENOMEM, "%s: out of memory", n->path);
		n->v = more;
		n->room = room;
	}
	n->v[n->count++] = v;
	return 0;
}

static int read_numbers(struct wire_files *f, struct numbers *n, int64_t min, int64_t max,
			bool rising, struct err *e)
{
	char *text;
	size_t len;
	int r = read_bytes(f, n->path, &text, &len, e);
	if (r < 0)
		return r;
	n->at = text;
	n->end = text + len;
	n->line = 1;
	while (!r && skip_to_number(n)) {
		int64_t v = 0;
		r = take_number(n, rising && n->count ? n->v[n->count - 1] : min, max, &v, e);
		if (!r)
			r = keep_number(n, v, e);
	}
	free(text);
	if (!r && !n->count)
		r = err_set(e, -EINVAL, "%s: no number in it", n->path);
	if (r < 0)
		free(n->v);
	return r;
}

/* ---- tables ---- */

/* A file may have changed since it was read: what is known counts only if it says the same. */
static bool same(const struct wire_use *a, const struct wire_use *b)
{
	if (a->kind != b->kind || strcmp(a->path, b->path) != 0)
		return false;
	if (a->kind == FILTER) /* the same text is the same program */
		return true;
	if (a->kind == CHAIN)
		return markov_equal(a->chain, b->chain);
	return a->bytes == b->bytes && memcmp(a->v, b->v, a->bytes) == 0;
}

/* Keeps `t`, or the one that says the same in its place. */
static struct wire_use *remember(struct wire_files *f, struct wire_use *t)
{
	for (struct wire_use *old = f->tables; old; old = old->next)
		if (same(old, t)) {
			table_free(t);
			return old;
		}
	t->next = f->tables;
	f->tables = t;
	f->count++;
	return t;
}

static int table_new(struct wire_files *f, const char *path, struct wire_use **out, struct err *e)
{
	*out = NULL;
	if (!f)
		return err_set(e, -EINVAL, "%s: nothing is kept here that a file could fill", path);
	if (strlen(path) >= PATH_LEN)
		return err_set(e, -EINVAL, "longer than %d letters: put it into a file",
			       PATH_LEN - 1);
	if (f->count == TABLES_MAX)
		forget_unused(f);
	if (f->count == TABLES_MAX)
		return err_set(e, -ENFILE, "%s: %d tables are in use already", path, TABLES_MAX);
	*out = calloc(1, sizeof **out);
	if (!*out)
		return err_set(e, -ENOMEM, "%s: out of memory", path);
	memcpy((*out)->path, path, strlen(path) + 1);
	return 0;
}

static int read_samples(struct wire_files *f, struct wire_use *t, struct err *e)
{
	struct numbers n = { .path = t->path, .max = SAMPLES_MAX };
	int r = read_numbers(f, &n, INT16_MIN, INT16_MAX, false, e);
	if (r < 0)
		return r;
	int32_t *v = malloc(n.count * sizeof *v);
	for (size_t i = 0; v && i < n.count; i++)
		v[i] = (int32_t)n.v[i];
	free(n.v);
	if (!v)
		return err_set(e, -ENOMEM, "%s: out of memory", t->path);
	t->v = v;
	t->bytes = n.count * sizeof *v;
	t->samples = (struct wire_samples){ t->path, n.count, v, t };
	return 0;
}

/* Mahimahi's stamps are whole milliseconds; several in one millisecond are spread evenly over the
 * one that ends there. The round is as long as the last stamp says. */
static int64_t spread(int64_t *v, size_t count)
{
	int64_t round = v[count - 1];
	for (size_t i = 0, k; i < count; i = k) {
		int64_t ms = v[i];
		for (k = i; k < count && v[k] == ms; k++)
			;
		int64_t m = (int64_t)(k - i);
		for (size_t j = i; j < k; j++)
			v[j] = ms ? (ms - 1) * NS_PER_MS + (int64_t)(j - i + 1) * NS_PER_MS / m : 0;
	}
	return round * NS_PER_MS;
}

static int read_trace(struct wire_files *f, struct wire_use *t, struct err *e)
{
	struct numbers n = { .path = t->path, .max = TRACE_MAX };
	int r = read_numbers(f, &n, 0, INT64_C(1000000000000), true, e);
	if (r < 0)
		return r;
	t->v = n.v;
	t->bytes = n.count * sizeof *n.v;
	if (n.v[n.count - 1] == 0)
		return err_set(e, -EINVAL,
			       "%s: the last stamp is 0: it gives the length of a round", t->path);
	int64_t round = spread(n.v, n.count);
	t->trace = (struct wire_trace){ t->path, n.count, n.v, round, t };
	return 0;
}

static int read_chain(struct wire_files *f, struct wire_use *t, struct err *e)
{
	const char *path = strncmp(t->path, "file:", 5) == 0 ? t->path + 5 : NULL;
	char *text = NULL;
	size_t len = strlen(t->path);
	int r = path ? read_bytes(f, path, &text, &len, e) : 0;
	if (!r)
		r = markov_parse(&t->chain, f, t->path, path ? text : t->path, len, e);
	free(text);
	if (!r)
		t->chain->use = t;
	return r;
}

static int compile_filter(struct wire_files *f, struct wire_use *t, struct err *e)
{
	if (!f->compile)
		return err_set(e, -EINVAL, "no filters are compiled here");
	if (strchr(t->path, '"'))
		return err_set(e, -EINVAL, "no quotes in a filter");
	int r = f->compile(&t->filter.program, t->path, e);
	t->filter.text = t->path;
	t->filter.use = t;
	return r;
}

static int table_of(struct wire_files *f, const char *path, int kind, struct wire_use **out,
		    struct err *e)
{
	int r = table_new(f, path, out, e);
	if (r < 0)
		return r;
	(*out)->kind = kind;
	switch ((*out)->kind) {
	case SAMPLES:
		r = read_samples(f, *out, e);
		break;
	case TRACE:
		r = read_trace(f, *out, e);
		break;
	case CHAIN:
		r = read_chain(f, *out, e);
		break;
	case FILTER:
		r = compile_filter(f, *out, e);
		break;
	}
	if (r < 0)
		table_free(*out);
	else
		*out = remember(f, *out);
	return r;
}

int files_samples(struct wire_files *f, const char *path, const struct wire_samples **out,
		  struct err *e)
{
	struct wire_use *t;
	int r = table_of(f, path, SAMPLES, &t, e);
	if (!r)
		*out = &t->samples;
	return r;
}

int files_trace(struct wire_files *f, const char *path, const struct wire_trace **out,
		struct err *e)
{
	struct wire_use *t;
	int r = table_of(f, path, TRACE, &t, e);
	if (!r)
		*out = &t->trace;
	return r;
}

int files_markov(struct wire_files *f, const char *value, const struct wire_markov **out,
		 struct err *e)
{
	struct wire_use *t;
	int r = table_of(f, value, CHAIN, &t, e);
	if (!r)
		*out = t->chain;
	return r;
}

int files_filter(struct wire_files *f, const char *text, const struct wire_filter **out,
		 struct err *e)
{
	struct wire_use *t;
	int r = table_of(f, text, FILTER, &t, e);
	if (!r)
		*out = &t->filter;
	return r;
}
