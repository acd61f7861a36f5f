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

static void put_findings(const char *key, const struct finding *v, size_t count)
{
	out_list(&report, key);
	for (size_t i = 0; i < count; i++) {
		out_object(&report, NULL);
		out_json_str(&report, "text", v[i].text);
		out_json_str(&report, "where", v[i].where);
		out_json_i64(&report, "at_ns", v[i].at);
		out_end_object(&report);
	}
	out_end_list(&report);
}

static void put_words(const char *key, const struct words *w)
{
	out_list(&report, key);
	for (size_t i = 0; i < w->count; i++)
		out_json_str(&report, NULL, w->v[i]);
	out_end_list(&report);
}

static void put_steps(const struct outcome *o)
{
	out_list(&report, "steps");
	for (size_t i = 0; i < o->nsteps; i++) {
		const struct step *s = &o->step[i];
		out_object(&report, NULL);
		out_json_str(&report, "name", s->name);
		out_json_u64(&report, "depth", s->depth);
		out_bool(&report, "ok", NULL, s->ok);
		out_bool(&report, "done", NULL, s->done);
		out_json_i64(&report, "began_ns", s->began);
		out_json_i64(&report, "ended_ns", s->ended);
		out_end_object(&report);
	}
	out_end_list(&report);
}

/* A number as one, all else as text. */
static void put_value(const char *key, const char *text)
{
	size_t len = strlen(text), digits = strspn(text, "0123456789");
	if (len && digits == len && len < 16 && (text[0] != '0' || len == 1))
		out_json_raw(&report, key, text, len);
	else
		out_json_str(&report, key, text);
}

static void put_params(const struct point *p)
{
	out_json_str(&report, "base", p->base ? p->base : p->test);
	out_object(&report, "sweep");
	for (size_t i = 0; p->params && i < p->params->count; i++) {
		char key[100];
		const char *word = p->params->v[i];
		size_t len = strcspn(word, "=");
		snprintf(key, sizeof key, "%.*s", (int)len, word);
		put_value(key, word + len + (word[len] == '='));
	}
	out_end_object(&report);
}

static void put_measures(const struct outcome *o)
{
	out_list(&report, "measured");
	for (size_t i = 0; i < o->nmeasures; i++) {
		out_object(&report, NULL);
		out_json_str(&report, "name", o->measure[i].name);
		out_json_str(&report, "value", o->measure[i].raw);
		out_json_str(&report, "text", o->measure[i].value);
		out_end_object(&report);
	}
	out_end_list(&report);
}

void report_json_point(const struct point *p, const struct outcome *o)
{
	char print[32];
	begin();
	out_object(&report, NULL);
	out_json_str(&report, "name", p->name);
	out_json_str(&report, "test", p->test);
	put_params(p);
	out_json_str(&report, "file", p->file);
	out_json_str(&report, "backend", p->backend);
	out_json_u64(&report, "seed", p->seed);
	out_json_str(&report, "verdict", verdict_word(o->verdict));
	out_json_str(&report, "why", o->why);
	out_json_i64(&report, "lab_time_ns", o->lab_ns);
	out_json_i64(&report, "wall_ns", (int64_t)(p->wall_s * 1e9));
	snprintf(print, sizeof print, "fp1:%016" PRIx64, o->fingerprint);
	out_json_str(&report, "fingerprint", o->printed ? print : NULL);
	put_measures(o);
	put_steps(o);
	put_findings("failures", o->failure, o->nfailures);
	put_findings("notes", o->note, o->nnotes);
	put_words("swarm", &o->swarm);
	put_words("faults", &o->faults);
	put_words("events", &o->events);
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
