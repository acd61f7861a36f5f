/* SPDX-License-Identifier: MIT */
/* lab.h - what the files of dw-lab's main program share: options, reports, pictures. */
#ifndef DW_LAB_LAB_H
#define DW_LAB_LAB_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "lab/bind/script.h"
#include "lab/plan.h"
#include "lab/world.h"
#include "lib/proto/out.h"

enum { BACKENDS_MAX = 3 };

struct run_options {
	struct words files;
	const struct world_kind *backend[BACKENDS_MAX];
	unsigned nbackends;
	bool seed_given;
	uint64_t seed_first, seed_last;
	const char *junit, *markdown, *csv, *html; /* files (html: a folder) of reports, or NULL */
	const char *only;                          /* glob over names of tests; NULL: all */
	const char *capture;
	int64_t timeout_ns; /* on the clock, for one test; 0: none */
	bool strict, check_determinism;
	bool console, lead; /* somebody leads: with a console here; over sockets alone */
	unsigned jobs;      /* with several seeds: so many at a time; 0: as many as processors */
	FILE *record;       /* where runs are written down, or NULL */
	const char *replay; /* a record to run again, or NULL */
	const char *shrink; /* where failures go as scenarios, or NULL */
	unsigned shard, shards; /* this is part `shard`, 1.., of so many; 0: all of it */
	const char *self;
	struct wire_files *tables; /* what keys of cables name: traces, filters, chains */
};

/* run.c: exit code, or 128 + signal. */
int run_all(const struct run_options *o);
struct script_env run_env(const struct run_options *o, const char *file,
			  const struct world_kind *kind, uint64_t seed);
bool run_chosen(const struct run_options *o, const char *test); /* by --only */
/* One test in a world of its own, within the clock's limit. Its time on the clock, in seconds. */
double run_test(const struct run_options *o, const struct world_kind *kind,
		const struct script_env *env, size_t test, struct outcome *out);
int run_stopped(void); /* by which signal; 0: by none */

/* seeds.c: the same with many seeds at once; the name of each file's lab. Exit code, or 128 +
 * signal. */
struct results;
int seeds_run(const struct run_options *o, const char (*labs)[128], struct results *keep);

/* shard.c: "2/8"; what schedulers say in the environment: *which is the variable, NULL: none does
 */
int shard_parse(const char *text, unsigned *shard, unsigned *shards, struct err *e);
int shard_default(unsigned *shard, unsigned *shards, const char **which, struct err *e);

/* merge.c: exit code */
int merge(const struct words *files);

extern volatile sig_atomic_t lab_stop; /* SCRIPT_STOP, SCRIPT_TIMEOUT */

/* worlds.c */
const struct world_kind *const *world_kinds(void); /* NULL ends */
const struct world_kind *world_named(const char *name);
int lab_need(const char *what, const char *backend, struct err *why);
struct wire_files *lab_files_new(void); /* reads files, compiles filters; wire_files_free() */
bool in_path(const char *program);
int doctor(const char *self);
int doctor_best(const char *self); /* prints the best backend of this machine */

enum verdict verdict_named(const char *word); /* as JSON says it */

/* report.c: TAP version 14, or with --json one object at the end (report_json.c) */
struct point { /* one line of the report */
	unsigned number;
	const char *name;           /* as reported, with backend and seed where several are run */
	const char *test;           /* as the script says */
	const char *base;           /* the same without the values of a sweep; NULL: as `test` */
	const struct words *params; /* those values, name=value; NULL: none */
	const char *file, *backend;
	uint64_t seed;
	uint64_t seeds; /* so many were run: it speaks of them all, of a failure that of `seed` */
	double wall_s;
};
void report_version(void);
void report_lab(const char *file, const struct plan *p); /* a picture of it, as comments */
void report_point(const struct point *p, const struct outcome *o);
/* The one command that runs just this test again. */
void report_repeat(char *line, size_t room, const char *file, const char *test, const char *backend,
		   uint64_t seed);
void report_bail(const char *why);
void report_plan(unsigned tests);
void report_comment(const char *text);
void report_end(unsigned passed, unsigned failed, unsigned skipped);
void report_json_facts(struct out *to, const struct point *p, const struct outcome *o);
void report_json_point(const struct point *p, const struct outcome *o);
void report_json_end(unsigned passed, unsigned failed, unsigned skipped, const char *bail);
void report_progress(unsigned done, unsigned tests, const char *name); /* a line on a terminal */
void report_progress_end(void);

/* append.c: world_setup.append */
int append_file(const char *file, bool anew, const void *bytes, size_t len, struct err *e);

/* importer.c: exit code; kind NULL: by the file's name */
int import_file(const char *kind, const char *file);

#endif
