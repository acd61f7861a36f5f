/* SPDX-License-Identifier: MIT */
/* html.c - a run as one HTML page that needs nothing else: pictures of the networks, results,
 * tables of sweeps, plots of what was sampled with what broke meanwhile. No script, no network. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lab/draw.h"
#include "lab/plot.h"
#include "lab/results.h"
#include "lib/base/units.h"

static const char head[] =
	"<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
	"'unsafe-inline'\">\n<title>Lab report</title>\n<style>\n"
	":root{color-scheme:light}\n"
	"body{font:15px/1.5 system-ui,sans-serif;color:#1c2733;background:#f5f7f9;margin:0}\n"
	"main{max-width:60rem;margin:0 auto;padding:1.5rem}\n"
	"h1{font-size:1.6rem;margin:.5rem 0 1rem}h2{font-size:1.25rem;margin:0}\n"
	"h3{font-size:1rem;margin:1.6rem 0 .5rem}\n"
	"section{background:#fff;border:1px solid #dde3e9;border-radius:8px;padding:1.2rem 1.4rem;"
	"margin:0 0 1.4rem}\n"
	".file,.dim{color:#66727f;font-size:.87rem}\n"
	"table{border-collapse:collapse;width:100%;margin:.6rem 0}\n"
	"th{text-align:left;font-weight:600;color:#66727f;font-size:.82rem}\n"
	"td,th{padding:.3rem .7rem .3rem 0;border-bottom:1px solid #edf0f3;vertical-align:top}\n"
	"td.n{font-variant-numeric:tabular-nums;white-space:nowrap}\n"
	".b{display:inline-block;border-radius:4px;padding:0 .5rem;font-size:.82rem;color:#fff}\n"
	".passed{background:#1a7f4b}.skipped{background:#8593a0}\n"
	".failed,.broken,.trouble,.stopped{background:#c62f2f}\n"
	"pre{background:#f5f7f9;border-radius:6px;padding:.7rem;overflow-x:auto;font-size:.82rem}\n"
	".net{text-align:center;margin:.8rem 0;overflow-x:auto}\n"
	".net svg{max-width:100%;max-height:26rem;height:auto}\n"
	".plot{width:100%;height:auto;margin:.4rem 0}\n"
	".plot text{font:11px system-ui,sans-serif;fill:#66727f}\n"
	".plot .title{font-size:13px;font-weight:600;fill:#1c2733}\n"
	".plot .grid{stroke:#e4e9ee}.plot polyline{fill:none;stroke:#0072b2;stroke-width:1.8}\n"
	".plot circle{fill:#0072b2}.plot .mark{fill:#d55e00;fill-opacity:.16}\n"
	".plot .marked{fill:#b34a00}\n"
	"</style></head><body><main>\n";

static void put_badge(FILE *f, const char *verdict)
{
	fprintf(f, "<span class=\"b %s\">%s</span>", verdict, verdict);
}

/* ---- tests ---- */

static void put_test(FILE *f, const struct result *v)
{
	char text[UNIT_TEXT_LEN];
	fputs("<tr><td>", f);
	put_badge(f, verdict_word(v->out.verdict));
	fputs("</td><td>", f);
	html_text(f, v->test);
	if (v->out.verdict == VERDICT_SKIP) {
		fputs("<div class=\"dim\">", f);
		html_text(f, v->out.why);
		fputs("</div>", f);
	}
	fprintf(f, "</td><td>%s</td><td class=\"n\">%" PRIu64 "</td><td class=\"n\">%s</td><td>",
		v->backend, v->seed,
		v->out.verdict == VERDICT_SKIP ? "" : unit_time_text(text, v->out.lab_ns));
	for (size_t i = 0; i < v->out.nmeasures; i++) {
		fputs(i ? "<br>" : "", f);
		html_text(f, v->out.measure[i].name);
		fputs(": <b>", f);
		html_text(f, v->out.measure[i].value);
		fputs("</b>", f);
	}
	fputs("</td></tr>\n", f);
}

