/* SPDX-License-Identifier: MIT */
/* dist.c - the laws of jitter: 64 uniform bits to a deviation from the mean. */
#include "wire/core/dist.h"

#include "wire/core/fixed.h"

/* net/sched/sch_netem.c, tabledist(): split so that no product leaves 64 bits. */
static int64_t scaled(int64_t jitter_ns, int64_t entry)
{
	int64_t low = jitter_ns % DIST_SCALE * entry;
	low += low >= 0 ? DIST_SCALE / 2 : -(DIST_SCALE / 2);
	return low / DIST_SCALE + jitter_ns / DIST_SCALE * entry;
}

static int64_t normal(unsigned i)
{
	return dist_normal[i] < INT16_MIN ? INT16_MIN : dist_normal[i];
}

int64_t dist_deviation(enum wire_dist dist, int64_t jitter_ns, uint64_t bits)
{
	unsigned i = (unsigned)mul_high(bits, DIST_SIZE);
	switch (dist) {
	case WIRE_UNIFORM:
		return (int64_t)mul_high(bits, 2 * (uint64_t)jitter_ns + 1) - jitter_ns;
	case WIRE_NORMAL:
		return scaled(jitter_ns, normal(i));
	case WIRE_PARETO:
		return scaled(jitter_ns, dist_pareto[i]);
	case WIRE_PARETONORMAL: /* iproute2 netem/paretonormal.c */
		return scaled(jitter_ns, (dist_normal[i] + 3 * dist_pareto[i]) / 4);
	}
	return 0;
}
