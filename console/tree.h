/* SPDX-License-Identifier: MIT */
/* tree.h - how the switches among the sources hang together: the active spanning tree where they
 * run one, else the links as their ports' names tell them. Pure. */
#ifndef DW_CONSOLE_TREE_H
#define DW_CONSOLE_TREE_H

#include "console/model.h"

enum tree_kind {
	TREE_SWITCH,
	TREE_BLOCKED, /* a link that the spanning tree keeps silent */
	TREE_LOOP,    /* a link that closes a loop, and no spanning tree to break it */
};

struct tree_row {
	uint32_t source;
	uint32_t port; /* switch: towards the root, 0: none; else the link's */
	uint16_t depth;
	uint8_t kind;
};

/* Calls `row` for every row, root on top, what hangs on a switch below it. 0 or -ENOMEM. */
int tree_walk(const struct model *m, void (*row)(void *ctx, const struct tree_row *r), void *ctx);
/* The source at the other end of that port, as far as bridge addresses and names tell; -1: not
 * known. */
int tree_neighbour(const struct model *m, const struct source *s, const struct port *p);

#endif
