/* SPDX-License-Identifier: MIT */
/* draw.h - pictures of a lab. With a look at it (NULL: none) they show the active tree and VLANs.
 */
#ifndef DW_LAB_DRAW_H
#define DW_LAB_DRAW_H

#include <stdio.h>

#include "lab/look.h"
#include "lab/plan.h"

void draw_txt(const struct plan *p, const struct look *k, const char *prefix, FILE *to);
void draw_dot(const struct plan *p, const struct look *k, FILE *to);
void draw_mermaid(const struct plan *p, const struct look *k, FILE *to);
/* What Graphviz makes of a dot text, written to `to` from its <svg> on. 0; -ENOENT: dot is not
 * installed; else trouble; with words. */
int draw_svg(const char *dot, FILE *to, struct err *e);

/* For those who draw. */
void draw_label(const struct cable_spec *c, char *out, size_t room); /* "5ms, loss=1%" */
void draw_ip(const struct node_spec *n, char out[static 20]);

#endif
