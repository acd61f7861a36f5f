/* SPDX-License-Identifier: MIT */
/* report.c - results as TAP version 14 on stdout: a plan, one point a test, steps as subtests,
 * facts as YAML. A failure says what, where, when, what happened before, and how to see it again.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lab/draw.h"
#include "lab/lab.h"
#include "lib/base/units.h"
#include "lib/cli/opts.h"

/* Names: '#' would begin a directive, '\' escapes. */
static void put_name(const char *text)
{
	for (; *text; text++) {
		if (*text == '#' || *text == '\\')
			putchar('\\');
		putchar(*text == '\n' ? ' ' : *text);
	}
}

/* Text as a YAML double-quoted scalar. */
static void put_quoted(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		if (c == '"' || c == '\\')
			printf("\\%c", c);
		else if (c == '\n')
			printf("\\n");
		else if (c < 0x20 || c == 0x7f)
			printf("\\x%02x", c);
		else
			putchar(c);
	}
	putchar('"');
}

static void put_fact(const char *key, const char *text)
{
	printf("  %s: ", key);
	put_quoted(text);
	putchar('\n');
}

/* Perl's prove knows version 13 at most and says so in the environment; what we print is both. */
void report_version(void)
{
	const char *harness = getenv("HARNESS_ACTIVE");
	if (!opt_json)
		printf("TAP version %d\n", harness && *harness ? 13 : 14);
}

void report_lab(const char *file, const struct plan *p)
{
	if (opt_json)
		return;
	printf("# %s: %s\n#\n", file, p->name);
	draw_txt(p, NULL, "#   ", stdout);
	puts("#");
}

void report_plan(unsigned tests)
{
	if (opt_json)
		return;
	printf("1..%u\n", tests);
	fflush(stdout);
}

void report_comment(const char *text)
{
	if (!opt_json)
		printf("# %s\n", text);
}

/* ---- steps: those that follow with greater depth are inside ---- */

static size_t put_steps(const struct outcome *o, size_t from, unsigned depth)
{
	size_t i = from;
	unsigned number = 0;
	while (i < o->nsteps && o->step[i].depth >= depth) {
		const struct step *s = &o->step[i];
		size_t next = i + 1;
		if (next < o->nsteps && o->step[next].depth > depth) {
			printf("%*s# Subtest: ", 4 * ((int)depth + 1), "");
			put_name(s->name);
			putchar('\n');
			next = put_steps(o, next, depth + 1);
		}
		printf("%*s%s %u - ", 4 * ((int)depth + 1), "", s->done && !s->ok ? "not ok" : "ok",
		       ++number);
		put_name(s->name);
		puts(s->done ? "" : " # SKIP not finished");
		i = next;
	}
	printf("%*s1..%u\n", 4 * ((int)depth + 1), "", number);
	return i;
}

/* ---- facts ---- */

static void put_shell_word(char **at, char *end, const char *word)
{
	bool plain =
		*word &&
		!word[strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				   "_-./=,+:@%")];
	int n = snprintf(*at, (size_t)(end - *at), plain ? " %s" : " '", word);
	*at += n;
	for (; !plain && *word && *at < end - 6; word++)
		*at += snprintf(*at, (size_t)(end - *at), *word == '\'' ? "'\\''" : "%c", *word);
	if (!plain)
		*at += snprintf(*at, (size_t)(end - *at), "'");
}

/* A glob that matches only this name. */
static void escape_glob(char *out, size_t room, const char *name)
{
	size_t n = 0;
	for (; *name && n + 3 < room; name++) {
		if (strchr("*?[\\", *name))
			out[n++] = '\\';
		out[n++] = *name;
	}
	out[n] = '\0';
}

void report_repeat(char *line, size_t room, const char *file, const char *test, const char *backend,
		   uint64_t seed)
{
	char only[512], number[32], *at = line, *end = line + room - 8;
	escape_glob(only, sizeof only, test);
	snprintf(number, sizeof number, "%llu", (unsigned long long)seed);
	at += snprintf(at, (size_t)(end - at), "dw-lab run");
	for (const char *const *w = (const char *const[]){ file, "--backend", backend, "--seed",
							   number, "--only", only, NULL };
	     *w; w++)
		if (at < end - 1200)
			put_shell_word(&at, end, *w);
}

static void put_repeat(const struct point *p)
{
	char line[4096];
	report_repeat(line, sizeof line, p->file, p->test, p->backend, p->seed);
	put_fact("repeat", line);
}

static void put_findings(const char *key, const struct finding *v, size_t count)
{
	if (!count)
		return;
	printf("  %s:\n", key);
	for (size_t i = 0; i < count; i++) {
		char text[2600], at[UNIT_TEXT_LEN];
		snprintf(text, sizeof text, "%s%s%s (at %s)", v[i].where ? v[i].where : "",
			 v[i].where ? ": " : "", v[i].text ? v[i].text : "",
			 unit_time_text(at, v[i].at));
		printf("    - ");
		put_quoted(text);
		putchar('\n');
	}
}

