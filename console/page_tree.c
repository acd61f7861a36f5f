/* SPDX-License-Identifier: MIT */
/* page_tree.c - the spanning tree of all sources, root on top, blocked links where they are. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "console/text.h"
#include "console/tree.h"
#include "console/ui.h"

enum { DEPTH_SHIFT = 20, KIND_SHIFT = 17, PORT_MASK = (1 << 17) - 1 }; /* what ref.idx holds */

static unsigned depth_of(const struct ref *r)
{
	return r->idx >> DEPTH_SHIFT;
}

static enum tree_kind kind_of(const struct ref *r)
{
	return (enum tree_kind)(r->idx >> KIND_SHIFT & 7);
}

static const struct port *port_of(const struct model *m, const struct ref *r)
{
	return source_port(m->source[r->source], r->idx & PORT_MASK);
}

static void add_row(void *ctx, const struct tree_row *t)
{
	uint32_t depth = t->depth < 4000 ? t->depth : 4000;
	uint64_t id = (uint64_t)(t->source + 1) << 32 | (t->kind == TREE_SWITCH ? 0 : t->port + 1);
	refs_add(ctx, t->source,
		 depth << DEPTH_SHIFT | (uint32_t)t->kind << KIND_SHIFT | (t->port & PORT_MASK),
		 id);
}

static void fill(const struct model *m, const struct list *l, struct refs *rows)
{
	(void)l;
	if (tree_walk(m, add_row, rows) < 0)
		rows->oom = true;
}

/* ---- columns ---- */

static void show_node(const struct model *m, const struct ref *r, struct shown *s)
{
	const struct source *src = m->source[r->source];
	const struct port *p = port_of(m, r);
	unsigned depth = depth_of(r) < 40 ? depth_of(r) : 40;
	int indent = depth ? 2 * (int)depth - 2 : 0;
	if (kind_of(r) == TREE_SWITCH) {
		show_source(m, r, s);
		show(s, s->style, "%*s%s%s", indent, "", depth ? "└ " : "", src->name);
		return;
	}
	int to = p ? tree_neighbour(m, src, p) : -1;
	show(s, ST_BAD, "%*s✗ port %" PRIu32 "%s%s", indent, "", p ? p->number : 0,
	     p && (to >= 0 || p->name[0]) ? " to " : "",
	     to >= 0 ? m->source[to]->name
	     : p     ? p->name
		     : "");
}

static void show_port(const struct model *m, const struct ref *r, struct shown *s)
{
	const struct port *p = port_of(m, r);
	if (kind_of(r) == TREE_SWITCH && p)
		show(s, ST_PLAIN, "%" PRIu32 "%s%s", p->number, p->name[0] ? " " : "", p->name);
}

static void show_role(const struct model *m, const struct ref *r, struct shown *s)
{
	const struct source *src = m->source[r->source];
	const struct port *p = port_of(m, r);
	if (kind_of(r) == TREE_LOOP)
		show(s, ST_BAD, "loop");
	else if (!source_can(src, "rstp/print"))
		show(s, ST_DIM, "no rstp/print");
	else if (!src->rstp_on)
		show(s, ST_DIM, "off");
	else if (p)
		show(s, kind_of(r) == TREE_SWITCH ? ST_PLAIN : ST_WARN, "%s",
		     stp_role_name(p->role));
	else
		show(s, ST_GOOD, "is the root");
}

static void show_state(const struct model *m, const struct ref *r, struct shown *s)
{
	const struct port *p = port_of(m, r);
	if (p && m->source[r->source]->rstp_on)
		show(s, alive(m, r, p->state == STP_FORWARDING ? ST_GOOD : ST_WARN), "%s",
		     stp_state_name(p->state));
}

static void show_cost(const struct model *m, const struct ref *r, struct shown *s)
{
	const struct port *p = port_of(m, r);
	if (p && p->cost)
		show(s, ST_PLAIN, "%" PRIu32, p->cost);
}

