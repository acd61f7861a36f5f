/* SPDX-License-Identifier: MIT */
/* clock.c - the clocks of nodes: each begins as the lab's, may run faster or slower (a fault), and
 * never goes back. Integer arithmetic, so that every machine gets the same instants. */
#include "lab/sim/sim.h"

enum { MILLION = 1000000 };

static int64_t scaled(int64_t ns, int64_t by, int64_t of) /* ns * by / of, without overflow */
{
	return ns / of * by + ns % of * by / of;
}

static int64_t own_after(const struct sim_clock *c, int64_t lab_ns)
{
	return lab_ns + scaled(lab_ns, c->ppm, MILLION);
}

int64_t sim_clock(const struct sim_node *n)
{
	const struct sim_clock *c = &n->clock;
	return c->own + own_after(c, n->sim->now - c->lab);
}

int64_t sim_clock_due(const struct sim_node *n, int64_t own)
{
	const struct sim_clock *c = &n->clock;
	if (own == TIME_NEVER)
		return own;
	if (own <= c->own)
		return c->lab;
	if (!c->ppm)
		return c->lab + (own - c->own);
	int64_t wanted = own - c->own, lab_ns = scaled(wanted, MILLION, MILLION + c->ppm);
	while (own_after(c, lab_ns) < wanted) /* what rounding took */
		lab_ns++;
	return c->lab + lab_ns;
}

void sim_clock_skew(struct sim_node *n, int32_t ppm)
{
	n->clock = (struct sim_clock){ .lab = n->sim->now, .own = sim_clock(n), .ppm = ppm };
}
