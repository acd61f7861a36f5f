/* SPDX-License-Identifier: MIT */
/* lab.h - for tests of plans and of the world in virtual time: small labs and the calls made on
 * them. */
#ifndef DW_TESTS_UNIT_LAB_LAB_H
#define DW_TESTS_UNIT_LAB_LAB_H

#include "tests/unit/cmocka.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/world.h"
#include "lib/base/heap.h"
#include "lib/base/units.h"

static inline unsigned add_node(struct plan *p, enum node_kind kind, const char *name)
{
	struct err e = { "" };
	int r = plan_add_node(p, kind, name, &e);
	if (r < 0)
		fail_msg("%s", e.text);
	if (kind == NODE_SWITCH)
		p->nodes[r].numports = 32;
	return (unsigned)r;
}

static inline unsigned add_station(struct plan *p, const char *name, unsigned sw)
{
	struct err e = { "" };
	unsigned idx = add_node(p, NODE_STATION, name);
	if (plan_take_port(p, sw, name, NULL, &p->nodes[idx].plug, &e) < 0)
		fail_msg("%s", e.text);
	return idx;
}

static inline unsigned add_cable(struct plan *p, unsigned a, unsigned b, const char *key)
{
	struct err e = { "" };
	int r = plan_add_cable(p, a, b, NULL, NULL, NULL, &e);
	if (r < 0)
		fail_msg("%s", e.text);
	if (key)
		assert_int_equal(words_add(&p->cables[r].keys, key), 0);
	return (unsigned)r;
}

#endif
