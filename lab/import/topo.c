/* SPDX-License-Identifier: MIT */
/* topo.c - nodes and links as a reader finds them, and what a lab makes of them. */
#include "lab/import/topo.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/import/distance.h"
#include "lib/base/units.h"

static int no_memory(struct err *e)
{
	return err_set(e, -ENOMEM, "out of memory");
}

void topo_fini(struct topo *t)
{
	for (size_t i = 0; i < t->nnodes; i++) {
		free(t->node[i].id);
		free(t->node[i].label);
	}
	for (size_t i = 0; i < t->nlinks; i++)
		words_fini(&t->link[i].keys);
	free(t->node);
	free(t->link);
	free(t->index);
	*t = (struct topo){ 0 };
}

/* ---- nodes by their identifiers ---- */

static uint64_t id_hash(const char *id) /* FNV-1a */
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);
	for (; *id; id++)
		h = (h ^ (uint8_t)*id) * UINT64_C(0x100000001b3);
	return h;
}

static unsigned *slot_of(const struct topo *t, const char *id)
{
	size_t mask = t->index_room - 1, i = id_hash(id) & mask;
	while (t->index[i] && strcmp(t->node[t->index[i] - 1].id, id) != 0)
		i = (i + 1) & mask;
	return &t->index[i];
}

static int grow_index(struct topo *t)
{
	if (2 * (t->nnodes + 1) <= t->index_room)
		return 0;
	size_t room = t->index_room ? 2 * t->index_room : 64;
	unsigned *index = calloc(room, sizeof *index);
	if (!index)
		return -ENOMEM;
	free(t->index);
	t->index = index;
	t->index_room = room;
	for (size_t i = 0; i < t->nnodes; i++)
		*slot_of(t, t->node[i].id) = (unsigned)i + 1;
	return 0;
}

static int grow(void **v, size_t *room, size_t count, size_t size)
{
	if (count < *room)
		return 0;
	size_t next = *room ? *room * 2 : 16;
	void *more = realloc(*v, next * size);
	if (!more)
		return -ENOMEM;
	*v = more;
	*room = next;
	return 0;
}

int topo_node(struct topo *t, const char *id, struct err *e)
{
	void *v = t->node;
	if (grow_index(t) < 0)
		return no_memory(e);
	unsigned *slot = slot_of(t, id);
	if (*slot)
		return (int)*slot - 1;
	if (t->nnodes == TOPO_NODES_MAX)
		return err_set(e, -ENOSPC, "more than %d nodes", TOPO_NODES_MAX);
	int r = grow(&v, &t->node_room, t->nnodes, sizeof *t->node);
	t->node = v;
	if (r < 0)
		return no_memory(e);
	struct topo_node *n = &t->node[t->nnodes];
	*n = (struct topo_node){ .id = strdup(id) };
	if (!n->id)
		return no_memory(e);
	*slot = (unsigned)++t->nnodes;
	return (int)t->nnodes - 1;
}

int topo_label(struct topo *t, unsigned node, const char *label, struct err *e)
{
	struct topo_node *n = &t->node[node];
	free(n->label);
	n->label = strdup(label);
	return n->label ? 0 : no_memory(e);
}

/* ---- links ---- */

int topo_link(struct topo *t, unsigned a, unsigned b, struct err *e)
{
	void *v = t->link;
	if (t->nlinks == TOPO_LINKS_MAX)
		return err_set(e, -ENOSPC, "more than %d links", TOPO_LINKS_MAX);
	int r = grow(&v, &t->link_room, t->nlinks, sizeof *t->link);
	t->link = v;
	if (r < 0)
		return no_memory(e);
	t->link[t->nlinks] = (struct topo_link){ .a = a, .b = b };
	t->node[a].links++;
	t->node[b].links++;
	return (int)t->nlinks++;
}

int topo_key(struct topo *t, unsigned link, const char *key, const char *value, struct err *e)
{
	char word[128];
	if ((size_t)snprintf(word, sizeof word, "%s=%s", key, value) >= sizeof word)
		return err_set(e, -EINVAL, "%s: '%.20s...' is too long", key, value);
	return words_add(&t->link[link].keys, word) < 0 ? no_memory(e) : 0;
}

/* ---- what a lab makes of it ---- */

static bool plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Runs of anything else than letters and digits become one of '.', '_' or '-'; "--" stays the mark
 * of cables. */
static void clean(const char *from, char out[static NODE_NAME_MAX])
{
	size_t n = 0, most = NODE_NAME_MAX - 8; /* room for ".123" */
	char between = '\0';
	if (!((*from >= 'a' && *from <= 'z') || (*from >= 'A' && *from <= 'Z')))
		out[n++] = 'n';
	for (; *from && n + 1 < most; from++) {
		if (plain(*from)) {
			if (between && n)
				out[n++] = between;
			out[n++] = *from;
			between = '\0';
		} else if (!between) {
			between = *from == '.' || *from == '_' ? *from : '-';
		}
	}
	out[n] = '\0';
}

/* Of those with one name the second gets ".2", and so on. `names`: all that are taken, by name; in
 * `links` of each stands how far it was counted. */
static int differ(struct topo *names, struct topo_node *n, struct err *e)
{
	char base[NODE_NAME_MAX];
	memcpy(base, n->name, sizeof base);
	for (;;) {
		size_t before = names->nnodes;
		int r = topo_node(names, n->name, e);
		if (r < 0 || names->nnodes > before)
			return r < 0 ? r : 0;
		unsigned at = (unsigned)topo_node(names, base, e); /* it is there */
		unsigned count = ++names->node[at].links;
		snprintf(n->name, sizeof n->name, "%.24s.%u", base, count + 1);
	}
}

static int all_differ(struct topo *t, struct err *e)
{
	struct topo names = { 0 };
	int r = 0;
	for (size_t i = 0; i < t->nnodes && r == 0; i++)
		r = differ(&names, &t->node[i], e);
	topo_fini(&names);
	return r;
}

static bool has_key(const struct topo_link *l, const char *prefix)
{
	for (size_t i = 0; i < l->keys.count; i++)
		if (strncmp(l->keys.v[i], prefix, strlen(prefix)) == 0)
			return true;
	return false;
}

static int delays(struct topo *t, struct err *e)
{
	for (size_t i = 0; i < t->nlinks; i++) {
		const struct topo_node *a = &t->node[t->link[i].a], *b = &t->node[t->link[i].b];
		char text[UNIT_TEXT_LEN];
		if (!a->has_lat || !a->has_lon || !b->has_lat || !b->has_lon ||
		    has_key(&t->link[i], "delay="))
			continue;
		int64_t ns = distance_delay_ns(a->lat, a->lon, b->lat, b->lon);
		if (ns && topo_key(t, (unsigned)i, "delay", unit_time_text(text, ns), e) < 0)
			return -ENOMEM;
	}
	return 0;
}

int topo_finish(struct topo *t, struct err *e)
{
	for (size_t i = 0; i < t->nnodes; i++) {
		struct topo_node *n = &t->node[i];
		clean(n->label && *n->label ? n->label : n->id, n->name);
		if (n->kind == TOPO_ANY || n->links != 1)
			n->kind = n->links == 1 ? TOPO_HOST : TOPO_SWITCH;
	}
	int r = all_differ(t, e);
	return r < 0 ? r : delays(t, e);
}
