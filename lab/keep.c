/* SPDX-License-Identifier: MIT */
/* keep.c - the head and the end of a record; records compared; a record run again. */
#include "lab/keep.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lab/results.h"
#include "lib/base/hash.h"
#include "lib/cli/opts.h"
#include "lib/io/readfile.h"

static void hash_text(const char *path, char out[static 17])
{
	char *text = NULL;
	size_t len = 0;
	struct err e;
	uint64_t h = readfile(NULL, path, &text, &len, &e) == 0 ? siphash24(0, 0, text, len) : 0;
	free(text);
	snprintf(out, 17, "%016" PRIx64, h);
}

void keep_head(struct record *r, const struct script_env *env, const struct script *s, size_t test)
{
	char hash[17], number[32], path[1000];
	const struct words *faults = script_faults(s);
	hash_text(env->file, hash);
	snprintf(path, sizeof path, "%s %s", env->file, hash);
	snprintf(number, sizeof number, "%" PRIu64, script_seed(s));
	fputs("lab 1\n", r->to);
	record_head(r, "version", DW_VERSION);
	record_head(r, "scenario", path);
	record_head(r, "test", script_test(s, test));
	record_head(r, "backend", env->backend);
	record_head(r, "seed", number);
	for (size_t i = 0; i < faults->count; i++)
		record_head(r, "fault", faults->v[i]);
	r->count = r->cause = r->asked = r->noticed = 0;
}

void keep_end(struct record *r, const struct outcome *o)
{
	fprintf(r->to, "end %s fp1:%016" PRIx64 " %" PRId64 "\n", verdict_word(o->verdict),
		o->fingerprint, o->lab_ns);
	fflush(r->to);
}

static char *text_of(FILE *f)
{
	long len = fseek(f, 0, SEEK_END) == 0 ? ftell(f) : -1;
	char *text = len >= 0 ? malloc((size_t)len + 1) : NULL;
	rewind(f);
	if (text)
		text[fread(text, 1, (size_t)len, f)] = '\0';
	return text;
}

int recorded_read(struct recording *r, const char *path, struct err *e)
{
	FILE *f = fopen(path, "re");
	*r = (struct recording){ 0 };
	if (!f)
		return err_set(e, -errno, "%s: %s", path, strerror(errno));
	char *text = text_of(f);
	fclose(f);
	int code = text ? recorded_parse(r, text, e) : err_set(e, -EIO, "it cannot be read whole");
	return code < 0 ? err_prefix(e, code, path) : 0;
}

bool keep_same(FILE *a, FILE *b, char *words, size_t room)
{
	struct recording x = { 0 }, y = { 0 };
	struct err e = { "" };
	char *one = text_of(a), *two = text_of(b), first[1200], second[1200];
	bool same = false;
	snprintf(words, room, "the second run differs");
	if (one && two && recorded_parse(&x, one, &e) == 0 && recorded_parse(&y, two, &e) == 0) {
		size_t at = first_difference(&x.run[0], &y.run[0]);
		same = at == x.run[0].count && at == y.run[0].count;
		event_line(&x.run[0], at, first, sizeof first);
		event_line(&y.run[0], at, second, sizeof second);
		snprintf(words, room, "the second run differs from event %zu on: first %s; then %s",
			 at + 1, first, second);
	}
	recorded_fini(&x);
	recorded_fini(&y);
	return same;
}

/* ---- replay ---- */

static int replay_run(const struct run_options *o, const struct recorded *rec, unsigned number)
{
	char hash[17];
	const struct world_kind *kind = world_named(rec->backend);
	if (!kind) {
		log_error("no backend '%s'", rec->backend);
		return 2;
	}
	hash_text(rec->scenario, hash);
	if (strcmp(hash, rec->hash) != 0)
		log_say("%s: is not what it was when this was recorded", rec->scenario);
	struct script_env env = run_env(o, rec->scenario, kind, rec->seed);
	env.seed_given = true;
	env.faults = &rec->faults;
	struct outcome out = { .verdict = VERDICT_BROKEN };
	struct script *s = NULL;
	struct err e = { "" };
	if (script_open(&s, &env, &e) < 0) {
		log_error("%s", e.text);
		return 2;
	}
	size_t i = 0, n = script_tests(s);
	while (i < n && strcmp(script_test(s, i), rec->test) != 0)
		i++;
	script_close(s);
	if (i == n) {
		log_error("%s: there is no test '%s' any more", rec->scenario, rec->test);
		return 2;
	}
	env.again = true;
	double took = run_test(o, kind, &env, i, &out);
	struct point p = { .number = number,
			   .name = rec->test,
			   .test = rec->test,
			   .file = rec->scenario,
			   .backend = rec->backend,
			   .seed = rec->seed,
			   .wall_s = took };
	report_point(&p, &out);
	bool same = !rec->verdict || (strcmp(verdict_word(out.verdict), rec->verdict) == 0 &&
				      out.fingerprint == rec->fingerprint);
	if (!same)
		log_say("%s: not as recorded: that was %s, fp1:%016" PRIx64, rec->test,
			rec->verdict, rec->fingerprint);
	int code = verdict_is_bad(out.verdict) || !same;
	outcome_fini(&out);
	return code;
}

int replay(const struct run_options *o, const char *path)
{
	struct recording rec;
	struct err e = { "" };
	if (recorded_read(&rec, path, &e) < 0)
		return log_verdict(2, e.text);
	int code = 0;
	report_version();
	report_plan((unsigned)rec.count);
	for (size_t i = 0; i < rec.count && !run_stopped(); i++) {
		int r = replay_run(o, &rec.run[i], (unsigned)i + 1);
		code = r > code ? r : code;
	}
	recorded_fini(&rec);
	return run_stopped() ? 128 + run_stopped() : code;
}
