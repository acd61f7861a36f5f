/* SPDX-License-Identifier: MIT */
/* plan.c - nodes, cables and the names and numbers of ports, as the script gives them. */
#include "lab/plan.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/ether.h"

int words_add(struct words *w, const char *text)
{
	char **v = realloc(w->v, (w->count + 1) * sizeof *v);
	if (!v)
		return -ENOMEM;
	w->v = v;
	v[w->count] = strdup(text);
	if (!v[w->count])
		return -ENOMEM;
	w->count++;
	return 0;
}

void words_fini(struct words *w)
{
	for (size_t i = 0; i < w->count; i++)
		free(w->v[i]);
	free(w->v);
	*w = (struct words){ 0 };
}

void plan_init(struct plan *p, const char *name)
{
	*p = (struct plan){ 0 };
	snprintf(p->name, sizeof p->name, "%s", name);
}

static void node_fini(struct node_spec *n)
{
	words_fini(&n->lines);
	words_fini(&n->args);
	free(n->locator);
}

void plan_fini(struct plan *p)
{
	for (size_t i = 0; i < p->nnodes; i++)
		node_fini(&p->nodes[i]);
	for (size_t i = 0; i < p->ncables; i++)
		words_fini(&p->cables[i].keys);
	free(p->nodes);
	free(p->cables);
	free(p->index);
	*p = (struct plan){ 0 };
}

/* ---- names: one open-addressed table of nodes and cables, so that big labs build in linear time
 * ---- */

static uint64_t name_hash(const char *name) /* FNV-1a: order of the table is never seen */
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);
	for (; *name; name++)
		h = (h ^ (uint8_t)*name) * UINT64_C(0x100000001b3);
	return h;
}

static const char *named(const struct plan *p, struct plan_entry e)
{
	return e.cable ? p->cables[e.idx - 1].name : p->nodes[e.idx - 1].name;
}

/* The slot that holds `name`, or the free one where it belongs. */
static struct plan_entry *slot_of(const struct plan *p, const char *name)
{
	size_t mask = p->index_room - 1;
	size_t i = name_hash(name) & mask;
	while (p->index[i].idx && strcmp(named(p, p->index[i]), name) != 0)
		i = (i + 1) & mask;
	return &p->index[i];
}

static int index_room(struct plan *p) /* for one more, at most half full */
{
	size_t count = p->nnodes + p->ncables + 1;
	if (count * 2 <= p->index_room)
		return 0;
	struct plan next = *p;
	next.index_room = p->index_room ? p->index_room * 2 : 64;
	next.index = calloc(next.index_room, sizeof *next.index);
	if (!next.index)
		return -ENOMEM;
	for (size_t i = 0; i < p->index_room; i++)
		if (p->index[i].idx)
			*slot_of(&next, named(p, p->index[i])) = p->index[i];
	free(p->index);
	p->index = next.index;
	p->index_room = next.index_room;
	return 0;
}

static const struct plan_entry *find(const struct plan *p, const char *name)
{
	if (!p->index_room)
		return NULL;
	const struct plan_entry *e = slot_of(p, name);
	return e->idx ? e : NULL;
}

int plan_find_node(const struct plan *p, const char *name)
{
	const struct plan_entry *e = find(p, name);
	return e && !e->cable ? (int)e->idx - 1 : -ENOENT;
}

int plan_find_cable(const struct plan *p, const char *name)
{
	const struct plan_entry *e = find(p, name);
	return e && e->cable ? (int)e->idx - 1 : -ENOENT;
}

static bool name_byte(char c, bool first)
{
	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
		return true;
	return !first && c && ((c >= '0' && c <= '9') || strchr("._-", c));
}

static int name_ok(const struct plan *p, const char *name, size_t room, struct err *e)
{
	if (p->frozen)
		return err_set(e, -EBUSY, "%s: the lab is fixed once its tests run", name);
	for (const char *c = name; *c || c == name; c++)
		if (!name_byte(*c, c == name))
			return err_set(
				e, -EINVAL,
				"'%s' is no name: a letter, then letters, digits, '.', '_' or '-'",
				name);
	if (strlen(name) >= room)
		return err_set(e, -EINVAL, "%s: a name has at most %zu characters", name, room - 1);
	if (find(p, name))
		return err_set(e, -EEXIST, "%s: there is one of this name already", name);
	return 0;
}

/* Room for one more in *v, which holds `count` members of `size`. */
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

static int no_memory(struct err *e)
{
	return err_set(e, -ENOMEM, "out of memory");
}

