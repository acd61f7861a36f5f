/* SPDX-License-Identifier: MIT */
/* look.c - asks every switch of a lab in virtual time what its ports do. */
#include "lab/look.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/ether.h"
#include "lib/base/heap.h"
#include "lib/base/units.h"
#include "lib/ext/jsonread.h"

enum { SETTLES_S = 60 };

struct port {
	bool forwarding, on_its_way, transparent;
	uint16_t pvid;
	uint64_t allow[(VID_MAX + 64) / 64];
};

/* ---- what a switch says, as JSON ---- */

struct reading {
	struct port *ports; /* of one switch, by number */
	unsigned nports;
	unsigned depth;
	char key[24];
	bool in_allow;
	bool config; /* port/config is read, else rstp/print */
	/* of the port being read */
	unsigned port;
	bool forwarding, transparent, designated;
	uint16_t pvid;
	uint64_t allow[(VID_MAX + 64) / 64];
	/* of the switch */
	bool enabled;
	char root[40], bridge[40];
};

static void nothing(void *ctx)
{
	(void)ctx;
}

static void boolean(void *ctx, bool v)
{
	struct reading *r = ctx;
	if (r->depth == 1 && strcmp(r->key, "enabled") == 0)
		r->enabled = v;
}

static void integer(void *ctx, int64_t v)
{
	struct reading *r = ctx;
	if (r->depth == 3 && strcmp(r->key, "port") == 0)
		r->port = (unsigned)v;
	if (r->depth == 3 && strcmp(r->key, "pvid") == 0)
		r->pvid = (uint16_t)v;
}

static void real(void *ctx, double v)
{
	(void)ctx;
	(void)v;
}

static void allow_range(struct reading *r, const char *text) /* "10" or "20-30" */
{
	char *end;
	unsigned long a = strtoul(text, &end, 10), b = *end == '-' ? strtoul(end + 1, NULL, 10) : a;
	for (; a <= b && a <= VID_MAX; a++)
		r->allow[a / 64] |= UINT64_C(1) << a % 64;
}

static void string(void *ctx, const char *s, size_t len)
{
	struct reading *r = ctx;
	(void)len;
	if (r->in_allow)
		allow_range(r, s);
	else if (r->depth == 1 && strcmp(r->key, "root") == 0)
		snprintf(r->root, sizeof r->root, "%s", s);
	else if (r->depth == 1 && strcmp(r->key, "bridge") == 0)
		snprintf(r->bridge, sizeof r->bridge, "%s", s);
	else if (r->depth == 3 && strcmp(r->key, "state") == 0)
		r->forwarding = strcmp(s, "forwarding") == 0;
	else if (r->depth == 3 && strcmp(r->key, "role") == 0)
		r->designated = strcmp(s, "designated") == 0 || strcmp(s, "root") == 0;
	else if (r->depth == 3 && strcmp(r->key, "mode") == 0)
		r->transparent = strcmp(s, "transparent") == 0;
}

static void opened(void *ctx, bool list)
{
	struct reading *r = ctx;
	r->in_allow = list && r->depth == 3 && strcmp(r->key, "allow") == 0;
	if (++r->depth != 3)
		return;
	r->port = 0;
	r->forwarding = r->transparent = r->designated = false;
	r->pvid = 0;
	memset(r->allow, 0, sizeof r->allow);
}

static void key(void *ctx, const char *name)
{
	struct reading *r = ctx;
	snprintf(r->key, sizeof r->key, "%s", name);
}

static void closed(void *ctx, bool list)
{
	struct reading *r = ctx;
	r->in_allow = false;
	if (r->depth-- != 3 || list || r->port >= r->nports)
		return;
	struct port *p = &r->ports[r->port];
	if (r->config) {
		p->transparent = r->transparent;
		p->pvid = r->pvid;
		memcpy(p->allow, r->allow, sizeof p->allow);
	} else {
		p->forwarding = r->forwarding;
		p->on_its_way = r->designated != r->forwarding;
	}
}

static const struct json_sink sink = {
	nothing, boolean, integer, real, string, opened, key, closed
};

/* ---- asking ---- */

struct asked { /* by node; ports of switches */
	struct port **ports;
	bool *enabled;
};

static int ask(struct world *w, unsigned node, const char *line, struct reading *r, struct err *e)
{
	struct request q = { .verb = VERB_CMD, .who = { .index = node }, .line = line };
	struct call *c = w->ops->start(w, &q);
	if (!c)
		return err_set(e, -ENOMEM, "out of memory");
	int code = 0;
	while (!c->done && code >= 0)
		code = w->ops->step(w, TIME_NEVER, e);
	if (code >= 0)
		code = c->error;
	r->depth = 0;
	if (code == 0)
		code = json_read(c->text, c->len, &sink, r, e);
	w->ops->call_end(w, c);
	return code < 0 ? code : 0;
}

