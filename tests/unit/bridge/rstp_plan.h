/* SPDX-License-Identifier: MIT */
/* rstp_plan.h - networks of spanning trees by shape, and random plans of what befalls them, for the
 * tests and the soak: cuts, mends, flaps, deaths, restarts, changes of priority and cost, and what
 * no switch notices; all is healed at the end. The seed decides everything. */
#ifndef DW_TESTS_RSTP_PLAN_H
#define DW_TESTS_RSTP_PLAN_H

#include "lib/base/stream.h"
#include "tests/unit/bridge/rstp_net.h"

enum shape { RING, GRID, MESH, RANDOM, SHAPES };
static const char *const shape_names[] = { "ring", "grid", "mesh", "random" };

enum plan_kind {
	PLAN_NOTICED, /* every lost link is seen at once */
	PLAN_SILENT,  /* also cables that are dead while both links stay up */
	PLAN_ONE_WAY, /* also ends that hear nothing and are heard */
	PLAN_KINDS
};

struct plan_net {
	struct net *n;
	unsigned used[NET_BRIDGES];
	bool dead[NET_BRIDGES];
	struct stream s;
	uint64_t k; /* draws so far */
};

struct plan_figures {
	int64_t loop, loop_longest; /* while a loop was open: in all, at most */
	int64_t split_longest;      /* longest time some way by cables was not a way by ports */
	int64_t converged;          /* from the last healing to the last port that moved */
	int loops_at_end, parts;    /* 0 and 1 */
	uint64_t bpdus;
};

static inline uint64_t plan_draw(struct plan_net *p, uint64_t below)
{
	return draw_below(p->s, p->k++, 0, below);
}

static inline void plan_join(struct plan_net *p, int a, int b)
{
	if (a != b && p->used[a] < NET_PORTS && p->used[b] < NET_PORTS)
		net_join(p->n, a, ++p->used[a], b, ++p->used[b]);
}

static inline void plan_wire(struct plan_net *p, enum shape shape, int size)
{
	switch (shape) {
	case RING:
	case RANDOM:
		for (int i = 0; i < size; i++)
			plan_join(p, i, (i + 1) % size);
		for (int i = 0; shape == RANDOM && i < size; i++) /* 2-connected, and chords */
			plan_join(p, (int)plan_draw(p, (uint64_t)size),
				  (int)plan_draw(p, (uint64_t)size));
		break;
	case GRID: /* size is that of a side */
		for (int i = 0; i < size * size; i++) {
			if ((i + 1) % size)
				plan_join(p, i, i + 1);
			if (i + size < size * size)
				plan_join(p, i, i + size);
		}
		break;
	case MESH:
		for (int i = 0; i < size; i++)
			for (int j = i + 1; j < size; j++)
				plan_join(p, i, j);
		break;
	case SHAPES:
		break;
	}
}

/* Random: priorities are drawn, so that any bridge may be the root; delay 1 us to 5 ms. */
static inline void plan_build(struct plan_net *p, enum shape shape, int size, uint64_t seed)
{
	*p = (struct plan_net){ .n = net_new(), .s = stream_of(seed, "rstp-plan") };
	int bridges = shape == GRID ? size * size : size;
	for (int i = 0; i < bridges; i++)
		net_add(p->n, shape == RANDOM ? (uint16_t)(4096 * plan_draw(p, 16)) : 32768, NULL);
	if (shape == RANDOM)
		p->n->delay = (int64_t)plan_draw(p, MS(5)) + 1000;
	plan_wire(p, shape, size);
}

static inline void plan_links(struct plan_net *p, int bridge, bool up)
{
	for (unsigned q = 1; q <= p->used[bridge]; q++) {
		const struct net_end *e = &p->n->peer[bridge][q];
		if (!p->dead[e->bridge] && e->up != up)
			net_link_up(p->n, bridge, q, up);
	}
}

