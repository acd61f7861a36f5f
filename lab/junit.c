/* SPDX-License-Identifier: MIT */
/* junit.c - a run as JUnit XML, as CI systems read it: one suite a file and backend, in the order
 * of the run. It has no date and no machine in it, so that the same run writes the same facts. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "lab/results.h"
#include "lib/base/units.h"

/* Text for an element or an attribute; what XML 1.0 cannot hold (2.2) becomes '?'. */
static void put(FILE *f, const char *text)
{
	for (; text && *text; text++) {
		unsigned char c = (unsigned char)*text;
		if (strchr("&<>\"\n\t", c))
			fprintf(f, "&#%d;", c);
		else
			fputc(c < 0x20 || c == 0x7f ? '?' : c, f);
	}
}

static void put_attr(FILE *f, const char *key, const char *text)
{
	fprintf(f, " %s=\"", key);
	put(f, text);
	fputc('"', f);
}

static void put_finding(FILE *f, const struct finding *v)
{
	char at[UNIT_TEXT_LEN];
	put(f, v->where);
	put(f, v->where ? ": " : "");
	put(f, v->text);
	fprintf(f, " (at %s)\n", unit_time_text(at, v->at));
}

static void put_bad(FILE *f, const struct result *v)
{
	const struct outcome *o = &v->out;
	const char *tag = o->verdict == VERDICT_FAIL ? "failure" : "error";
	fprintf(f, "\n      <%s", tag);
	put_attr(f, "message", o->nfailures ? o->failure[0].text : o->why);
	put_attr(f, "type", verdict_word(o->verdict));
	fputc('>', f);
	for (size_t i = 0; i < o->nfailures; i++)
		put_finding(f, &o->failure[i]);
	for (size_t i = 0; i < o->events.count; i++) {
		put(f, o->events.v[i]);
		fputc('\n', f);
	}
	fprintf(f, "</%s>", tag);
}

static void put_output(FILE *f, const struct result *v)
{
	const struct outcome *o = &v->out;
	char at[UNIT_TEXT_LEN];
	fprintf(f, "\n      <system-out>seed %" PRIu64 ", lab time %s", v->seed,
		unit_time_text(at, o->lab_ns));
	if (o->printed)
		fprintf(f, ", fp1:%016" PRIx64, o->fingerprint);
	fputc('\n', f);
	for (size_t i = 0; i < o->nmeasures; i++) {
		put(f, o->measure[i].name);
		fputs(": ", f);
		put(f, o->measure[i].value);
		fputc('\n', f);
	}
	for (size_t i = 0; i < o->nnotes; i++)
		put_finding(f, &o->note[i]);
	fputs("</system-out>\n    ", f);
}

static void put_case(FILE *f, const struct result *v)
{
	const struct outcome *o = &v->out;
	fputs("    <testcase", f);
	put_attr(f, "name", v->name);
	put_attr(f, "classname", v->file);
	fprintf(f, " time=\"%.3f\">", v->wall_s);
	if (o->verdict == VERDICT_SKIP) {
		fputs("<skipped", f);
		put_attr(f, "message", o->why);
		fputs("/>", f);
	} else {
		if (verdict_is_bad(o->verdict))
			put_bad(f, v);
		put_output(f, v);
	}
	fputs("</testcase>\n", f);
}

static bool of_suite(const struct result *a, const struct result *b)
{
	return strcmp(a->file, b->file) == 0 && strcmp(a->backend, b->backend) == 0;
}

static void put_suite(FILE *f, const struct results *r, size_t first)
{
	unsigned tests = 0, failed = 0, errors = 0, skipped = 0;
	double wall = 0;
	for (size_t i = first; i < r->count; i++) {
		enum verdict v = r->v[i].out.verdict;
		if (!of_suite(&r->v[first], &r->v[i]))
			continue;
		tests++;
		skipped += v == VERDICT_SKIP;
		failed += v == VERDICT_FAIL;
		errors += verdict_is_bad(v) && v != VERDICT_FAIL;
		wall += r->v[i].wall_s;
	}
	fputs("  <testsuite", f);
	put_attr(f, "name", r->v[first].file);
	fprintf(f, " tests=\"%u\" failures=\"%u\" errors=\"%u\" skipped=\"%u\" time=\"%.3f\">\n",
		tests, failed, errors, skipped, wall);
	fputs("    <properties><property name=\"backend\"", f);
	put_attr(f, "value", r->v[first].backend);
	fputs("/></properties>\n", f);
	for (size_t i = first; i < r->count; i++)
		if (of_suite(&r->v[first], &r->v[i]))
			put_case(f, &r->v[i]);
	fputs("  </testsuite>\n", f);
}

int junit_write(const struct results *r, const char *file)
{
	FILE *f = fopen(file, "we");
	if (!f)
		return -errno;
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n", f);
	for (size_t i = 0; i < r->count; i++) {
		size_t before = 0;
		while (before < i && !of_suite(&r->v[before], &r->v[i]))
			before++;
		if (before == i)
			put_suite(f, r, i);
	}
	fputs("</testsuites>\n", f);
	int bad = ferror(f) ? -EIO : 0;
	return fclose(f) ? -errno : bad;
}