static void put_failure(FILE *f, const struct result *v)
{
	const struct outcome *o = &v->out;
	char line[4200], at[UNIT_TEXT_LEN];
	fputs("<h3>", f);
	put_badge(f, verdict_word(o->verdict));
	fputs(" ", f);
	html_text(f, v->name);
	fputs("</h3>\n<ul>", f);
	for (size_t i = 0; i < o->nfailures; i++) {
		fputs("<li>", f);
		html_text(f, o->failure[i].text);
		fputs(" <span class=\"dim\">", f);
		html_text(f, o->failure[i].where);
		fprintf(f, " at %s</span></li>", unit_time_text(at, o->failure[i].at));
	}
	if (!o->nfailures) {
		fputs("<li>", f);
		html_text(f, o->why);
		fputs("</li>", f);
	}
	fputs("</ul>\n<pre>", f);
	for (size_t i = 0; i < o->events.count; i++) {
		html_text(f, o->events.v[i]);
		fputc('\n', f);
	}
	report_repeat(line, sizeof line, v->file, v->test, v->backend, v->seed);
	fputs("$ ", f);
	html_text(f, line);
	fputs("</pre>\n", f);
}

/* ---- plots ---- */

static void put_series(FILE *f, const struct result *v)
{
	if (!v->out.nseries)
		return;
	fputs("<h3>", f);
	html_text(f, v->name);
	fputs("</h3>\n", f);
	for (size_t i = 0; i < v->out.nseries; i++) {
		const struct series *s = &v->out.series[i];
		struct plot_point *p = calloc(s->count + 1, sizeof *p);
		for (size_t k = 0; p && k < s->count; k++)
			p[k] = (struct plot_point){ (double)s->v[k].at, s->v[k].value };
		const struct plot plot = { .title = s->name,
					   .x_name = "",
					   .x_time = true,
					   .v = p,
					   .count = p ? s->count : 0,
					   .mark = v->out.mark,
					   .nmarks = v->out.nmarks,
					   .x_last = (double)v->out.lab_ns };
		plot_svg(&plot, f);
		free(p);
	}
}

/* The value of a sweep as a number: 5, "1%", "20ms" (in ns); false: it is none. */
static bool number_of(const char *text, double *n)
{
	int64_t ns;
	char *end;
	if (unit_time(text, &ns, NULL) == 0) {
		*n = (double)ns;
		return true;
	}
	*n = strtod(text, &end);
	return end != text && (*end == '\0' || strcmp(end, "%") == 0 || strcmp(end, "Mbit") == 0);
}

static const char *value_of(const struct result *v, const char *name)
{
	size_t len = strlen(name);
	for (size_t i = 0; i < v->params.count; i++)
		if (strncmp(v->params.v[i], name, len) == 0 && v->params.v[i][len] == '=')
			return v->params.v[i] + len + 1;
	return "";
}

static const struct measure *measure_of(const struct result *v, const char *name)
{
	static char none[] = "";
	static const struct measure nothing = { none, none, none };
	for (size_t i = 0; i < v->out.nmeasures; i++)
		if (strcmp(v->out.measure[i].name, name) == 0)
			return &v->out.measure[i];
	return &nothing;
}

/* One measure over the one value of a sweep, where both are numbers. */
static void put_curve(FILE *f, const struct results *r, size_t first, const char *measure)
{
	const struct result *a = &r->v[first];
	char name[100];
	snprintf(name, sizeof name, "%.*s", (int)strcspn(a->params.v[0], "="), a->params.v[0]);
	struct plot_point *p = calloc(r->count + 1, sizeof *p);
	size_t n = 0;
	int64_t ns;
	for (size_t i = first; p && i < r->count; i++) {
		const struct result *v = &r->v[i];
		if (strcmp(v->base, a->base) != 0 || strcmp(v->file, a->file) != 0 ||
		    strcmp(v->backend, a->backend) != 0)
			continue;
		if (number_of(value_of(v, name), &p[n].x) &&
		    number_of(measure_of(v, measure)->raw, &p[n].y))
			n++;
	}
	const struct plot plot = { .title = measure,
				   .x_name = name,
				   .x_time = unit_time(value_of(a, name), &ns, NULL) == 0,
				   .y_time =
					   unit_time(measure_of(a, measure)->value, &ns, NULL) == 0,
				   .v = p,
				   .count = n,
				   .x_last = n ? p[n - 1].x : 0 };
	if (n > 1)
		plot_svg(&plot, f);
	free(p);
}

