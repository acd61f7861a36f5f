/* SPDX-License-Identifier: MIT */
/* script.h - a scenario: a Lua file that describes a lab and names tests. Each test is run on a
 * freshly loaded script and a fresh world, so that it does not matter which others ran. No Lua in
 * this header. */
#ifndef DW_LAB_BIND_SCRIPT_H
#define DW_LAB_BIND_SCRIPT_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lab/plan.h"
#include "lab/world.h"
#include "lib/base/err.h"

struct script;

enum {
	SCRIPT_STOP = 1,
	SCRIPT_TIMEOUT = 2
}; /* values of *stop: Ctrl-C; the clock's limit of a test */

/* A call in the scenario that --shrink can write anew: net.chaos, net.faults, a shape's
 * constructor. */
struct script_site {
	char what[16]; /* "chaos", "ring" */
	int line;      /* where its arguments begin; 0: not in the scenario's own file */
	bool fixed;    /* faults with functions in them: data cannot stand in their place */
	unsigned nsizes;
	int64_t size[2]; /* of a shape */
};

struct script_env { /* borrowed for the script's life */
	const char *file;
	bool seed_given; /* else the script's own, else 1 */
	uint64_t seed;
	const char *backend;
	/* Does this machine and backend have `what` ("ns", "iperf3")? 0, or -ENOTSUP and why not.
	 */
	int (*need)(const char *what, const char *backend, struct err *why);
	const volatile sig_atomic_t *stop;
	size_t memory;            /* bytes that a script may use */
	bool again;               /* read before: print() at top level is silent */
	struct wire_files *files; /* where tables that cables name are kept; NULL: no such names */
	uint64_t budget;          /* Lua instructions between two waits */
	/* In place of the scenario's own faults (those that are data) and of the sizes of its first
	 * shapes, in the order of their calls; NULL: as it says. */
	const struct words *faults;
	const struct script_site *sizes;
	size_t nsizes;
};

enum verdict {
	VERDICT_PASS,
	VERDICT_FAIL, /* 1 */
	VERDICT_SKIP,
	VERDICT_BROKEN,  /* 2: an error of the script */
	VERDICT_TROUBLE, /* 3: of the system */
	VERDICT_STOPPED, /* Ctrl-C */
};

struct finding { /* one thing that is not as it should be, or a note */
	char *text;
	char *where; /* "file:line", or NULL */
	int64_t at;  /* lab time */
};

struct step {
	char *name;
	unsigned depth; /* 0: of the test itself */
	bool ok, done;
	int64_t began, ended;
};

struct measure {
	char *name;
	char *value; /* as people read it: "10.012ms" */
	char *raw;   /* as machines do: "10012000" */
};

struct series { /* what t.sample saw, in order of time */
	char *name;
	struct sample {
		int64_t at; /* lab time */
		double value;
	} * v;
	size_t count, room;
};

struct mark {              /* something that was broken, or set, while the test ran */
	char *text;        /* "s1--s2: cut" */
	int64_t at, until; /* lab time; the same: an instant; INT64_MAX: to the end */
};

enum { MARKS_MAX = 1000 }; /* kept of one test */

struct outcome {
	enum verdict verdict;
	char *why; /* of a skip, or what is broken */
	struct finding *failure, *note;
	size_t nfailures, nnotes;
	struct step *step;
	size_t nsteps;
	struct measure *measure;
	size_t nmeasures;
	struct series *series;
	size_t nseries;
	struct mark *mark;
	size_t nmarks;
	struct words attached; /* files that belong to the report */
	struct words events;   /* the last ones before a failure, oldest first */
	struct words faults;   /* the plan, an entry each as net.faults takes it: of a failure */
	struct words swarm;    /* name = value, as net.swarm chose: of a failure */
	int64_t lab_ns;        /* lab time that the test took */
	bool printed;
	uint64_t fingerprint;
};
void outcome_fini(struct outcome *o);
/* Adds a copy of it to a list; without memory the list stays as it is. */
void note_add(struct finding **v, size_t *count, const char *where, const char *text, int64_t at);

/* Loads and runs the file's top level. 0; -EINVAL: the scenario is wrong, the words begin with file
 * and line; -ENOENT and the like: it cannot be read; -ENOMEM. */
int script_open(struct script **out, const struct script_env *env, struct err *e);
void script_close(struct script *s);

const struct plan *script_plan(const struct script *s); /* frozen */
uint64_t script_seed(const struct script *s);
size_t script_tests(const struct script *s);
const char *script_test(const struct script *s, size_t i);      /* its name */
const char *script_test_base(const struct script *s, size_t i); /* without values of a sweep */
const struct words *script_test_params(const struct script *s, size_t i); /* name=value each */
int script_line(const struct script *s, size_t i);
const char *script_lacks(const struct script *s,
			 size_t i); /* why this test cannot run here, or NULL */

/* What breaks when, drawn and settled: each as net.faults takes it, in order of `at`. */
const struct words *script_faults(const struct script *s);
size_t script_sites(const struct script *s);
const struct script_site *script_site(const struct script *s, size_t i);

/* For the setup of the world that the test will run on. */
struct world_hooks script_hooks(struct script *s);
/* Runs one test; once in a script's life. The world stays the caller's. */
void script_run(struct script *s, size_t test, struct world *w, struct outcome *o);

#endif
