/* SPDX-License-Identifier: MIT */
/* containerlab.c - topology.nodes and topology.links of containerlab. Of a node counts its kind: a
 * bridge is a switch, all else is a host if it has one link. Of a link count its two endpoints,
 * written "node:interface" or as {node, interface}. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lab/import/import.h"
#include "lib/ext/yamlread.h"

enum { DEPTH_MAX = 72, NAME_MAX_LEN = 128 };

struct reader {
	struct topo *t;
	struct err *e;
	char key[DEPTH_MAX][NAME_MAX_LEN]; /* the way down: the latest key at each depth */
	unsigned depth;
	int node;   /* of topology.nodes, being read; -1: none */
	int end[2]; /* of the link being read */
	unsigned ends;
};

static bool below(const struct reader *r, unsigned depth, const char *list)
{
	return r->depth >= depth && strcmp(r->key[1], "topology") == 0 &&
	       strcmp(r->key[2], list) == 0;
}

static int take_end(struct reader *r, const char *text) /* "node:eth1" */
{
	char name[NAME_MAX_LEN];
	snprintf(name, sizeof name, "%.*s", (int)strcspn(text, ":"), text);
	if (!*name)
		return err_set(r->e, -EINVAL, "a link without a node: '%.40s'", text);
	int n = topo_node(r->t, name, r->e);
	if (r->ends < 2)
		r->end[r->ends] = n;
	r->ends++;
	return n < 0 ? n : 0;
}

static int scalar(void *ctx, const char *text)
{
	struct reader *r = ctx;
	/* topology.nodes.NAME.kind */
	if (r->depth == 4 && below(r, 4, "nodes") && r->node >= 0 &&
	    strcmp(r->key[4], "kind") == 0 &&
	    (strcmp(text, "bridge") == 0 || strcmp(text, "ovs-bridge") == 0))
		r->t->node[r->node].kind = TOPO_SWITCH;
	/* topology.links[].endpoints[] and topology.links[].endpoints[].node */
	if (below(r, 5, "links") && strcmp(r->key[4], "endpoints") == 0 &&
	    (r->depth == 5 || (r->depth == 6 && strcmp(r->key[6], "node") == 0)))
		return take_end(r, text);
	return 0;
}

static int opened(void *ctx, bool list)
{
	struct reader *r = ctx;
	(void)list;
	if (++r->depth == DEPTH_MAX)
		return err_set(r->e, -EINVAL, "nested too deeply");
	r->key[r->depth][0] = '\0';
	if (r->depth == 4 && below(r, 4, "links"))
		r->ends = 0;
	return 0;
}

static int key(void *ctx, const char *name)
{
	struct reader *r = ctx;
	snprintf(r->key[r->depth], NAME_MAX_LEN, "%.127s", name);
	if (r->depth != 3 || !below(r, 3, "nodes") || !*name)
		return 0;
	r->node = topo_node(r->t, name, r->e);
	return r->node < 0 ? r->node : 0;
}

static int closed(void *ctx, bool list)
{
	struct reader *r = ctx;
	int code = 0;
	(void)list;
	if (r->depth == 4 && below(r, 4, "links") && r->ends == 2) {
		int l = topo_link(r->t, (unsigned)r->end[0], (unsigned)r->end[1], r->e);
		code = l < 0 ? l : 0;
	}
	r->depth--;
	return code;
}

int containerlab_read(const char *text, size_t len, struct topo *t, struct err *e)
{
	static const struct yaml_sink sink = { scalar, opened, key, closed };
	struct reader r = { .t = t, .e = e, .node = -1 };
	return yaml_read(text, len, &sink, &r, e);
}
