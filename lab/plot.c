/* SPDX-License-Identifier: MIT */
/* plot.c - a small line plot as SVG. */
#include "lab/plot.h"

#include <math.h>
#include <string.h>

#include "lab/bind/script.h"
#include "lib/base/units.h"

enum { WIDTH = 760, HEIGHT = 220, LEFT = 70, RIGHT = 16, TOP = 34, BOTTOM = 30, TICKS = 6 };
enum { MARKED = 6, MARK_LETTERS = 28 }; /* marks with words, and how many of these */

void html_text(FILE *to, const char *text)
{
	for (; text && *text; text++) {
		unsigned char c = (unsigned char)*text;
		if (c == '&' || c == '<' || c == '>' || c == '"')
			fprintf(to, "&#%d;", c);
		else
			fputc(c < 0x20 && c != '\n' ? '?' : c, to);
	}
}

struct axis {
	double low, high, step; /* step: between ticks, 1, 2 or 5 times a power of ten */
};

static struct axis axis_of(double low, double high)
{
	if (!(high > low))
		high = low + (low != 0 ? fabs(low) : 1);
	double rough = (high - low) / TICKS, power = pow(10, floor(log10(rough)));
	double step = rough <= power       ? power
		      : rough <= 2 * power ? 2 * power
		      : rough <= 5 * power ? 5 * power
					   : 10 * power;
	return (struct axis){ low, high, step };
}

static double at_x(const struct axis *a, double x)
{
	return LEFT + (x - a->low) / (a->high - a->low) * (WIDTH - LEFT - RIGHT);
}

static double at_y(const struct axis *a, double y)
{
	return HEIGHT - BOTTOM - (y - a->low) / (a->high - a->low) * (HEIGHT - TOP - BOTTOM);
}

static double tick(const struct axis *a, int i)
{
	return (ceil(a->low / a->step) + i) * a->step;
}

static const char *tick_text(char text[static UNIT_TEXT_LEN], bool time, const struct axis *a,
			     double v)
{
	if (fabs(v) < a->step / 1e6)
		v = 0;
	if (time)
		unit_time_text(text, (int64_t)llround(v));
	else
		snprintf(text, UNIT_TEXT_LEN, "%.6g", v);
	return text;
}

static void put_ticks(const struct plot *p, const struct axis *x, const struct axis *y, FILE *to)
{
	char text[UNIT_TEXT_LEN];
	double v;
	for (int i = 0; (v = tick(x, i)) <= x->high + x->step * 1e-6; i++)
		fprintf(to,
			"<line class=\"grid\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\"/>"
			"<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>\n",
			at_x(x, v), TOP, at_x(x, v), HEIGHT - BOTTOM, at_x(x, v), HEIGHT - 12,
			tick_text(text, p->x_time, x, v));
	for (int i = 0; (v = tick(y, i)) <= y->high + y->step * 1e-6; i++)
		fprintf(to,
			"<line class=\"grid\" x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\"/>"
			"<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n",
			LEFT, at_y(y, v), WIDTH - RIGHT, at_y(y, v), LEFT - 6, at_y(y, v) + 4,
			tick_text(text, p->y_time, y, v));
}

/* Towards the middle, and not all of a long one: the pointer shows the rest. */
static void put_words(const char *text, double x, int y, FILE *to)
{
	bool left = x > WIDTH * 0.6;
	char some[MARK_LETTERS + 4];
	snprintf(some, sizeof some, "%.*s%s", MARK_LETTERS, text,
		 strlen(text) > MARK_LETTERS ? "…" : "");
	fprintf(to, "<text class=\"marked\" x=\"%.1f\" y=\"%d\"%s>", x + (left ? -3 : 3), y,
		left ? " text-anchor=\"end\"" : "");
	html_text(to, some);
	fputs("</text>\n", to);
}

/* Bands for what lasts, lines for instants; the words are shown by the pointer, and beside a band.
 */
static void put_marks(const struct plot *p, const struct axis *x, FILE *to)
{
	for (size_t i = 0; i < p->nmarks; i++) {
		const struct mark *m = &p->mark[i];
		double from = at_x(x, (double)m->at);
		double until = m->until == INT64_MAX ? WIDTH - RIGHT : at_x(x, (double)m->until);
		if (until < from + 1.5)
			until = from + 1.5;
		fprintf(to,
			"<rect class=\"mark\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\">",
			from, TOP, until - from, HEIGHT - TOP - BOTTOM);
		fputs("<title>", to);
		html_text(to, m->text);
		fputs("</title></rect>", to);
		if (i < MARKED)
			put_words(m->text, from, TOP + 12 + 12 * (int)(i % 3), to);
	}
}

void plot_svg(const struct plot *p, FILE *to)
{
	if (!p->count)
		return;
	double low = 0, high = p->v[0].y, first = *p->x_name ? p->v[0].x : 0, last = p->x_last;
	for (size_t i = 0; i < p->count; i++) {
		low = fmin(low, p->v[i].y);
		high = fmax(high, p->v[i].y);
		last = fmax(last, p->v[i].x);
		first = fmin(first, p->v[i].x);
	}
	struct axis x = axis_of(first, last), y = axis_of(low, high);
	fprintf(to,
		"<svg class=\"plot\" viewBox=\"0 0 %d %d\" role=\"img\">\n<text class=\"title\" "
		"x=\"%d\" y=\"18\">",
		WIDTH, HEIGHT, LEFT);
	html_text(to, p->title);
	if (*p->x_name) {
		fputs(" over ", to);
		html_text(to, p->x_name);
	}
	fputs("</text>\n", to);
	put_ticks(p, &x, &y, to);
	put_marks(p, &x, to);
	fputs("<polyline points=\"", to);
	for (size_t i = 0; i < p->count; i++)
		fprintf(to, "%.1f,%.1f ", at_x(&x, p->v[i].x), at_y(&y, p->v[i].y));
	fputs("\"/>\n", to);
	for (size_t i = 0; i < p->count && p->count <= 60; i++)
		fprintf(to, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"2.5\"/>", at_x(&x, p->v[i].x),
			at_y(&y, p->v[i].y));
	fputs("</svg>\n", to);
}
