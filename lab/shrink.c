/* SPDX-License-Identifier: MIT */
/* shrink.c - the search: first the fewest faults (ddmin, Zeller and Hildebrandt 2002), then weaker
 * and shorter ones, then smaller shapes, then the faults again. Each step is kept only if the run
 * still fails in the same way. All draws have names, so what is left of a plan stays as it was. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lab/shrink.h"
#include "lib/cli/opts.h"
#include "lib/io/readfile.h"

struct shrink {
	const struct run_options *o;
	const struct world_kind *kind;
	const struct tested *t;
	const struct failure *v;
	struct words faults;
	struct script_site *sizes; /* of the shapes */
	bool *sizable;
	size_t nsizes;
	unsigned runs;
	struct script *script;
	struct script_env env;
	char *text; /* of the scenario */
	int test_line;
};

/* ---- does it fail like that? ---- */

static struct script_env env_of(const struct shrink *s, const char *file)
{
	struct script_env env = run_env(s->o, file, s->kind, s->v->seed);
	env.seed_given = true;
	env.again = true;
	return env;
}

static bool fails(struct shrink *s, const struct words *faults, const struct script_site *sizes)
{
	struct script_env env = env_of(s, s->t->file);
	struct outcome out;
	env.faults = faults;
	env.sizes = sizes;
	env.nsizes = s->nsizes;
	s->runs++;
	apart_run(s->o, s->kind, &env, s->t->test, &out);
	char *key = out.verdict == s->v->out.verdict ? failure_key(s->t->test, &out) : NULL;
	bool same = key && strcmp(key, s->v->key) == 0;
	free(key);
	outcome_fini(&out);
	return same;
}

static int copy(struct words *to, const struct words *from)
{
	for (size_t i = 0; i < from->count; i++)
		if (words_add(to, from->v[i]) < 0)
			return -ENOMEM;
	return 0;
}

/* Takes what is in `next` if the run fails with it; else it is freed. */
static bool accept(struct shrink *s, struct words *next)
{
	if (run_stopped() || !fails(s, next, s->sizes)) {
		words_fini(next);
		return false;
	}
	words_fini(&s->faults);
	s->faults = *next;
	return true;
}

/* ---- fewer faults ---- */

static bool try_part(struct shrink *s, size_t from, size_t to, bool without)
{
	struct words next = { 0 };
	for (size_t i = 0; i < s->faults.count; i++)
		if ((i >= from && i < to) != without && words_add(&next, s->faults.v[i]) < 0)
			return words_fini(&next), false;
	return accept(s, &next);
}

static void fewer(struct shrink *s)
{
	struct words none = { 0 };
	size_t parts = 2;
	if (s->faults.count && accept(s, &none))
		return;
	while (s->faults.count > 1 && !run_stopped()) {
		size_t n = s->faults.count, size = (n + parts - 1) / parts;
		bool less = false;
		for (size_t i = 0; i < n && !less && parts < n; i += size)
			if ((less = try_part(s, i, i + size, false)))
				parts = 2;
		for (size_t i = 0; i < n && !less; i += size)
			if ((less = try_part(s, i, i + size, true)))
				parts = parts > 2 ? parts - 1 : 2;
		if (!less && parts >= n)
			return;
		if (!less)
			parts = parts * 2 < n ? parts * 2 : n;
		if (parts > s->faults.count)
			parts = s->faults.count;
	}
}

/* ---- weaker faults ---- */

static bool try_weaker(struct shrink *s, size_t at, unsigned way)
{
	struct words next = { 0 };
	if (copy(&next, &s->faults) < 0 || !shrink_weaker(&next, at, s->faults.v[at], way))
		return words_fini(&next), false;
	return accept(s, &next);
}

static void weaken(struct shrink *s)
{
	for (size_t at = 0; at < s->faults.count; at++)
		for (unsigned way = 0; way < SHRINK_WAYS; way++)
			while (try_weaker(s, at, way))
				;
}

/* ---- smaller shapes ---- */

