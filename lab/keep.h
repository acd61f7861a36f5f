/* SPDX-License-Identifier: MIT */
/* keep.h - runs that are kept: written as records, looked into, run again. */
#ifndef DW_LAB_KEEP_H
#define DW_LAB_KEEP_H

#include <stdio.h>

#include "lab/lab.h"
#include "lab/record.h"
#include "lab/recorded.h"

/* why.c: exit codes */
int why(const struct words *w);  /* RECORD [NUMBER] */
int diff(const struct words *w); /* A B; 1: they differ */
size_t first_difference(const struct recorded *a, const struct recorded *b); /* index of an event */
void event_line(const struct recorded *r, size_t i, char *out, size_t room);

/* keep.c */
void keep_head(struct record *r, const struct script_env *env, const struct script *s, size_t test);
void keep_end(struct record *r, const struct outcome *o);
/* Compares two records (files open for reading too): false, and both sides in words, if they
 * differ. */
bool keep_same(FILE *a, FILE *b, char *words, size_t room);
/* replay: the runs of a record once more, with its plan. Exit code. */
int replay(const struct run_options *o, const char *path);

#endif
