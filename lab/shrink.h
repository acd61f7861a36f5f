/* SPDX-License-Identifier: MIT */
/* shrink.h - a failing run made as small as it can be while it fails in the same way, and written
 * as a scenario of its own. What shrinks is data: the plan of faults and the sizes of shapes. */
#ifndef DW_LAB_SHRINK_H
#define DW_LAB_SHRINK_H

#include "lab/found.h"

/* apart.c: a test run in a process of its own, so that one that dies is a failure too. `o->verdict`
 * is VERDICT_TROUBLE if that was not possible. */
void apart_run(const struct run_options *o, const struct world_kind *kind,
	       const struct script_env *env, const char *test, struct outcome *out);
void apart_died(struct outcome *out, int signo); /* what is said of one that died */

/* shrink_plan.c: makes words->v[at] the `nth` weaker fault than `was`, of 0..SHRINK_WAYS-1. False:
 * this way it cannot be weaker. */
enum { SHRINK_WAYS = 22 };
bool shrink_weaker(struct words *faults, size_t at, const char *was, unsigned nth);

/* shrink_text.c: the scenario with this plan, these sizes (of its shapes, in the order of its
 * sites), this seed, and of its tests only those that begin in `test_line`. malloc()ed; NULL with
 * words. */
struct shrunk {
	const struct script *script; /* of `text`, for its sites and tests */
	const char *text;
	int test_line;
	uint64_t seed;
	const struct words *faults;
	const struct script_site *sizes;
	size_t nsizes;
};
char *shrink_text(const struct shrunk *s, struct err *e);
/* Can the size at this site be written anew? It stands there in figures, and once. */
bool shrink_sizable(const struct script *s, const char *text, size_t site);

/* shrink.c: each distinct failure as a scenario, PATH.lua, PATH-2.lua or in the folder PATH. Says
 * on stderr what became of each. 0, or an exit code. */
int shrink_all(const struct run_options *o, const struct found *f, const char *path);

#endif