static void show_bridge(const struct model *m, const struct ref *r, struct shown *s)
{
	const struct source *src = m->source[r->source];
	if (kind_of(r) == TREE_SWITCH)
		show(s, ST_DIM, "%s", src->bridge[0] ? src->bridge : src->mac);
}

static const struct column columns[] = {
	{ "switch, blocked link", 20, 0, false, 4, show_node, NULL },
	{ "root port", 9, 2, false, 1, show_port, NULL },
	{ "role", 11, 0, false, 0, show_role, NULL },
	{ "state", 10, 3, false, 0, show_state, NULL },
	{ "cost", 7, 4, true, 0, show_cost, NULL },
	{ "bridge", 23, 5, false, 0, show_bridge, NULL },
};

static void words(const struct model *m, const struct ref *r, char *buf, size_t size)
{
	const struct port *p = port_of(m, r);
	snprintf(buf, size, "%s %s %s %s", m->source[r->source]->name, p ? p->name : "",
		 p ? stp_role_name(p->role) : "root", kind_of(r) == TREE_SWITCH ? "" : "blocked");
}

static void detail(const struct model *m, const struct ref *r, struct grid *g, int y, int lines)
{
	unsigned with = 0, off = 0, without = 0;
	const struct source *s = m->source[r->source];
	for (unsigned i = 0; i < m->source_count; i++) {
		if (m->source[i]->kind != KIND_SWITCH)
			continue;
		if (!source_can(m->source[i], "rstp/print"))
			without++;
		else if (m->source[i]->rstp_on)
			with++;
		else
			off++;
	}
	if (lines > 1)
		grid_print(g, 0, y++, g->w, ST_DIM, "%s: %s%s%s", s->name,
			   s->rstp_on ? "root " : "no spanning tree here",
			   s->rstp_on ? s->root : "",
			   s->bridge[0] && !strcmp(s->bridge, s->root) ? ", itself" : "");
	if (without || off)
		grid_print(g, 0, y, g->w, ST_WARN,
			   "%u with spanning tree, %u have it off, %u have none to print: links by "
			   "name",
			   with, off, without);
	else
		grid_print(g, 0, y, g->w, ST_DIM, "%u switch%s with spanning tree", with,
			   with == 1 ? "" : "es");
}

static void key_up(struct ui *u, const struct model *m, const struct ref *r)
{
	const struct port *p = port_of(m, r);
	if (p)
		ui_ask(u, r->source, "port/up %" PRIu32, p->number);
	else
		ui_say(u, ST_DIM, "%s: no port towards a root", m->source[r->source]->name);
}

static void key_down(struct ui *u, const struct model *m, const struct ref *r)
{
	const struct port *p = port_of(m, r);
	if (p)
		ui_ask(u, r->source, "port/down %" PRIu32, p->number);
	else
		ui_say(u, ST_DIM, "%s: no port towards a root", m->source[r->source]->name);
}

static void key_why(struct ui *u, const struct model *m, const struct ref *r)
{
	const struct port *p = port_of(m, r);
	char line[32];
	if (!source_can(m->source[r->source], "rstp/why")) {
		ui_say(u, ST_WARN, "%s has no rstp/why", m->source[r->source]->name);
		return;
	}
	snprintf(line, sizeof line, p ? "rstp/why %" PRIu32 : "rstp/print", p ? p->number : 0);
	ui_send(u, r->source, line);
}

static const struct key keys[] = {
	{ UI_ENTER, "Enter", "why", "why this port has this role", false, false, key_why },
	{ 'u', "u", "up", "let frames cross the port of this row", true, false, key_up },
	{ 'd', "d", "down", "let nothing cross the port of this row", true, false, key_down },
	{ 0 },
};

const struct page page_tree = {
	.name = "tree",
	.wants = WANT_TREE | WANT_PORTS,
	.columns = columns,
	.column_count = sizeof columns / sizeof *columns,
	.keys = keys,
	.detail_lines = 2,
	.fill = fill,
	.words = words,
	.detail = detail,
	.empty = no_switch,
};
