/* SPDX-License-Identifier: MIT */
/* draw.c - a picture of a lab as text, for a terminal. */
#include <stdlib.h>
#include <string.h>

#include "lab/draw.h"
#include "lab/lab.h"

/* "5ms, loss 1%": what is set on a cable, in the order of the script. */
void draw_label(const struct cable_spec *c, char *out, size_t room)
{
	size_t n = 0;
	out[0] = '\0';
	for (size_t i = 0; i < c->keys.count && n < room; i++) {
		const char *word = c->keys.v[i];
		bool delay = strncmp(word, "delay=", 6) == 0;
		n += (size_t)snprintf(out + n, room - n, "%s%s", n ? ", " : "",
				      delay ? word + 6 : word);
	}
}

void draw_ip(const struct node_spec *n, char out[static 20])
{
	snprintf(out, 20, "%u.%u.%u.%u", n->ip >> 24, n->ip >> 16 & 255, n->ip >> 8 & 255,
		 n->ip & 255);
}

static const char *kind_word(const struct node_spec *n)
{
	switch (n->kind) {
	case NODE_HOST:
		return "host";
	case NODE_VM:
		return "vm";
	case NODE_ATTACH:
		return "attached";
	case NODE_SWITCH:
	case NODE_STATION:
		break;
	}
	return "station";
}

/* ---- text: one line where the lab is one, else a tree with the cables that close loops named ----
 */

struct drawing {
	const struct plan *p;
	const struct look *look; /* NULL: nobody looked */
	FILE *to;
	const char *prefix;
	bool *seen;      /* switches already drawn */
	bool *used;      /* cables already drawn */
	size_t *degree;  /* cables at a switch */
	unsigned *first; /* by port owner: lists below */
	unsigned *next;
	char *stem; /* what stands left of a line */
	size_t stem_room;
};

/* Ends of cables by switch: list node 2 * cable + end, 0 ends (stored + 1). */
static bool index_cables(struct drawing *d)
{
	const struct plan *p = d->p;
	d->seen = calloc(p->nnodes + 1, sizeof *d->seen);
	d->used = calloc(p->ncables + 1, sizeof *d->used);
	d->degree = calloc(p->nnodes + 1, sizeof *d->degree);
	d->first = calloc(p->nnodes + 1, sizeof *d->first);
	d->next = calloc(2 * p->ncables + 2, sizeof *d->next);
	d->stem_room = 4 * p->nnodes + 8;
	d->stem = calloc(1, d->stem_room);
	if (!d->seen || !d->used || !d->degree || !d->first || !d->next || !d->stem)
		return false;
	for (size_t i = 2 * p->ncables; i > 0; i--) { /* backwards, so that lists are in order */
		unsigned sw = p->cables[(i - 1) / 2].end[(i - 1) % 2].node;
		d->next[i] = d->first[sw];
		d->first[sw] = (unsigned)i;
		d->degree[sw]++;
	}
	return true;
}

static void forget(struct drawing *d)
{
	free(d->seen);
	free(d->used);
	free(d->degree);
	free(d->first);
	free(d->next);
	free(d->stem);
}

static unsigned ends_at(const struct plan *p, unsigned sw, unsigned *which)
{
	unsigned n = 0;
	for (unsigned i = 0; i < p->nnodes; i++)
		if (p->nodes[i].kind != NODE_SWITCH && p->nodes[i].plug.node == sw && n++ == 0)
			*which = i;
	return n;
}

/* a -- s1 == 5ms == s2 -- b */
static bool draw_line(struct drawing *d)
{
	const struct plan *p = d->p;
	char text[200] = "", cable[80];
	unsigned at = 0, end = 0;
	size_t len = 0, switches = 0;
	for (unsigned i = 0; i < p->nnodes; i++) {
		if (p->nodes[i].kind != NODE_SWITCH)
			continue;
		switches++;
		if (d->degree[i] > 2 || ends_at(p, i, &end) > 1)
			return false;
	}
	while (at < p->nnodes && (p->nodes[at].kind != NODE_SWITCH || d->degree[at] != 1))
		at++;
	if (switches < 2 || at == p->nnodes || p->ncables != switches - 1)
		return false;
	if (ends_at(p, at, &end))
		len += (size_t)snprintf(text, sizeof text, "%s -- ", p->nodes[end].name);
	for (unsigned from = UINT32_MAX;;) {
		len += (size_t)snprintf(text + len, sizeof text - len, "%s", p->nodes[at].name);
		unsigned i = d->first[at];
		while (i && (i - 1) / 2 == from)
			i = d->next[i];
		if (!i || len >= 76)
			break;
		if (from != UINT32_MAX && ends_at(p, at, &end))
			return false; /* an end in the middle: a tree shows it */
		from = (i - 1) / 2;
		draw_label(&p->cables[from], cable, sizeof cable);
		len += (size_t)snprintf(text + len, sizeof text - len,
					*cable ? " == %s == " : " == ", cable);
		at = p->cables[from].end[i % 2].node;
	}
	if (ends_at(p, at, &end))
		len += (size_t)snprintf(text + len, sizeof text - len, " -- %s",
					p->nodes[end].name);
	if (len > 76)
		return false;
	fprintf(d->to, "%s%s\n", d->prefix, text);
	return true;
}

