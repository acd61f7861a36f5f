/* SPDX-License-Identifier: MIT */
/* stay_inner.h - what stay.c and stay_save.c share. */
#ifndef DW_LAB_REAL_STAY_INNER_H
#define DW_LAB_REAL_STAY_INNER_H

#include "lab/real/real.h"
#include "lab/real/stay.h"
#include "lib/proto/out.h"

struct attached { /* what was plugged in later; the plan is frozen */
	char name[NODE_NAME_MAX];
	struct plug plug;
	char *locator;
};

struct stay {
	struct real *real;
	const struct plan *plan;
	struct mgmt *mgmt;
	struct cmd_table tables[1];
	struct cmd_set set;
	bool over;
	struct attached *attached;
	size_t nattached;
};

/* Writes the lab as it is now: what the plan says, with what switches and cables say of themselves.
 * 0, or negative errno with words. */
int stay_save(const struct stay *s, struct out *o, struct err *e);

#endif