static inline void plan_kill(struct plan_net *p, int bridge)
{
	plan_links(p, bridge, false);
	p->dead[bridge] = true;
}

static inline void plan_restart(struct plan_net *p, int bridge)
{
	net_restart(p->n, bridge);
	p->dead[bridge] = false;
	plan_links(p, bridge, true);
}

static inline void plan_settings(struct plan_net *p, int bridge, unsigned port)
{
	if (plan_draw(p, 2)) {
		struct rstp_config c = *rstp_config(p->n->b[bridge].r);
		c.priority = (uint16_t)(4096 * plan_draw(p, 16));
		rstp_apply(p->n->b[bridge].r, &c, p->n->now);
	} else {
		struct rstp_port_config c = p->n->b[bridge].cfg[port];
		c.cost = (uint32_t)(1000 + plan_draw(p, 100000));
		net_port(p->n, bridge, port, &c);
	}
}

static inline void plan_deafen(struct plan_net *p, int bridge, unsigned port, bool one_way)
{
	struct net_end *e = &p->n->peer[bridge][port];
	e->deaf = !e->deaf;
	if (!one_way)
		p->n->peer[e->bridge][e->port].deaf = e->deaf;
	p->n->moved = true;
}

static inline void plan_fault(struct plan_net *p, enum plan_kind kind)
{
	int bridge = (int)plan_draw(p, (uint64_t)p->n->bridges);
	unsigned port = 1 + (unsigned)plan_draw(p, p->used[bridge]);
	struct net_end *e = &p->n->peer[bridge][port];
	uint64_t what = plan_draw(p, 16);
	if (p->dead[bridge] || p->dead[e->bridge]) {
		plan_restart(p, p->dead[bridge] ? bridge : e->bridge);
	} else if (what < 6) { /* cut or mended */
		net_link_up(p->n, bridge, port, !e->up);
	} else if (what < 9) { /* a flap */
		net_link_up(p->n, bridge, port, !e->up);
		net_run(p->n, p->n->now + (int64_t)plan_draw(p, MS(500)));
		net_link_up(p->n, bridge, port, !e->up);
	} else if (kind != PLAN_NOTICED && what < 11) {
		plan_deafen(p, bridge, port, kind == PLAN_ONE_WAY && plan_draw(p, 2));
	} else if (what < 13) {
		plan_kill(p, bridge);
	} else if (what < 14) {
		plan_restart(p, bridge);
	} else {
		plan_settings(p, bridge, port);
	}
}

static inline void plan_heal(struct plan_net *p)
{
	for (int i = 0; i < p->n->bridges; i++)
		if (p->dead[i])
			plan_restart(p, i);
	for (int i = 0; i < p->n->bridges; i++) {
		for (unsigned q = 1; q <= p->used[i]; q++)
			p->n->peer[i][q].deaf = false;
		plan_links(p, i, true);
	}
}

/* From a standing start: faults up to `pause` apart, healed, then left in peace. When a cable that
 * was dead works again, both ends may be forwarding: there is a loop until the next hello. */
static inline struct plan_figures plan_run(struct plan_net *p, unsigned faults, int64_t pause,
					   enum plan_kind kind)
{
	struct net *n = p->n;
	struct plan_figures f = { 0 };
	net_run(n, n->now + SEC(10));
	for (unsigned i = 0; i < faults; i++) {
		plan_fault(p, kind);
		net_run(n, n->now + (int64_t)plan_draw(p, (uint64_t)pause));
	}
	plan_heal(p);
	int64_t healed = n->now;
	net_run(n, n->now + SEC(70));
	f.loop = net_total(&n->loops, n->now);
	f.loop_longest = n->loops.longest;
	f.split_longest = n->split.longest;
	f.converged = n->moved_at > healed ? n->moved_at - healed : 0;
	f.loops_at_end = net_loops(n, &f.parts);
	f.bpdus = n->sent;
	net_free(n);
	return f;
}

#endif