static void draw_ends(struct drawing *d, unsigned sw, bool more)
{
	const struct plan *p = d->p;
	unsigned first = 0, left = ends_at(p, sw, &first);
	for (unsigned i = first; i < p->nnodes && left; i++) {
		const struct node_spec *n = &p->nodes[i];
		char ip[20] = "";
		if (n->kind == NODE_SWITCH || n->plug.node != sw)
			continue;
		left--;
		if (n->ip && n->kind != NODE_ATTACH)
			draw_ip(n, ip);
		fprintf(d->to, "%s%s%s-- %s  %s %s", d->prefix, d->stem, left || more ? "|" : "`",
			n->name, kind_word(n), ip);
		if (d->look && d->look->vlan[i])
			fprintf(d->to, "  vlan %u", d->look->vlan[i]);
		fputc('\n', d->to);
	}
}

static bool undrawn(const struct drawing *d, unsigned i)
{
	while (i && d->used[(i - 1) / 2])
		i = d->next[i];
	return i != 0;
}

/* What crosses the cable, and what is at its far end. */
static void put_look(const struct drawing *d, unsigned cable, unsigned far)
{
	const struct look *k = d->look;
	const char *sep = "  vlan ";
	if (k && k->carries[cable])
		for (unsigned v = 0; v < k->nvlans; v++)
			if (k->carries[cable] >> v & 1) {
				fprintf(d->to, "%s%u", sep, k->vlans[v]);
				sep = ",";
			}
	if (k && k->waits[cable])
		fputs("  [waits]", d->to);
	if (k && k->root[far])
		fputs("  [root]", d->to);
	fputc('\n', d->to);
}

static void draw_switch(struct drawing *d, unsigned sw)
{
	const struct plan *p = d->p;
	size_t depth = strlen(d->stem);
	d->seen[sw] = true;
	draw_ends(d, sw, undrawn(d, d->first[sw]));
	for (unsigned i = d->first[sw]; i; i = d->next[i]) {
		unsigned c = (i - 1) / 2;
		if (d->used[c])
			continue;
		d->used[c] = true;
		unsigned far = p->cables[c].end[i % 2].node;
		bool more = undrawn(d, d->next[i]);
		char text[120];
		draw_label(&p->cables[c], text, sizeof text);
		fprintf(d->to, "%s%s%s== %s%s%s%s", d->prefix, d->stem, more ? "|" : "`",
			p->nodes[far].name, *text ? "  " : "", text,
			d->seen[far] ? "  (above)" : "");
		put_look(d, c, far);
		if (d->seen[far] || depth + 5 >= d->stem_room)
			continue;
		memcpy(d->stem + depth, more ? "|   " : "    ", 5);
		draw_switch(d, far);
		d->stem[depth] = '\0';
	}
}

/* A cable from here to another end: no switch leads to it. */
static bool joins_ends(const struct drawing *d, unsigned i)
{
	const struct plan *p = d->p;
	unsigned at = d->first[i];
	return at && p->nodes[i].kind != NODE_SWITCH &&
	       p->nodes[p->cables[(at - 1) / 2].end[at % 2].node].kind != NODE_SWITCH;
}

void draw_txt(const struct plan *p, const struct look *k, const char *prefix, FILE *to)
{
	struct drawing d = { .p = p, .look = k, .to = to, .prefix = prefix };
	bool more = k && (k->trees || k->nvlans); /* than a line has room for */
	if (index_cables(&d) && (more || !draw_line(&d)))
		for (unsigned i = 0; i < p->nnodes; i++)
			if (!d.seen[i] && (p->nodes[i].kind == NODE_SWITCH || joins_ends(&d, i))) {
				fprintf(to, "%s%s%s\n", prefix, p->nodes[i].name,
					k && k->root[i] ? "  [root]" : "");
				draw_switch(&d, i);
			}
	forget(&d);
}