int plan_add_node(struct plan *p, enum node_kind kind, const char *name, struct err *e)
{
	int r = name_ok(p, name, NODE_NAME_MAX, e);
	if (r < 0)
		return r;
	if (p->nnodes == PLAN_NODES_MAX)
		return err_set(e, -ENOSPC, "%s: a lab has at most %d nodes", name, PLAN_NODES_MAX);
	void *v = p->nodes;
	r = grow(&v, &p->node_room, p->nnodes, sizeof *p->nodes);
	p->nodes = v;
	if (r < 0 || index_room(p) < 0)
		return no_memory(e);
	struct node_spec *n = &p->nodes[p->nnodes];
	*n = (struct node_spec){ .kind = kind };
	snprintf(n->name, sizeof n->name, "%s", name);
	/* Locally administered, readable: ends 02:…, switches 06:…, numbered as they were made. */
	uint64_t ordinal = kind == NODE_SWITCH ? ++p->nswitches : ++p->nends;
	mac_from_u64(n->mac,
		     (kind == NODE_SWITCH ? UINT64_C(0x06) << 40 : UINT64_C(0x02) << 40) | ordinal);
	if (kind != NODE_SWITCH) {
		n->plug.node = PLAN_NOWHERE;
		n->ip = UINT32_C(10) << 24 | (uint32_t)ordinal;
		n->prefix = 8;
	}
	*slot_of(p, name) = (struct plan_entry){ .idx = (unsigned)++p->nnodes };
	return (int)p->nnodes - 1;
}

int plan_blame(const char *file, int line, const char *name, int code, struct err *e)
{
	char where[300];
	if (file)
		snprintf(where, sizeof where, "%s:%d: %s", file, line, name);
	else
		snprintf(where, sizeof where, "%s", name);
	return err_prefix(e, code, where);
}

/* ---- ports ---- */

static const char *given_name(const struct words *keys)
{
	for (size_t i = 0; keys && i < keys->count; i++)
		if (strncmp(keys->v[i], "name=", 5) == 0)
			return keys->v[i] + 5;
	return NULL;
}

unsigned plan_port_named(const struct node_spec *sw, const char *name)
{
	char word[NODE_NAME_MAX + 8];
	int len = snprintf(word, sizeof word, " name=%s", name);
	for (size_t i = sw->lines.count; i > 0; i--) { /* the latest holds */
		const char *line = sw->lines.v[i - 1];
		const char *at = strncmp(line, "port/set ", 9) == 0 ? strstr(line, word) : NULL;
		if (at && (at[len] == ' ' || at[len] == '\0'))
			return (unsigned)strtoul(line + 9, NULL, 10);
	}
	return 0;
}

/* `what` for the first, `what.2`, `what.3` … for the next; too long a name is cut from the right.
 */
static void port_name(const struct node_spec *sw, const char *what, char out[static NODE_NAME_MAX])
{
	snprintf(out, NODE_NAME_MAX, "%.*s", NODE_NAME_MAX - 1, what);
	for (unsigned n = 2; plan_port_named(sw, out); n++)
		snprintf(out, NODE_NAME_MAX, "%.*s.%u", NODE_NAME_MAX - 8, what, n);
}

enum { PORT_LINE_MAX = 2048, PORTS_MAX = 65535 };

/* May switch `n` give away `need` ports, one of them with these keys? */
static int port_ok(const struct node_spec *n, const char *what, const struct words *keys,
		   unsigned need, struct err *e)
{
	if (n->kind != NODE_SWITCH)
		return err_set(e, -EINVAL, "%s is no switch: only a switch has ports", n->name);
	if ((n->ports_given ? n->numports : PORTS_MAX) - n->used < need)
		return err_set(e, -ENOSPC, "%s: all %u ports are taken; give it more (ports = N)",
			       n->name, n->numports);
	size_t len = 2 * NODE_NAME_MAX; /* "port/set 65535 name=..." */
	for (size_t i = 0; keys && i < keys->count; i++)
		len += strlen(keys->v[i]) + 1;
	return len < PORT_LINE_MAX ? 0
				   : err_set(e, -EINVAL, "%s: too many keys for one port", what);
}

