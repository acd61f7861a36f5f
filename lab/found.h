/* SPDX-License-Identifier: MIT */
/* found.h - what many runs found: of each test how many seeds passed, and its distinct failures,
 * each with its smallest seed and how often it was met. Workers and shards give such a thing as
 * JSON; it is merged into one and reported once. */
#ifndef DW_LAB_FOUND_H
#define DW_LAB_FOUND_H

#include "lab/lab.h"
#include "lib/proto/out.h"

struct failure {
	char *key;      /* which expectation, not what it said: failure_key() */
	uint64_t count; /* seeds that fail like this */
	uint64_t seed;  /* the smallest of them, and its run: */
	struct outcome out;
};

struct range { /* of a figure that a test measures: the least and the most, as machines and as
		  people read them */
	char *name;
	char *raw[2], *text[2];
};

struct tested {
	char *file, *lab, *test, *backend;
	uint64_t passed, failed, skipped;
	double wall_s;
	char *lacks; /* why it was skipped */
	struct failure *failure;
	size_t nfailures;
	struct range *range;
	size_t nranges;
};

struct found {
	struct tested *tested;
	size_t ntested;
	uint64_t seeds; /* runs of the test that was run most often */
	bool stopped;   /* by a signal: not all of it was run */
	char *trouble;  /* what ended it, or NULL */
};

/* Two failures are the same if the same expectation of the same test did not hold, whatever the
 * figures; where no expectation failed, if the words are the same but for numbers. malloc()ed;
 * NULL: out of memory. */
char *failure_key(const char *test, const struct outcome *o);

/* Adds a run of the test. Takes what is in `o`. 0 or -ENOMEM. */
int found_add(struct found *f, const struct point *p, const char *lab, struct outcome *o);
/* The test, made if it is new. NULL: out of memory. */
struct tested *found_test(struct found *f, const char *file, const char *test, const char *backend,
			  const char *lab);
/* A figure from `least` to `most`, each raw and as text; what is no number is not kept. */
int found_range(struct tested *t, const char *name, const char *const least[2],
		const char *const most[2]);              /* 0 or -ENOMEM */
int found_failure(struct tested *t, struct failure *v);  /* takes what is in `v`. 0 or -ENOMEM */
int found_merge(struct found *into, struct found *from); /* `from` is empty then. 0 or -ENOMEM */
void found_write(const struct found *f, struct out *o);  /* JSON */
/* A report of seeds or an ordinary one. 0, -EINVAL with words, -ENOMEM. */
int found_read(struct found *f, const char *text, size_t len, struct err *e);
size_t found_distinct(const struct found *f);
/* TAP, or with --json what found_write() writes, and the exit code. `keep`: for other
 * reports, or NULL; takes the outcomes over. */
int found_report(struct found *f, bool strict, struct results *keep);
void found_fini(struct found *f);

#endif