static void put_sweeps(FILE *f, const struct results *r, const char *file)
{
	for (size_t i = table_next_sweep(r, 0); i < r->count;) {
		size_t first = i;
		struct table t;
		i = table_sweep(&t, r, first);
		if (strcmp(r->v[first].file, file) == 0) {
			fputs("<h3>", f);
			html_text(f, r->v[first].base);
			fprintf(f, " <span class=\"dim\">%s</span></h3>\n<table>",
				r->v[first].backend);
			for (size_t row = 0; row <= t.nrows; row++) {
				fputs("<tr>", f);
				for (size_t c = 0; c < t.ncolumns; c++) {
					fputs(row ? "<td class=\"n\">" : "<th>", f);
					html_text(f,
						  row ? table_cell(&t, row - 1, c) : t.head.v[c]);
					fputs(row ? "</td>" : "</th>", f);
				}
				fputs("</tr>\n", f);
			}
			fputs("</table>\n", f);
			const struct result *a = &r->v[first];
			for (size_t m = 0; a->params.count == 1 && m < a->out.nmeasures; m++)
				put_curve(f, r, first, a->out.measure[m].name);
		}
		table_fini(&t);
	}
}

/* ---- a scenario ---- */

static void put_lab(FILE *f, const struct results *r, const struct result_lab *lab)
{
	struct err e = { "" };
	fputs("<section><h2>", f);
	html_text(f, lab->name);
	fputs("</h2><div class=\"file\">", f);
	html_text(f, lab->file);
	fputs("</div>\n<div class=\"net\">", f);
	if (draw_svg(lab->dot, f, &e) < 0)
		html_text(f, e.text);
	fputs("</div>\n<table><tr><th>verdict</th><th>test</th><th>backend</th><th>seed</th>"
	      "<th>lab time</th><th>measured</th></tr>\n",
	      f);
	for (size_t i = 0; i < r->count; i++)
		if (strcmp(r->v[i].file, lab->file) == 0)
			put_test(f, &r->v[i]);
	fputs("</table>\n", f);
	for (size_t i = 0; i < r->count; i++)
		if (strcmp(r->v[i].file, lab->file) == 0 && verdict_is_bad(r->v[i].out.verdict))
			put_failure(f, &r->v[i]);
	put_sweeps(f, r, lab->file);
	for (size_t i = 0; i < r->count; i++)
		if (strcmp(r->v[i].file, lab->file) == 0)
			put_series(f, &r->v[i]);
	fputs("</section>\n", f);
}

int html_write(const struct results *r, const char *dir)
{
	char path[4096];
	if (mkdir(dir, 0777) < 0 && errno != EEXIST)
		return -errno;
	if (snprintf(path, sizeof path, "%s/index.html", dir) >= (int)sizeof path)
		return -ENAMETOOLONG;
	FILE *f = fopen(path, "we");
	if (!f)
		return -errno;
	fputs(head, f);
	fputs("<h1>", f);
	put_badge(f, r->failed ? "failed" : "passed");
	fprintf(f, " %u passed, %u failed, %u skipped</h1>\n", r->passed, r->failed, r->skipped);
	for (size_t i = 0; i < r->nlabs; i++)
		put_lab(f, r, &r->lab[i]);
	fputs("</main></body></html>\n", f);
	int bad = ferror(f) ? -EIO : 0;
	return fclose(f) ? -errno : bad;
}