static void smaller(struct shrink *s)
{
	for (size_t i = 0; i < s->nsizes; i++)
		for (unsigned k = 0; k < s->sizes[i].nsizes && s->sizable[i]; k++) {
			int64_t was = s->sizes[i].size[k];
			bool less = false;
			for (int64_t n = 1; n < was && !less && !run_stopped(); n++) {
				s->sizes[i].size[k] = n;
				less = fails(s, &s->faults, s->sizes);
			}
			if (!less)
				s->sizes[i].size[k] = was;
		}
}

static bool shrink(struct shrink *s)
{
	if (!fails(s, &s->faults, s->sizes))
		return false;
	fewer(s);
	weaken(s);
	smaller(s);
	fewer(s);
	return true;
}

/* ---- what is to shrink ---- */

static int read_text(const char *path, char **text, struct err *e) /* NUL-terminated */
{
	size_t len;
	int r = readfile(NULL, path, text, &len, e);
	if (r < 0)
		return r;
	char *whole = strndup(*text ? *text : "", len);
	free(*text);
	*text = whole;
	return whole ? 0 : err_set(e, -ENOMEM, "out of memory");
}

static int take_sites(struct shrink *s)
{
	size_t all = script_sites(s->script);
	s->sizes = calloc(all + 1, sizeof *s->sizes);
	s->sizable = calloc(all + 1, sizeof *s->sizable);
	if (!s->sizes || !s->sizable)
		return -ENOMEM;
	for (size_t i = 0; i < all; i++)
		if (script_site(s->script, i)->nsizes) {
			s->sizable[s->nsizes] = shrink_sizable(s->script, s->text, i);
			s->sizes[s->nsizes++] = *script_site(s->script, i);
		}
	for (size_t i = 0; i < script_tests(s->script); i++)
		if (strcmp(script_test(s->script, i), s->t->test) == 0)
			s->test_line = script_line(s->script, i);
	return 0;
}

static int begin(struct shrink *s, struct err *e)
{
	s->env = env_of(s, s->t->file);
	int r = read_text(s->t->file, &s->text, e);
	if (!r)
		r = script_open(&s->script, &s->env, e);
	if (!r && (copy(&s->faults, script_faults(s->script)) < 0 || take_sites(s) < 0))
		r = err_set(e, -ENOMEM, "out of memory");
	return r;
}

static void end(struct shrink *s)
{
	script_close(s->script);
	words_fini(&s->faults);
	free(s->sizes);
	free(s->sizable);
	free(s->text);
}

/* ---- what is kept ---- */

static char *line_at(const char *text, const char *where)
{
	const char *colon = where ? strrchr(where, ':') : NULL;
	int line = colon ? atoi(colon + 1) : 0;
	for (int i = 1; i < line && text; i++)
		text = strchr(text, '\n') ? strchr(text, '\n') + 1 : NULL;
	if (!text || line < 1)
		return NULL;
	text += strspn(text, " \t");
	return strndup(text, strcspn(text, "\n"));
}

/* Lines move: it is the same expectation if it stands in the same words. */
static bool same_failure(const struct shrink *s, const struct outcome *out, const char *text)
{
	const struct outcome *was = &s->v->out;
	if (out->verdict != was->verdict)
		return false;
	if (was->nfailures && was->failure[0].where && out->nfailures) {
		char *a = line_at(s->text, was->failure[0].where);
		char *b = line_at(text, out->failure[0].where);
		bool same = a && b && strcmp(a, b) == 0;
		free(a);
		free(b);
		return same;
	}
	char *key = failure_key(s->t->test, out);
	bool same = key && strcmp(key, s->v->key) == 0;
	free(key);
	return same;
}

static int write_file(const char *path, const char *head, const char *text, struct err *e)
{
	FILE *f = fopen(path, "w");
	if (!f)
		return err_set(e, -errno, "%s: %s", path, strerror(errno));
	fputs(head, f);
	fputs(text, f);
	int bad = ferror(f);
	return fclose(f) || bad ? err_set(e, -EIO, "%s: %s", path, strerror(EIO)) : 0;
}

static void one_line(char *text)
{
	for (; *text; text++)
		if (*text == '\n' || *text == '\r')
			*text = ' ';
}

