/* SPDX-License-Identifier: MIT */
/* plot.h - a small line plot as SVG, for a page: one series over lab time or over the values of a
 * sweep, with bands where something was broken. */
#ifndef DW_LAB_PLOT_H
#define DW_LAB_PLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct plot_point {
	double x, y;
};

struct plot {
	const char *title, *x_name; /* x_name: "": lab time */
	bool x_time, y_time;        /* ns, written as times */
	const struct plot_point *v;
	size_t count;
	const struct mark *mark; /* on the time axis */
	size_t nmarks;
	double x_last; /* the axis ends here or later */
};

void plot_svg(const struct plot *p, FILE *to);
void html_text(FILE *to, const char *text); /* nothing in it is markup */

#endif
