/* SPDX-License-Identifier: MIT */
/* recorded.h - a record read again: one or several runs, each with its head and its events. */
#ifndef DW_LAB_RECORDED_H
#define DW_LAB_RECORDED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lab/plan.h"
#include "lib/base/err.h"

struct happened { /* an event; all text is in the record's own */
	uint64_t number, cause, because;
	int64_t at;
	const char *who, *what, *words;
	unsigned line; /* of the file */
};

struct recorded { /* one run */
	const char *scenario, *hash, *test, *backend;
	uint64_t seed;
	struct words faults;
	struct happened *v; /* v[i].number == i + 1 */
	size_t count;
	const char *verdict; /* NULL: it did not come to its end */
	uint64_t fingerprint;
	int64_t lab_ns;
};

struct recording {
	char *text; /* owned */
	struct recorded *run;
	size_t count;
};

/* Takes `text` (NUL-terminated, from malloc) over. 0, -EINVAL with the line, -ENOMEM. */
int recorded_parse(struct recording *r, char *text, struct err *e);
int recorded_read(struct recording *r, const char *path, struct err *e);
void recorded_fini(struct recording *r);

#endif
