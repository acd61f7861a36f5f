/* SPDX-License-Identifier: MIT */
/* dies.c - a planted bug: an assertion fails when a known address moves while the table is large.
 */
#include <assert.h>

#include "switch/core/pipeline.h"

void __real_learn_act(struct batch *t, unsigned i, const struct fdb_meeting *m);
void __wrap_learn_act(struct batch *t, unsigned i, const struct fdb_meeting *m);

void __wrap_learn_act(struct batch *t, unsigned i, const struct fdb_meeting *m)
{
	struct fdb_counts c;
	fdb_counts(t->b->fdb, t->now, &c);
	assert(m->verdict != FDB_MOVED || c.entries < 100);
	__real_learn_act(t, i, m);
}
