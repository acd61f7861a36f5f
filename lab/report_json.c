/* SPDX-License-Identifier: MIT */
/* report_json.c - the same report as one JSON object, written when all is done:
 * {tests:[{name, test, file, backend, seed, verdict, ...}], passed, failed, skipped, bail}. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lab/results.h"
#include "lib/proto/out.h"

static struct out report;
static bool begun;

static void begin(void)
{
	if (begun)
		return;
	out_init(&report, true);
	out_object(&report, NULL);
	out_list(&report, "tests");
	begun = true;
}

enum verdict verdict_named(const char *word)
{
	for (int v = VERDICT_PASS; word && v <= VERDICT_STOPPED; v++)
		if (strcmp(verdict_word(v), word) == 0)
			return v;
	return VERDICT_FAIL;
}

static void put_findings(struct out *to, const char *key, const struct finding *v, size_t count)
{
	out_list(to, key);
	for (size_t i = 0; i < count; i++) {
		out_object(to, NULL);
		out_json_str(to, "text", v[i].text);
		out_json_str(to, "where", v[i].where);
		out_json_i64(to, "at_ns", v[i].at);
		out_end_object(to);
	}
	out_end_list(to);
}

static void put_words(struct out *to, const char *key, const struct words *w)
{
	out_list(to, key);
	for (size_t i = 0; i < w->count; i++)
		out_json_str(to, NULL, w->v[i]);
	out_end_list(to);
}

static void put_steps(struct out *to, const struct outcome *o)
{
	out_list(to, "steps");
	for (size_t i = 0; i < o->nsteps; i++) {
		const struct step *s = &o->step[i];
		out_object(to, NULL);
		out_json_str(to, "name", s->name);
		out_json_u64(to, "depth", s->depth);
		out_bool(to, "ok", NULL, s->ok);
		out_bool(to, "done", NULL, s->done);
		out_json_i64(to, "began_ns", s->began);
		out_json_i64(to, "ended_ns", s->ended);
		out_end_object(to);
	}
	out_end_list(to);
}

/* A number as one, all else as text. */
static void put_value(struct out *to, const char *key, const char *text)
{
	size_t len = strlen(text), digits = strspn(text, "0123456789");
	if (len && digits == len && len < 16 && (text[0] != '0' || len == 1))
		out_json_raw(to, key, text, len);
	else
		out_json_str(to, key, text);
}

static void put_params(struct out *to, const struct point *p)
{
	out_json_str(to, "base", p->base ? p->base : p->test);
	out_object(to, "sweep");
	for (size_t i = 0; p->params && i < p->params->count; i++) {
		char key[100];
		const char *word = p->params->v[i];
		size_t len = strcspn(word, "=");
		snprintf(key, sizeof key, "%.*s", (int)len, word);
		put_value(to, key, word + len + (word[len] == '='));
	}
	out_end_object(to);
}

static void put_measures(struct out *to, const struct outcome *o)
{
	out_list(to, "measured");
	for (size_t i = 0; i < o->nmeasures; i++) {
		out_object(to, NULL);
		out_json_str(to, "name", o->measure[i].name);
		out_json_str(to, "value", o->measure[i].raw);
		out_json_str(to, "text", o->measure[i].value);
		out_end_object(to);
	}
	out_end_list(to);
}

static void put_series(struct out *to, const struct series *s)
{
	out_object(to, NULL);
	out_json_str(to, "name", s->name);
	out_list(to, "points");
	for (size_t i = 0; i < s->count; i++) {
		char value[40];
		int len = snprintf(value, sizeof value, "%.17g", s->v[i].value);
		bool number = strspn(value, "0123456789.e+-") == (size_t)len; /* JSON has no inf */
		out_object(to, NULL);
		out_json_i64(to, "at_ns", s->v[i].at);
		if (number)
			out_json_raw(to, "value", value, (size_t)len);
		else
			out_json_str(to, "value", value);
		out_end_object(to);
	}
	out_end_list(to);
	out_end_object(to);
}

void report_json_facts(struct out *to, const struct point *p, const struct outcome *o)
{
	char print[32];
	out_json_str(to, "name", p->name);
	out_json_str(to, "test", p->test);
	put_params(to, p);
	out_json_str(to, "file", p->file);
	out_json_str(to, "backend", p->backend);
	out_json_u64(to, "seed", p->seed);
	out_json_str(to, "verdict", verdict_word(o->verdict));
	out_json_str(to, "why", o->why);
	out_json_i64(to, "lab_time_ns", o->lab_ns);
	out_json_i64(to, "wall_ns", (int64_t)(p->wall_s * 1e9));
	snprintf(print, sizeof print, "fp1:%016" PRIx64, o->fingerprint);
	out_json_str(to, "fingerprint", o->printed ? print : NULL);
	put_measures(to, o);
	out_list(to, "sampled");
	for (size_t i = 0; i < o->nseries; i++)
		put_series(to, &o->series[i]);
	out_end_list(to);
	put_words(to, "attached", &o->attached);
	put_steps(to, o);
	put_findings(to, "failures", o->failure, o->nfailures);
	put_findings(to, "notes", o->note, o->nnotes);
	put_words(to, "swarm", &o->swarm);
	put_words(to, "faults", &o->faults);
	put_words(to, "events", &o->events);
}

void report_json_point(const struct point *p, const struct outcome *o)
{
	begin();
	out_object(&report, NULL);
	report_json_facts(&report, p, o);
	out_end_object(&report);
}

void report_json_end(unsigned passed, unsigned failed, unsigned skipped, const char *bail)
{
	begin();
	out_end_list(&report);
	out_json_u64(&report, "passed", passed);
	out_json_u64(&report, "failed", failed);
	out_json_u64(&report, "skipped", skipped);
	out_json_str(&report, "bail", bail);
	out_done(&report);
	if (report.text)
		fwrite(report.text, 1, report.len, stdout);
	putchar('\n');
	out_fini(&report);
	begun = false;
}
