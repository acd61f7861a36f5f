/* SPDX-License-Identifier: MIT */
/* ports_inner.h - what ports.c (endpoints and their frames) and ports_assign.c (which port for
 * whom, and its rules) share. Private to them. */
#ifndef DW_SWITCH_PORTS_INNER_H
#define DW_SWITCH_PORTS_INNER_H

#include "switch/ports.h"

struct slot { /* what stands behind one bridge port; made when first needed */
	unsigned port;
	struct ports_rule rule;
	struct ports_member *members;
	struct port_stats base; /* counters at the last reset */
	bool fresh;             /* nobody has plugged in yet */
	bool linked;            /* as told to the core */
	struct link_info info;
	bool dirty; /* settle() has to look at it */
	struct slot *next_dirty;
};

struct ports {
	struct loop *loop;
	struct pool *pool;
	struct bridge *bridge;
	const struct ports_notice *notice;
	void *ctx;
	struct slot **slots; /* by port number */
	unsigned room, count, last_id;
	struct slot *dirty;
	struct ports_member *ready, **ready_end; /* first come, first served */
};

struct slot *slot_of(const struct ports *p, unsigned port); /* NULL: nothing is known of it */
struct slot *slot_make(struct ports *p, unsigned port);     /* NULL: out of memory */
struct ports_member *member_new(struct ports *p, unsigned port, const char *module,
				int uid);                                 /* or NULL */
void add_member(struct ports *p, struct slot *s, struct ports_member *m); /* its endpoint is set */
void ports_settle(
	struct ports *p); /* acts on what endpoints have reported; never from inside the core */
extern const struct ep_host member_host; /* ctx is the member */

#endif
