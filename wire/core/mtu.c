/* SPDX-License-Identifier: MIT */
/* mtu.c - frames longer than `mtu` (whole frame, without check sequence) do not fit and are
 * dropped. */
#include "wire/core/side.h"

static bool mtu_wanted(const struct side *s)
{
	return s->law->mtu > 0;
}

static void mtu_enter(struct run *r, const struct stage *const *at, struct pass *p)
{
	if (p->f.len > r->s->law->mtu)
		pass_drop(r->s, p, DROP_MTU);
	else
		pass_on(r, at, p);
}

const struct stage stage_mtu = { .name = "mtu", .wanted = mtu_wanted, .enter = mtu_enter };