/* Runs what was written: it must fail like that. Its fingerprint goes into the head. */
static int verify(struct shrink *s, const char *path, char *head, size_t room, struct err *e)
{
	struct script_env env = env_of(s, path);
	struct outcome out;
	char *whole = NULL;
	env.seed_given = false; /* it has its own */
	apart_run(s->o, s->kind, &env, s->t->test, &out);
	int r = read_text(path, &whole, e);
	const char *said = out.why ? out.why : out.nfailures ? out.failure[0].text : "it passes";
	if (!r && !same_failure(s, &out, whole))
		r = err_set(e, -EINVAL, "what was written does not fail like that: %s", said);
	free(whole);
	size_t at = strlen(head);
	if (out.printed)
		snprintf(head + at, room - at, "-- fingerprint fp1:%016llx\n",
			 (unsigned long long)out.fingerprint);
	outcome_fini(&out);
	return r;
}

static int keep(struct shrink *s, const char *path, struct err *e)
{
	struct shrunk n = { s->script,  s->text,  s->test_line, s->v->seed,
			    &s->faults, s->sizes, s->nsizes };
	const struct outcome *was = &s->v->out;
	char head[1200];
	char *text = shrink_text(&n, e);
	if (!text)
		return -EINVAL;
	snprintf(head, sizeof head - 100,
		 "-- %.300s with seed %llu, shrunk by dw-lab: \"%.200s\" fails: %.500s", s->t->file,
		 (unsigned long long)s->v->seed, s->t->test,
		 was->nfailures ? was->failure[0].text : "");
	one_line(head);
	size_t end = strlen(head);
	snprintf(head + end, sizeof head - end, "\n");
	int r = write_file(path, head, text, e);
	if (!r)
		r = verify(s, path, head, sizeof head, e);
	if (!r)
		r = write_file(path, head, text, e);
	free(text);
	return r;
}

/* ---- all of them ---- */

static void name_of(char *out, size_t room, const char *path, const struct tested *t, uint64_t seed,
		    unsigned nth)
{
	size_t len = strlen(path);
	if (len > 4 && strcmp(path + len - 4, ".lua") == 0) {
		if (nth == 1)
			snprintf(out, room, "%s", path);
		else
			snprintf(out, room, "%.*s-%u.lua", (int)(len - 4), path, nth);
		return;
	}
	const char *slash = strrchr(t->file, '/'), *base = slash ? slash + 1 : t->file;
	const char *between = len && path[len - 1] == '/' ? "" : "/";
	snprintf(out, room, "%s%s%.*s-%llu-%u.lua", path, between, (int)strcspn(base, "."), base,
		 (unsigned long long)seed, nth);
}

static int shrink_one(const struct run_options *o, const struct tested *t, const struct failure *v,
		      const char *path)
{
	struct shrink s = { .o = o, .kind = world_named(t->backend), .t = t, .v = v };
	struct err e = { "" };
	if (!s.kind || s.kind != &world_sim || v->out.verdict != VERDICT_FAIL) {
		log_say("%s: not shrunk: only failed expectations in virtual time are", t->test);
		return 0;
	}
	int r = begin(&s, &e);
	size_t faults = s.faults.count;
	if (!r && !shrink(&s))
		r = err_set(&e, -EINVAL, "seed %llu does not fail again",
			    (unsigned long long)v->seed);
	if (!r)
		r = keep(&s, path, &e);
	if (r < 0)
		log_error("%s: not shrunk: %s", t->test, e.text);
	else
		log_say("%s: %zu of %zu faults are left after %u runs: %s", t->test, s.faults.count,
			faults, s.runs, path);
	end(&s);
	return r < 0 ? 3 : 0;
}

int shrink_all(const struct run_options *o, const struct found *f, const char *path)
{
	unsigned nth = 0;
	int code = 0;
	size_t len = strlen(path);
	if ((len < 4 || strcmp(path + len - 4, ".lua") != 0) && found_distinct(f) &&
	    mkdir(path, 0777) < 0 && errno != EEXIST) {
		log_error("%s: %s", path, strerror(errno));
		return 3;
	}
	for (size_t i = 0; i < f->ntested; i++)
		for (size_t k = 0; k < f->tested[i].nfailures && !run_stopped(); k++) {
			const struct failure *v = &f->tested[i].failure[k];
			char file[4096];
			name_of(file, sizeof file, path, &f->tested[i], v->seed, ++nth);
			int r = shrink_one(o, &f->tested[i], v, file);
			code = r > code ? r : code;
		}
	return code;
}
