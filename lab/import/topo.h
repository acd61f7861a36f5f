/* SPDX-License-Identifier: MIT */
/* topo.h - a network that somebody else's file describes: nodes by the file's own identifiers,
 * links with the keys of cables. Readers fill it, topo_finish() gives names, kinds and delays.
 * Pure. */
#ifndef DW_LAB_IMPORT_TOPO_H
#define DW_LAB_IMPORT_TOPO_H

#include <stdbool.h>
#include <stddef.h>

#include "lab/plan.h"
#include "lib/base/err.h"

enum { TOPO_NODES_MAX = 16384, TOPO_LINKS_MAX = 65536 };

enum topo_kind { TOPO_ANY, TOPO_SWITCH, TOPO_HOST };

struct topo_node {
	char *id, *label;         /* the file's; label NULL: the id says it */
	char name[NODE_NAME_MAX]; /* ours, once finished */
	enum topo_kind kind;      /* finished: a switch, or a host with one link */
	unsigned links;
	bool has_lat, has_lon;
	double lat, lon; /* degrees */
};

struct topo_link {
	unsigned a, b;
	struct words keys; /* "delay=5ms" */
};

struct topo {
	struct topo_node *node;
	struct topo_link *link;
	size_t nnodes, nlinks, node_room, link_room;
	unsigned *index; /* by id: number + 1, open addressing */
	size_t index_room;
};

void topo_fini(struct topo *t); /* zeroed is empty */

/* All: negative errno with words: -ENOMEM, -ENOSPC (too many), -EINVAL. */
int topo_node(struct topo *t, const char *id, struct err *e); /* its number; made if it is new */
int topo_link(struct topo *t, unsigned a, unsigned b, struct err *e); /* its number */
int topo_label(struct topo *t, unsigned node, const char *label, struct err *e);
int topo_key(struct topo *t, unsigned link, const char *key, const char *value, struct err *e);
/* attr.c: what the attributes of graph files mean to us; unknown ones mean nothing. */
int topo_node_attr(struct topo *t, unsigned node, const char *name, const char *value,
		   struct err *e);
int topo_link_attr(struct topo *t, unsigned link, const char *name, const char *value,
		   struct err *e);
/* Once: names that a lab takes and that differ, hosts, delays from distances. */
int topo_finish(struct topo *t, struct err *e);

#endif