static void put_list(const char *key, const struct words *w)
{
	if (w->count)
		printf("  %s:\n", key);
	for (size_t i = 0; i < w->count; i++) {
		printf("    - ");
		put_quoted(w->v[i]);
		putchar('\n');
	}
}

static void put_series(const struct series *s)
{
	double low = 0, high = 0;
	char text[120];
	for (size_t i = 0; i < s->count; i++) {
		low = i && low < s->v[i].value ? low : s->v[i].value;
		high = i && high > s->v[i].value ? high : s->v[i].value;
	}
	snprintf(text, sizeof text, s->count ? "%zu values from %.15g to %.15g" : "no values",
		 s->count, low, high);
	printf("    ");
	put_quoted(s->name);
	printf(": \"%s\"\n", text);
}

static void put_facts(const struct point *p, const struct outcome *o, bool failed)
{
	char text[UNIT_TEXT_LEN];
	puts("  ---");
	if (failed && o->nfailures)
		put_fact("message", o->failure[0].text);
	else if (failed && o->why)
		put_fact("message", o->why);
	printf("  backend: %s\n", p->backend);
	if (p->seeds)
		printf("  seeds: %llu\n", (unsigned long long)p->seeds);
	if (!p->seeds || failed) {
		printf("  seed: %llu\n", (unsigned long long)p->seed);
		put_fact("lab_time", unit_time_text(text, o->lab_ns));
	}
	if (o->printed)
		printf("  fingerprint: \"fp1:%016llx\"\n", (unsigned long long)o->fingerprint);
	if (o->nseries)
		puts("  sampled:");
	for (size_t i = 0; i < o->nseries; i++)
		put_series(&o->series[i]);
	put_list("attached", &o->attached);
	if (o->nmeasures) {
		puts("  measured:");
		for (size_t i = 0; i < o->nmeasures; i++) {
			printf("    ");
			put_quoted(o->measure[i].name);
			printf(": ");
			put_quoted(o->measure[i].value);
			putchar('\n');
		}
	}
	if (failed) {
		put_findings("failures", o->failure, o->nfailures);
		put_list("swarm", &o->swarm);
		put_list("faults", &o->faults);
		put_list("events", &o->events);
		put_repeat(p);
	}
	puts("  ...");
}

static void put_notes(const struct outcome *o)
{
	for (size_t i = 0; i < o->nnotes; i++) {
		char at[UNIT_TEXT_LEN];
		printf("# %s ", unit_time_text(at, o->note[i].at));
		for (const char *c = o->note[i].text ? o->note[i].text : ""; *c; c++) {
			putchar(*c);
			if (*c == '\n')
				printf("# ");
		}
		putchar('\n');
	}
}

void report_point(const struct point *p, const struct outcome *o)
{
	bool failed = o->verdict != VERDICT_PASS && o->verdict != VERDICT_SKIP;
	report_progress_end();
	if (opt_json) {
		report_json_point(p, o);
		return;
	}
	put_notes(o);
	if (o->nsteps) {
		printf("# Subtest: ");
		put_name(p->name);
		putchar('\n');
		put_steps(o, 0, 0);
	}
	printf("%s %u - ", failed ? "not ok" : "ok", p->number);
	put_name(p->name);
	if (o->verdict == VERDICT_SKIP) {
		printf(" # SKIP ");
		put_name(o->why ? o->why : "");
	} else {
		printf(" # time=%.3fs", p->wall_s);
	}
	putchar('\n');
	if (o->verdict != VERDICT_SKIP)
		put_facts(p, o, failed);
	fflush(stdout);
}

static const char *bailed;

void report_bail(const char *why)
{
	report_progress_end();
	bailed = why;
	if (opt_json)
		return;
	printf("Bail out! ");
	put_name(why);
	putchar('\n');
	fflush(stdout);
}

void report_end(unsigned passed, unsigned failed, unsigned skipped)
{
	if (opt_json)
		report_json_end(passed, failed, skipped, bailed);
	else
		printf("# %u passed, %u failed, %u skipped\n", passed, failed, skipped);
	fflush(stdout);
}

/* ---- a line of progress, where somebody is watching ---- */

static bool shown;

void report_progress(unsigned done, unsigned tests, const char *name)
{
	if (opt_quiet || !isatty(STDERR_FILENO))
		return;
	fprintf(stderr, "\r\033[K[%u/%u] %.60s", done + 1, tests, name);
	fflush(stderr);
	shown = true;
}

void report_progress_end(void)
{
	if (shown)
		fputs("\r\033[K", stderr);
	shown = false;
}
