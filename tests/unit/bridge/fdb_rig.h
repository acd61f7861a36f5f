/* SPDX-License-Identifier: MIT */
/* fdb_rig.h - learning, looking and letting time pass, for tests of the address table. */
#ifndef DW_TESTS_UNIT_BRIDGE_FDB_RIG_H
#define DW_TESTS_UNIT_BRIDGE_FDB_RIG_H

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/ether.h"
#include "lib/base/heap.h"
#include "lib/base/units.h"
#include "switch/core/fdb.h"
#include "tests/unit/cmocka.h"

#define SEC(n) ((int64_t)(n)*NS_PER_SEC)

enum { PORTS = 8 };

static inline uint64_t mac(uint64_t n) /* the n-th individual address */
{
	return UINT64_C(0x020000000000) + n;
}

/* Both halves at once: 1 new or moved, 0 known, else why not. */
static inline int learn_was(struct fdb *f, uint64_t key, unsigned port, int64_t now, unsigned *was)
{
	static const int code[] = { [FDB_KNOWN] = 0,
				    [FDB_NEW] = 1,
				    [FDB_MOVED] = 1,
				    [FDB_FIXED] = -EEXIST,
				    [FDB_OVER_LIMIT] = -EDQUOT,
				    [FDB_FULL] = -ENOSPC };
	fdb_begin(f, now);
	struct fdb_meeting m = fdb_meet(f, key, port, now);
	if (m.verdict == FDB_OVER_LIMIT && fdb_recount(f, now))
		m = fdb_meet(f, key, port, now);
	fdb_note(f, key, port, now, &m);
	*was = m.was;
	return code[m.verdict];
}

static inline void run_ticks(struct fdb *f, int64_t now)
{
	while (fdb_next(f) <= now)
		fdb_tick(f, now);
}

static inline size_t count_at(struct fdb *f, int64_t now)
{
	struct fdb_counts c;
	fdb_counts(f, now, &c);
	return c.entries;
}

#endif
