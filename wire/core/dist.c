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

/* Mean 0 and deviation `jitter`, as a waiting time less its mean: jitter * (-ln u - 1). */
static int64_t exponential(int64_t jitter_ns, uint64_t bits)
{
	u128 wait = neg_ln(bits) >> 16; /* 80.48: times an hour in ns it stays below 2^127 */
	return (int64_t)(wait * (uint64_t)jitter_ns >> 48) - jitter_ns;
}

int64_t dist_deviation(const struct wire_law *law, uint64_t bits)
{
	int64_t jitter = law->jitter_ns;
	unsigned i = (unsigned)mul_high(bits, DIST_SIZE);
	if (jitter == 0)
		return 0;
	switch (law->dist) {
	case WIRE_UNIFORM:
		return (int64_t)mul_high(bits, 2 * (uint64_t)jitter + 1) - jitter;
	case WIRE_NORMAL:
		return scaled(jitter, normal(i));
	case WIRE_PARETO:
		return scaled(jitter, dist_pareto[i]);
	case WIRE_PARETONORMAL: /* iproute2 netem/paretonormal.c */
		return scaled(jitter, (dist_normal[i] + 3 * dist_pareto[i]) / 4);
	case WIRE_EXPONENTIAL:
		return exponential(jitter, bits);
	case WIRE_DIST_FILE:
		return scaled(jitter, law->dist_file->v[mul_high(bits, law->dist_file->count)]);
	}
	return 0;
}
