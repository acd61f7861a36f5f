/* SPDX-License-Identifier: MIT */
/* look.h - a lab as it is once it has settled in virtual time, for pictures: over which cables
 * frames go, which switch is the root of the tree, who is in which VLAN. */
#ifndef DW_LAB_LOOK_H
#define DW_LAB_LOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lab/plan.h"
#include "lab/world.h"

enum { LOOK_VLANS_MAX = 64 }; /* told apart in a picture; more are drawn like none */

struct look {
	bool *waits;                    /* by cable: the tree keeps it from forwarding */
	bool *root;                     /* by node: a switch that is one */
	uint16_t *vlan;                 /* by node: an end's, 0: none */
	uint64_t *carries;              /* by cable: bit i set: vlans[i] crosses it */
	uint16_t vlans[LOOK_VLANS_MAX]; /* those that ends are in, in order */
	unsigned nvlans;
	bool trees; /* some switch runs a spanning tree */
};

/* Runs the lab until its trees have settled, at most a minute of its own time. 0, or negative errno
 * with words (-ENOTSUP: it has nodes that virtual time cannot have). */
int look_at(struct look *k, const struct world_setup *s, struct err *e);
void look_fini(struct look *k);
const char *look_colour(const struct look *k, uint16_t vlan); /* "#rrggbb"; NULL: none */

#endif