/* Of all switches; *moving: some port has not found its place yet. */
static int ask_all(struct world *w, struct look *k, struct asked *a, bool config, bool *moving,
		   struct err *e)
{
	const struct plan *p = w->setup->plan;
	*moving = false;
	for (unsigned i = 0; i < p->nnodes; i++) {
		struct reading r = { .ports = a->ports[i], .nports = p->nodes[i].used + 1 };
		if (p->nodes[i].kind != NODE_SWITCH || !r.ports)
			continue;
		memset(a->ports[i], 0, r.nports * sizeof *r.ports);
		int code = ask(w, i, "rstp/print", &r, e);
		r.config = true;
		if (code == 0 && config)
			code = ask(w, i, "port/config", &r, e);
		if (code < 0)
			return code;
		a->enabled[i] = r.enabled;
		k->trees |= r.enabled;
		k->root[i] = r.enabled && strcmp(r.root, r.bridge) == 0;
		for (unsigned n = 0; r.enabled && n < r.nports; n++)
			*moving |= r.ports[n].on_its_way;
	}
	return 0;
}

static int settle(struct world *w, struct look *k, struct asked *a, struct err *e)
{
	bool moving = true;
	int code = ask_all(w, k, a, false, &moving, e);
	for (unsigned s = 0; code >= 0 && k->trees && (moving || s < 2) && s < SETTLES_S; s++) {
		int64_t until = w->ops->now(w) + NS_PER_SEC;
		while ((code = w->ops->step(w, until, e)) > 0)
			;
		if (code == 0)
			code = ask_all(w, k, a, false, &moving, e);
	}
	return code < 0 ? code : ask_all(w, k, a, true, &moving, e);
}

/* ---- what it means ---- */

static bool in_vlan(const struct port *p, uint16_t v)
{
	return p->transparent || p->pvid == v || (p->allow[v / 64] >> v % 64 & 1);
}

static void note_vlan(struct look *k, uint16_t v)
{
	unsigned i = 0;
	while (i < k->nvlans && k->vlans[i] < v)
		i++;
	if (!v || k->nvlans == LOOK_VLANS_MAX || (i < k->nvlans && k->vlans[i] == v))
		return;
	memmove(&k->vlans[i + 1], &k->vlans[i], (k->nvlans++ - i) * sizeof *k->vlans);
	k->vlans[i] = v;
}

static bool blocked(const struct asked *a, const struct plug *p)
{
	return p->port && a->enabled[p->node] && !a->ports[p->node][p->port].forwarding;
}

static void conclude(struct look *k, const struct plan *p, const struct asked *a)
{
	for (unsigned i = 0; i < p->nnodes; i++) {
		const struct node_spec *n = &p->nodes[i];
		if (!n->plug.port)
			continue;
		k->vlan[i] = n->tag ? n->tag : a->ports[n->plug.node][n->plug.port].pvid;
		note_vlan(k, k->vlan[i]);
	}
	for (unsigned c = 0; c < p->ncables; c++) {
		const struct plug *end = p->cables[c].end;
		k->waits[c] = blocked(a, &end[0]) || blocked(a, &end[1]);
		for (unsigned v = 0; v < k->nvlans; v++) {
			bool there = true;
			for (unsigned i = 0; i < 2; i++)
				there &= !end[i].port ||
					 in_vlan(&a->ports[end[i].node][end[i].port], k->vlans[v]);
			if (there)
				k->carries[c] |= UINT64_C(1) << v;
		}
	}
}

static bool make_room(struct look *k, struct asked *a, const struct plan *p)
{
	*k = (struct look){
		.waits = calloc(p->ncables + 1, sizeof *k->waits),
		.root = calloc(p->nnodes + 1, sizeof *k->root),
		.vlan = calloc(p->nnodes + 1, sizeof *k->vlan),
		.carries = calloc(p->ncables + 1, sizeof *k->carries),
	};
	*a = (struct asked){ calloc(p->nnodes + 1, sizeof *a->ports),
			     calloc(p->nnodes + 1, sizeof *a->enabled) };
	bool good = k->waits && k->root && k->vlan && k->carries && a->ports && a->enabled;
	for (unsigned i = 0; good && i < p->nnodes; i++)
		if (p->nodes[i].kind == NODE_SWITCH) {
			a->ports[i] = calloc(p->nodes[i].used + 1, sizeof **a->ports);
			good = a->ports[i];
		}
	return good;
}

static void forget(struct asked *a, const struct plan *p)
{
	for (unsigned i = 0; a->ports && i < p->nnodes; i++)
		free(a->ports[i]);
	free(a->ports);
	free(a->enabled);
}

int look_at(struct look *k, const struct world_setup *s, struct err *e)
{
	struct world *w = NULL;
	struct asked a;
	if (!make_room(k, &a, s->plan)) {
		forget(&a, s->plan);
		look_fini(k);
		return err_set(e, -ENOMEM, "out of memory");
	}
	int r = world_sim.open(&w, s, e);
	if (r == 0 && w) {
		r = settle(w, k, &a, e);
		w->ops->free(w);
	}
	if (r == 0)
		conclude(k, s->plan, &a);
	else
		look_fini(k);
	forget(&a, s->plan);
	return r;
}

void look_fini(struct look *k)
{
	free(k->waits);
	free(k->root);
	free(k->vlan);
	free(k->carries);
	*k = (struct look){ 0 };
}

/* Okabe and Ito's, which colour-blind people tell apart too. */
const char *look_colour(const struct look *k, uint16_t vlan)
{
	static const char *const colours[] = { "#0072b2", "#e69f00", "#009e73", "#cc79a7",
					       "#d55e00", "#56b4e9", "#b59f00", "#7f7f7f" };
	for (unsigned i = 0; i < k->nvlans; i++)
		if (k->vlans[i] == vlan)
			return colours[i % (sizeof colours / sizeof *colours)];
	return NULL;
}
