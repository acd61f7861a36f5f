/* SPDX-License-Identifier: MIT */
/* files.h - tables from files: delays as tc's .dist files hold them, and Mahimahi's packet traces.
 */
#ifndef DW_WIRE_CORE_FILES_H
#define DW_WIRE_CORE_FILES_H

#include "wire/core/wire.h"

/* The table of `path`, read once and kept. 0 or negative errno with words that name the line. */
int files_samples(struct wire_files *f, const char *path, const struct wire_samples **out,
		  struct err *e);
int files_trace(struct wire_files *f, const char *path, const struct wire_trace **out,
		struct err *e);

/* A chain written as "file:PATH" or in the value itself. */
int files_markov(struct wire_files *f, const char *value, const struct wire_markov **out,
		 struct err *e);

/* A filter expression, compiled. */
int files_filter(struct wire_files *f, const char *text, const struct wire_filter **out,
		 struct err *e);
/* A wire begins or ends to use the tables of a law. */
void files_hold(const struct wire_law *law);
void files_drop(const struct wire_law *law);

#endif
