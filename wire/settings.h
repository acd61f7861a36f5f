/* SPDX-License-Identifier: MIT */
/* settings.h - the options that dw-wire and dw-cable share: impairments from the wire's key table,
 * and those of every program that stays. */
#ifndef DW_WIRE_SETTINGS_H
#define DW_WIRE_SETTINGS_H

#include <stdbool.h>

#include "lib/cli/opts.h"
#include "wire/cable.h"
#include "wire/core/wire.h"

struct settings { /* texts are borrowed from argv, or from the line of a cable file */
	struct wire_config config;
	bool has_name, has_seed;
	bool impaired; /* an impairment key was given */
	bool daemon, explain, precise;
	const char *pidfile, *rcfile, *mgmt, *capture;
	int mgmt_mode; /* 0600 unless given */
	int ready_fd;  /* -1: none */
};

enum { SETTINGS_OPTS_MAX = 256 };

/* `files` (kept) serves values of the form file:PATH. */
void settings_init(struct settings *s, struct wire_files *files);

/* Fills `table` (SETTINGS_OPTS_MAX rows) with `own` (ended by a NULL name), then the shared rows,
 * then the keys; for opts_parse() with settings_take() as program.take. `own` rows bring a take of
 * their own or are handed on by the caller's. */
void settings_table(struct opt *table, const struct opt *own);
int settings_take(struct settings *s, const struct opt *o, const char *arg, struct err *e);

/* After the last option: the keys go together; without a name it is that of the two ends (paths and
 * locators by their last part) joined by "--"; without a seed one is drawn. 0 or negative errno
 * with words. */
int settings_finish(struct settings *s, const char *first, const char *second, struct err *e);
/* --explain, on stdout; with --json one object. */
void settings_explain(const struct settings *s);
/* --capture. */
int settings_capture(const struct settings *s, struct cable *c, struct err *e);
/* --timing precise; says so where it cannot be had. */
void settings_timing(const struct settings *s, struct cable *c);
/* Says a seed that was drawn, if there is an impairment; `whose`: the wire's name where there are
 * several. */
void settings_say_seed(const struct settings *s, const char *whose);

#endif
