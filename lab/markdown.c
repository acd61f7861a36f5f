/* SPDX-License-Identifier: MIT */
/* markdown.c - a run as a summary in Markdown, as forges show it beside a change. */
#include <errno.h>
#include <string.h>

#include "lab/results.h"
#include "lib/base/units.h"

/* Text of a table's cell or a line: nothing in it is markup. */
static void put(FILE *f, const char *text)
{
	for (; text && *text; text++) {
		if (strchr("\\`*_{}[]<>#|~", *text))
			fputc('\\', f);
		fputc(*text == '\n' || *text == '\r' ? ' ' : *text, f);
	}
}

static void put_table(FILE *f, const struct table *t)
{
	for (size_t row = 0; row <= t->nrows; row++) {
		for (size_t c = 0; c < t->ncolumns; c++) {
			fputs(c ? " | " : "| ", f);
			put(f, row ? table_cell(t, row - 1, c) : t->head.v[c]);
		}
		fputs(" |\n", f);
		for (size_t c = 0; row == 0 && c < t->ncolumns; c++)
			fputs(c + 1 < t->ncolumns ? "|---" : "|---|\n", f);
	}
	fputc('\n', f);
}

static void put_test(FILE *f, const struct result *v)
{
	static const char *const marks[] = {
		[VERDICT_PASS] = "✅",   [VERDICT_FAIL] = "❌",    [VERDICT_SKIP] = "⏭️",
		[VERDICT_BROKEN] = "💥", [VERDICT_TROUBLE] = "💥", [VERDICT_STOPPED] = "⏹️"
	};
	char at[UNIT_TEXT_LEN];
	fprintf(f, "| %s %s | ", marks[v->out.verdict], verdict_word(v->out.verdict));
	put(f, v->name);
	fprintf(f, " | %s | ",
		v->out.verdict == VERDICT_SKIP ? "" : unit_time_text(at, v->out.lab_ns));
	put(f, v->out.verdict == VERDICT_SKIP ? v->out.why : "");
	for (size_t i = 0; i < v->out.nmeasures; i++) {
		fputs(i ? "; " : "", f);
		put(f, v->out.measure[i].name);
		fputs(" ", f);
		put(f, v->out.measure[i].value);
	}
	fputs(" |\n", f);
}

static void put_failure(FILE *f, const struct result *v)
{
	const struct outcome *o = &v->out;
	char line[4200];
	fputs("\n### ", f);
	put(f, v->name);
	fputs("\n\n", f);
	if (!o->nfailures) {
		put(f, o->why);
		fputs("\n", f);
	}
	for (size_t i = 0; i < o->nfailures; i++) {
		char at[UNIT_TEXT_LEN];
		fputs("- ", f);
		put(f, o->failure[i].where);
		fputs(o->failure[i].where ? ": " : "", f);
		put(f, o->failure[i].text);
		fprintf(f, " (at %s)\n", unit_time_text(at, o->failure[i].at));
	}
	fputs("\n```\n", f);
	for (size_t i = 0; i < o->events.count; i++)
		fprintf(f, "%s\n", o->events.v[i]);
	report_repeat(line, sizeof line, v->file, v->test, v->backend, v->seed);
	fprintf(f, "$ %s\n```\n", line);
}

static void put_file(FILE *f, const struct results *r, const struct result_lab *lab)
{
	bool bad = false;
	fputs("\n## ", f);
	put(f, lab->name);
	fputs("\n\n", f);
	put(f, lab->file);
	fputs("\n\n| verdict | test | lab time | measured |\n|---|---|---|---|\n", f);
	for (size_t i = 0; i < r->count; i++)
		if (strcmp(r->v[i].file, lab->file) == 0) {
			put_test(f, &r->v[i]);
			bad |= verdict_is_bad(r->v[i].out.verdict);
		}
	for (size_t i = 0; bad && i < r->count; i++)
		if (strcmp(r->v[i].file, lab->file) == 0 && verdict_is_bad(r->v[i].out.verdict))
			put_failure(f, &r->v[i]);
	fputc('\n', f);
}

int markdown_write(const struct results *r, const char *file)
{
	FILE *f = fopen(file, "we");
	if (!f)
		return -errno;
	fprintf(f, "# %u passed, %u failed, %u skipped\n", r->passed, r->failed, r->skipped);
	for (size_t i = 0; i < r->nlabs; i++)
		put_file(f, r, &r->lab[i]);
	for (size_t i = table_next_sweep(r, 0); i < r->count;) {
		struct table t;
		fputs("## ", f);
		put(f, r->v[i].base);
		fputs("\n\n", f);
		i = table_sweep(&t, r, i);
		put_table(f, &t);
		table_fini(&t);
	}
	int bad = ferror(f) ? -EIO : 0;
	return fclose(f) ? -errno : bad;
}