int plan_take_port(struct plan *p, unsigned sw, const char *what, const struct words *keys,
		   struct plug *out, struct err *e)
{
	assert(sw < p->nnodes);
	struct node_spec *n = &p->nodes[sw];
	int r = port_ok(n, what, keys, 1, e);
	if (r < 0)
		return r;
	char line[PORT_LINE_MAX], name[NODE_NAME_MAX];
	int len = snprintf(line, sizeof line, "port/set %u", n->used + 1);
	if (!given_name(keys)) {
		port_name(n, what, name);
		len += snprintf(line + len, sizeof line - len, " name=%s", name);
	}
	for (size_t i = 0; keys && i < keys->count; i++)
		len += snprintf(line + len, sizeof line - len, " %s", keys->v[i]);
	if (words_add(&n->lines, line) < 0)
		return no_memory(e);
	*out = (struct plug){ .node = sw, .port = ++n->used };
	if (n->numports < n->used)
		n->numports = n->used;
	return 0;
}

/* "a--b", then "a--b.2", "a--b.3" … */
static void cable_name(const struct plan *p, unsigned a, unsigned b,
		       char out[static CABLE_NAME_MAX])
{
	const char *an = p->nodes[a].name, *bn = p->nodes[b].name;
	snprintf(out, CABLE_NAME_MAX, "%s--%s", an, bn);
	for (unsigned n = 2; find(p, out); n++)
		snprintf(out, CABLE_NAME_MAX, "%s--%s.%u", an, bn, n);
}

/* May a cable go in at `n`, with `need` of its ports? */
static int cable_end_ok(const struct node_spec *n, const char *name, const struct words *keys,
			unsigned need, struct err *e)
{
	if (n->kind == NODE_SWITCH)
		return port_ok(n, name, keys, need, e);
	if (need > 1)
		return err_set(e, -EINVAL, "%s: a cable of %s to itself", name, n->name);
	if (n->plug.node != PLAN_NOWHERE)
		return err_set(
			e, -EBUSY,
			"%s is plugged in already; leave its switch out to put it on a cable",
			n->name);
	if (n->at_cable)
		return err_set(e, -EBUSY, "%s has one plug, and that is at another cable", n->name);
	if (keys && keys->count)
		return err_set(e, -EINVAL, "%s is no switch: its end has no port keys", n->name);
	return 0;
}

static int plug_cable(struct plan *p, unsigned at, unsigned far, const struct words *keys,
		      struct plug *out, struct err *e)
{
	if (p->nodes[at].kind == NODE_SWITCH)
		return plan_take_port(p, at, p->nodes[far].name, keys, out, e);
	p->nodes[at].at_cable = true;
	*out = (struct plug){ .node = at };
	return 0;
}

static struct cable_spec *new_cable(struct plan *p, struct err *e)
{
	if (p->ncables == PLAN_CABLES_MAX) {
		err_set(e, -ENOSPC, "a lab has at most %d cables", PLAN_CABLES_MAX);
		return NULL;
	}
	void *v = p->cables;
	int r = grow(&v, &p->cable_room, p->ncables, sizeof *p->cables);
	p->cables = v;
	if (r < 0 || index_room(p) < 0) {
		no_memory(e);
		return NULL;
	}
	struct cable_spec *c = &p->cables[p->ncables];
	*c = (struct cable_spec){ 0 };
	return c;
}

int plan_add_cable(struct plan *p, unsigned a, unsigned b, const char *name,
		   const struct words *port_a, const struct words *port_b, struct err *e)
{
	char made[CABLE_NAME_MAX];
	if (!name) {
		cable_name(p, a, b, made);
		name = made;
	}
	int r = name_ok(p, name, CABLE_NAME_MAX, e);
	if (!r)
		r = cable_end_ok(&p->nodes[a], name, port_a, 1 + (a == b), e);
	if (!r)
		r = cable_end_ok(&p->nodes[b], name, port_b, 1, e);
	if (r < 0)
		return r;
	struct cable_spec *c = new_cable(p, e);
	if (!c)
		return p->ncables == PLAN_CABLES_MAX ? -ENOSPC : -ENOMEM;
	snprintf(c->name, sizeof c->name, "%s", name);
	r = plug_cable(p, a, b, port_a, &c->end[0], e);
	if (!r)
		r = plug_cable(p, b, a, port_b, &c->end[1], e);
	if (r < 0)
		return r;
	*slot_of(p, name) = (struct plan_entry){ .idx = (unsigned)++p->ncables, .cable = true };
	return (int)p->ncables - 1;
}

int plan_complete(const struct plan *p, struct err *e)
{
	for (size_t i = 0; i < p->nnodes; i++) {
		const struct node_spec *n = &p->nodes[i];
		if (n->kind == NODE_SWITCH || n->plug.node != PLAN_NOWHERE || n->at_cable)
			continue;
		err_set(e, -EINVAL,
			"plugged in nowhere: name its switch or join it with net.cable");
		return plan_blame(n->file, n->line, n->name, -EINVAL, e);
	}
	return 0;
}
